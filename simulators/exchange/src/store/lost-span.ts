// What an unclean end lost: changes between the newest snapshot and the restart. A cookie from that time describes a store
// that no longer exists, so it is refused, and the client loads anew instead of missing something for ever.

export class LostSpan {
  readonly #spans: readonly (readonly [number, number])[];

  /** @param spans from the last serial in the snapshot to the first of the new run, both exclusive */
  constructor(spans: readonly (readonly [number, number])[]) {
    this.#spans = spans;
  }

  contains(serial: number): boolean {
    return this.#spans.some(([from, to]) => serial > from && serial < to);
  }

  toJSON(): readonly (readonly [number, number])[] {
    return this.#spans;
  }
}
