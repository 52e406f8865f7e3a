// The simulator's own clock: real time plus an offset that a test may move. SuperOffice stores time stamps with a
// precision of one second, so a stamp is always taken with `nowSecondMs`, never with `nowMs`.

export class Clock {
  readonly #source: () => number;
  #offsetMs = 0;

  constructor(source: () => number) {
    this.#source = source;
  }

  nowMs(): number {
    return this.#source() + this.#offsetMs;
  }

  /** Now, cut to whole seconds: what the database keeps in `registered` and `updated`. */
  nowSecondMs(): number {
    return Math.floor(this.nowMs() / 1000) * 1000;
  }

  /** Moves the clock, backwards when negative. */
  advance(byMs: number): void {
    this.#offsetMs += byMs;
  }
}
