// The appointment table with the three indexes that reading diaries, invitations and series needs. Without them each
// poll of one mailbox would read the rows of all.
import type { AppointmentRow } from './rows.ts';
import { type StoredTable, Table } from './table.ts';

class Index {
  readonly #ids = new Map<number, Set<number>>();

  add(key: number, id: number): void {
    const ids = this.#ids.get(key);
    if (ids === undefined) this.#ids.set(key, new Set([id]));
    else ids.add(id);
  }

  remove(key: number, id: number): void {
    const ids = this.#ids.get(key);
    ids?.delete(id);
    if (ids?.size === 0) this.#ids.delete(key);
  }

  get(key: number): Iterable<number> {
    return this.#ids.get(key) ?? [];
  }

  clear(): void {
    this.#ids.clear();
  }
}

export class AppointmentTable extends Table<AppointmentRow> {
  readonly #byAssociate = new Index();
  readonly #byMother = new Index();
  readonly #byRule = new Index();

  ofAssociate(associateId: number): readonly AppointmentRow[] {
    return this.#rowsOf(this.#byAssociate, associateId);
  }

  /** Mother and children of one meeting, oldest first. */
  ofMother(motherId: number): readonly AppointmentRow[] {
    return motherId === 0 ? [] : this.#rowsOf(this.#byMother, motherId);
  }

  ofRule(recurrenceRuleId: number): readonly AppointmentRow[] {
    return recurrenceRuleId === 0 ? [] : this.#rowsOf(this.#byRule, recurrenceRuleId);
  }

  override set(id: number, row: AppointmentRow): void {
    this.#unindex(this.get(id));
    super.set(id, row);
    this.#index(row);
  }

  override delete(id: number): boolean {
    this.#unindex(this.get(id));
    return super.delete(id);
  }

  override clear(): void {
    super.clear();
    for (const index of [this.#byAssociate, this.#byMother, this.#byRule]) index.clear();
  }

  override import(stored: StoredTable): void {
    this.clear();
    super.import(stored);
    for (const row of this.values()) this.#index(row);
  }

  #rowsOf(index: Index, key: number): readonly AppointmentRow[] {
    const rows: AppointmentRow[] = [];
    for (const id of index.get(key)) {
      const row = this.get(id);
      if (row !== undefined) rows.push(row);
    }
    return rows.sort((a, b) => a.appointment_id - b.appointment_id);
  }

  #index(row: AppointmentRow): void {
    this.#byAssociate.add(row.associate_id, row.appointment_id);
    if (row.mother_id !== 0) this.#byMother.add(row.mother_id, row.appointment_id);
    if (row.recurrenceRuleId !== 0) this.#byRule.add(row.recurrenceRuleId, row.appointment_id);
  }

  #unindex(row: AppointmentRow | undefined): void {
    if (row === undefined) return;
    this.#byAssociate.remove(row.associate_id, row.appointment_id);
    this.#byMother.remove(row.mother_id, row.appointment_id);
    this.#byRule.remove(row.recurrenceRuleId, row.appointment_id);
  }
}
