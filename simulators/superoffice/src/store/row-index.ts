// From a key to the ids of the rows that have it, for tables that are read by something else than their primary key.

export class RowIndex<Key> {
  readonly #ids = new Map<Key, Set<number>>();

  add(key: Key, id: number): void {
    const ids = this.#ids.get(key);
    if (ids === undefined) this.#ids.set(key, new Set([id]));
    else ids.add(id);
  }

  remove(key: Key, id: number): void {
    const ids = this.#ids.get(key);
    ids?.delete(id);
    if (ids?.size === 0) this.#ids.delete(key);
  }

  /** Ids in the order in which they were added. */
  get(key: Key): Iterable<number> {
    return this.#ids.get(key) ?? [];
  }

  clear(): void {
    this.#ids.clear();
  }
}
