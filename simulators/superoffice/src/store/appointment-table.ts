// The appointment table with the three indexes that reading diaries, invitations and series needs. Without them each
// poll of one mailbox would read the rows of all.
import { IndexedTable, indexedBy } from './indexed-table.ts';
import { RowIndex } from './row-index.ts';
import type { AppointmentRow } from './rows.ts';

export class AppointmentTable extends IndexedTable<AppointmentRow> {
  readonly #byAssociate: RowIndex<number>;
  readonly #byMother: RowIndex<number>;
  readonly #byRule: RowIndex<number>;

  constructor(changed: () => void) {
    const byAssociate = new RowIndex<number>();
    const byMother = new RowIndex<number>();
    const byRule = new RowIndex<number>();
    super(changed, [
      indexedBy(byAssociate, (row) => row.associate_id),
      indexedBy(byMother, (row) => row.mother_id || undefined),
      indexedBy(byRule, (row) => row.recurrenceRuleId || undefined),
    ]);
    this.#byAssociate = byAssociate;
    this.#byMother = byMother;
    this.#byRule = byRule;
  }

  ofAssociate(associateId: number): readonly AppointmentRow[] {
    return this.rowsOf(this.#byAssociate.get(associateId));
  }

  /** Mother and children of one meeting, oldest first. */
  ofMother(motherId: number): readonly AppointmentRow[] {
    return this.rowsOf(this.#byMother.get(motherId));
  }

  ofRule(recurrenceRuleId: number): readonly AppointmentRow[] {
    return this.rowsOf(this.#byRule.get(recurrenceRuleId));
  }
}
