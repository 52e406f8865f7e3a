// All tables of the one simulated tenant. It knows nothing of time stamps, events or rights: those belong to the
// classes that write through it. `version` grows with every write and tells the snapshot when it is out of date.
import { AppointmentTable } from './appointment-table.ts';
import { AssociateTable } from './associate-table.ts';
import { ForeignKeyTable } from './foreign-key-table.ts';
import type {
  ContactRow,
  ForeignAppRow,
  ForeignDeviceRow,
  InvitationRow,
  MergeMoveRow,
  ParticipantRow,
  PersonRow,
  RecurrenceRuleRow,
  SelectionRow,
  TextRow,
  TransactionRow,
  VisibleForRow,
  WebhookRow,
} from './rows.ts';
import { type StoredTable, Table } from './table.ts';

export interface Switches {
  /** The administrator's multi-time-zone switch; off: `SO-TimeZone` has no effect. */
  readonly multiTimeZone: boolean;
  /** Whether the dynamic archive may read `traveltransactionlog`. */
  readonly transactionLogReadable: boolean;
  /** On: an edit of title, text, agenda or notes alone moves no time stamp and raises no event. */
  readonly silentTextEdits: boolean;
  /** On: authentication as Online has it, without Basic and with SO-AppToken. */
  readonly online: boolean;
}

const defaultSwitches: Switches = {
  multiTimeZone: true,
  transactionLogReadable: true,
  silentTextEdits: false,
  online: false,
};

export class Database {
  version = 0;
  switches: Switches = defaultSwitches;

  readonly #changed = () => {
    this.version++;
  };
  readonly appointments = new AppointmentTable(this.#changed);
  readonly texts = new Table<TextRow>(this.#changed);
  /** User-defined fields by appointment id. */
  readonly customFields = new Table<Readonly<Record<string, string>>>(this.#changed);
  /** By appointment id; no row means `All`. */
  readonly visibleFor = new Table<readonly VisibleForRow[]>(this.#changed);
  /** By the id of a plain or mother appointment; no row means its owner alone. */
  readonly participants = new Table<readonly ParticipantRow[]>(this.#changed);
  readonly recurrenceRules = new Table<RecurrenceRuleRow>(this.#changed);
  readonly invitations = new Table<InvitationRow>(this.#changed);
  readonly associates = new AssociateTable(this.#changed);
  readonly persons = new Table<PersonRow>(this.#changed);
  readonly contacts = new Table<ContactRow>(this.#changed);
  readonly selections = new Table<SelectionRow>(this.#changed);
  readonly mergeMoves = new Table<MergeMoveRow>(this.#changed);
  /** User-defined fields by person id and by company id. */
  readonly personCustomFields = new Table<Readonly<Record<string, string>>>(this.#changed);
  readonly contactCustomFields = new Table<Readonly<Record<string, string>>>(this.#changed);
  readonly transactions = new Table<TransactionRow>(this.#changed);
  readonly foreignApps = new Table<ForeignAppRow>(this.#changed);
  readonly foreignDevices = new Table<ForeignDeviceRow>(this.#changed);
  readonly foreignKeys = new ForeignKeyTable(this.#changed);
  readonly webhooks = new Table<WebhookRow>(this.#changed);

  /** Every table by its name in the snapshot. */
  tables(): ReadonlyMap<string, Table<unknown>> {
    const tables = new Map<string, Table<unknown>>();
    for (const [name, value] of Object.entries(this)) {
      if (value instanceof Table) tables.set(name, value as Table<unknown>);
    }
    return tables;
  }

  /** Keys vanish with their row; nobody is told. */
  deleteForeignKeys(tableName: string, recordId: number): void {
    for (const key of this.foreignKeys.ofRecord(tableName, recordId)) this.foreignKeys.delete(key.id);
  }

  deleteInvitations(appointmentId: number): void {
    for (const invitation of this.invitations.values()) {
      if (invitation.appointmentId === appointmentId) this.invitations.delete(invitation.id);
    }
  }

  setSwitches(switches: Partial<Switches>): void {
    this.switches = { ...this.switches, ...switches };
    this.#changed();
  }

  /** Empties every table; ids go on. */
  clear(): void {
    for (const table of this.tables().values()) table.clear();
    this.switches = defaultSwitches;
  }

  export(): Readonly<Record<string, StoredTable>> {
    return Object.fromEntries([...this.tables()].map(([name, table]) => [name, table.export()]));
  }

  import(stored: Readonly<Record<string, StoredTable>>): void {
    for (const [name, table] of this.tables()) {
      const rows = stored[name];
      if (rows !== undefined) table.import(rows);
    }
  }
}
