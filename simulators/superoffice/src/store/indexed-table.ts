// A table that keeps indexes in step with its rows, whatever way a row comes or goes. A subclass says which key a row
// has in which index; undefined leaves it out.
import type { RowIndex } from './row-index.ts';
import { type StoredTable, Table } from './table.ts';

export interface IndexedBy<Row> {
  readonly index: RowIndex<string> | RowIndex<number>;
  readonly add: (row: Row, id: number) => void;
  readonly remove: (row: Row, id: number) => void;
}

/** Ties an index to the key of a row. */
export const indexedBy = <Row, Key extends string | number>(
  index: RowIndex<Key> & (RowIndex<string> | RowIndex<number>),
  key: (row: Row) => Key | undefined,
): IndexedBy<Row> => ({
  index,
  add: (row, id) => {
    const value = key(row);
    if (value !== undefined) index.add(value, id);
  },
  remove: (row, id) => {
    const value = key(row);
    if (value !== undefined) index.remove(value, id);
  },
});

export class IndexedTable<Row> extends Table<Row> {
  readonly #indexes: readonly IndexedBy<Row>[];

  constructor(changed: () => void, indexes: readonly IndexedBy<Row>[]) {
    super(changed);
    this.#indexes = indexes;
  }

  override set(id: number, row: Row): void {
    const before = this.get(id);
    for (const { add, remove } of this.#indexes) {
      if (before !== undefined) remove(before, id);
      add(row, id);
    }
    super.set(id, row);
  }

  override delete(id: number): boolean {
    const before = this.get(id);
    if (before !== undefined) for (const { remove } of this.#indexes) remove(before, id);
    return super.delete(id);
  }

  override clear(): void {
    super.clear();
    for (const { index } of this.#indexes) index.clear();
  }

  override import(stored: StoredTable): void {
    this.clear();
    super.import(stored);
    for (const [id, row] of this.entries()) for (const { add } of this.#indexes) add(row, id);
  }

  /** Rows by ids, in the order of their ids. */
  protected rowsOf(ids: Iterable<number>): readonly Row[] {
    const rows: Row[] = [];
    for (const id of [...ids].toSorted((a, b) => a - b)) {
      const row = this.get(id);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }
}
