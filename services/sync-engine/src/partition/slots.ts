// How many messages may be in hand at the same time. One is asked for before anything is fetched, so that nothing is
// taken from the stream that nobody could work on.

export class Slots {
  readonly #limit: number;
  #taken = 0;
  readonly #waiting = new Set<() => void>();

  constructor(limit: number) {
    if (!(limit >= 1)) throw new RangeError('at least one slot');
    this.#limit = limit;
  }

  get free(): number {
    return Math.max(0, this.#limit - this.#taken);
  }

  /** Ends when a slot is free, or at once when the signal aborts. It is not taken: whoever wants it asks again. */
  async whenFree(signal: AbortSignal): Promise<void> {
    while (this.free === 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#waiting.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      });
    }
  }

  take(): void {
    this.#taken++;
  }

  release(): void {
    this.#taken--;
    // All of them look again: which of them is quickest does not matter, and none is forgotten.
    for (const wake of [...this.#waiting]) wake();
  }
}
