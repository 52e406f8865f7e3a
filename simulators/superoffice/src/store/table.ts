// One database table: rows by primary key and a sequence that never gives an id twice, not even after a reset or a
// crash (see `skipIds`). Rows are immutable values; a change replaces the row.

export interface StoredTable {
  readonly nextId: number;
  readonly rows: readonly (readonly [number, unknown])[];
}

export class Table<Row> {
  readonly #rows = new Map<number, Row>();
  readonly #changed: () => void;
  #nextId = 1;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get size(): number {
    return this.#rows.size;
  }

  get nextId(): number {
    return this.#nextId;
  }

  takeId(): number {
    this.#changed();
    return this.#nextId++;
  }

  get(id: number): Row | undefined {
    return this.#rows.get(id);
  }

  set(id: number, row: Row): void {
    this.#rows.set(id, row);
    this.#changed();
  }

  delete(id: number): boolean {
    this.#changed();
    return this.#rows.delete(id);
  }

  values(): MapIterator<Row> {
    return this.#rows.values();
  }

  entries(): MapIterator<[number, Row]> {
    return this.#rows.entries();
  }

  /** Removes the rows; the sequence goes on. */
  clear(): void {
    this.#rows.clear();
    this.#changed();
  }

  /** Jumps the sequence, as a server does that had reserved a block of ids when it died. */
  skipIds(count: number): void {
    this.#nextId += count;
    this.#changed();
  }

  export(): StoredTable {
    return { nextId: this.#nextId, rows: [...this.#rows] };
  }

  import(stored: StoredTable): void {
    this.#rows.clear();
    for (const [id, row] of stored.rows) this.#rows.set(id, row as Row);
    this.#nextId = Math.max(this.#nextId, stored.nextId);
    this.#changed();
  }
}
