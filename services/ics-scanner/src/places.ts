// A fixed number of places, given in the order in which they were asked for. Who fetches work takes a place first, so that no more
// work is fetched than can be begun.

export class Places {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Waits for a place; resolves to false, without one, when the signal is aborted. Waiters are bounded by who may ask. */
  take(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const given = () => {
        signal.removeEventListener('abort', left);
        resolve(true);
      };
      const left = () => {
        this.#waiting.splice(this.#waiting.indexOf(given), 1);
        resolve(false);
      };
      this.#waiting.push(given);
      signal.addEventListener('abort', left, { once: true });
    });
  }

  giveBack(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
