// Numbers that are never given twice, not even after a crash that lost the newest snapshot: they begin at the present
// time in microseconds, and no run hands out more than a thousand a millisecond.

/** Ids, change keys and positions in the change log all come from one of these. */
export class Serials {
  #last: number;

  /** @param last the highest one of an earlier run */
  constructor(nowMs: number, last = 0) {
    this.#last = Math.max(last, nowMs * 1000);
  }

  next(): number {
    this.#last += 1;
    return this.#last;
  }

  /** The highest one given so far. */
  get last(): number {
    return this.#last;
  }
}
