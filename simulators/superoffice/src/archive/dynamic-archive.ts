// The dynamic archive: any table by `table.column`, the base table being the one that all columns begin with. It reads
// rows as they are stored, so it shows what no entity has (`original_start_date`, `updatedCount`).

import { emptyRow } from '../appointments/appointments.ts';
import { tableNumbers } from '../changes/transaction-log.ts';
import { badArgument, forbidden } from '../input/error.ts';
import type { Database } from '../store/database.ts';
import type { Archive, ColumnKind, Raw } from './archive-query.ts';
import { associatesOf, columnMap } from './archives.ts';

type AnyRow = Readonly<Record<string, unknown>>;

interface DynamicTable {
  readonly key: string;
  readonly columns: Readonly<Record<string, ColumnKind>>;
  readonly rows: (conjuncts: Parameters<Archive<AnyRow>['rows']>[0]) => Iterable<AnyRow>;
}

const instants = new Set(['registered', 'updated']);
const walls = new Set(['do_by', 'endDate', 'activeDate', 'done', 'original_start_date']);

function appointmentColumns(): Readonly<Record<string, ColumnKind>> {
  const kind = (name: string, value: unknown): ColumnKind => {
    if (instants.has(name)) return 'instant';
    if (walls.has(name)) return 'wall';
    return typeof value === 'string' ? 'text' : 'int';
  };
  return Object.fromEntries(Object.entries(emptyRow).map(([name, value]) => [name, kind(name, value)]));
}

const integers = (names: string): Readonly<Record<string, ColumnKind>> =>
  Object.fromEntries(names.split(' ').map((name) => [name, 'int']));

/** Finds the archive for these columns. @throws 400 unknown table, 403 a table that may not be read. */
export function dynamicArchive(database: Database, select: readonly string[]): Archive<AnyRow> {
  const names = new Set(select.map((name) => name.split(/[.:]/)[0] ?? ''));
  const [name = ''] = names;
  if (names.size !== 1) throw badArgument('All columns must begin with the same table');
  if (name === 'traveltransactionlog' && !database.switches.transactionLogReadable) {
    throw forbidden('No right to read table traveltransactionlog');
  }
  const table = tables(database).get(name);
  if (table === undefined) throw badArgument(`Table '${name}' is not available`);
  const columns = columnMap<AnyRow>(
    Object.entries(table.columns).map(([column, kind]) => [`${name}.${column}`, kind, (row) => rawOf(row[column])]),
  );
  return {
    entity: name,
    primaryKey: (row) => Number(row[table.key]),
    columns,
    rows: table.rows,
    switches: new Set(['getallrows', 'getnorows']),
  };
}

const rawOf = (value: unknown): Raw =>
  typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? value : '';

const asRows = (rows: Iterable<object>): Iterable<AnyRow> => rows as Iterable<AnyRow>;

function tables(database: Database): ReadonlyMap<string, DynamicTable> {
  const all: Readonly<Record<string, DynamicTable>> = {
    appointment: {
      key: 'appointment_id',
      columns: appointmentColumns(),
      rows: (conjuncts) => {
        const associates = associatesOf(conjuncts, 'appointment.associate_id');
        if (associates === undefined) return asRows(database.appointments.values());
        return asRows(associates.flatMap((id) => database.appointments.ofAssociate(id)));
      },
    },
    traveltransactionlog: {
      key: 'traveltransactionlog_id',
      columns: {
        ...integers(
          'traveltransactionlog_id prev_record_id type associate_id tablenumber record_id flags application_id',
        ),
        ttime: 'local',
      },
      rows: () => asRows(database.transactions.values()),
    },
    mergemovelog: {
      key: 'mergemovelog_id',
      columns: {
        ...integers('mergemovelog_id tableNumber operation sourceRecord destinationRecord registered_associate_id'),
        registered: 'instant',
      },
      rows: () => asRows(database.mergeMoves.values()),
    },
    webhook_usage: {
      key: 'webhook_usage_id',
      columns: {
        ...integers('webhook_usage_id total_calls total_errors consecutive_errors'),
        last_error: 'text',
      },
      rows: () => [...database.webhooks.values()].map((row) => ({ ...row, webhook_usage_id: row.webhook_id })),
    },
    sequence: {
      key: 'sequence_id',
      columns: { ...integers('sequence_id next_id table_number'), tablename: 'text' },
      rows: () => sequences(database),
    },
  };
  return new Map(Object.entries(all));
}

function sequences(database: Database): readonly AnyRow[] {
  const nextIds: Readonly<Record<keyof typeof tableNumbers, number>> = {
    contact: database.contacts.nextId,
    person: database.persons.nextId,
    appointment: database.appointments.nextId,
    associate: database.associates.nextId,
    selection: database.selections.nextId,
  };
  return Object.entries(nextIds).map(([tablename, next_id]) => {
    const number = Object.entries(tableNumbers).find(([name]) => name === tablename)?.[1] ?? 0;
    return { sequence_id: number, table_number: number, tablename, next_id };
  });
}
