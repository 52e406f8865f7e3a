// Event ids that were dealt with, so that a repeated delivery costs nothing. Forgetting one is harmless: its row is looked
// at once more.

export class EventIds {
  readonly #maxIds: number;
  readonly #ids = new Set<string>();

  constructor(maxIds: number) {
    this.#maxIds = maxIds;
  }

  has(eventId: string): boolean {
    return this.#ids.has(eventId);
  }

  add(eventId: string): void {
    this.#ids.add(eventId);
    const [oldest] = this.#ids;
    if (oldest !== undefined && this.#ids.size > this.#maxIds) this.#ids.delete(oldest);
  }
}
