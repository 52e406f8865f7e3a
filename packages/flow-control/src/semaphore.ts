// The one semaphore: so many places, a bounded number who wait for one, in the order in which they asked.
// A place is handed over to the next who waits, never freed and taken again, so that nobody overtakes.

export interface SemaphoreBounds {
  /** Places, from 1. */
  readonly places: number;
  /** Beyond this many waiting, whoever asks is told `full`. */
  readonly waiting: number;
}

/** `taken`: the caller owes one `giveBack`. Anything else: there is no place, and nothing to give back. */
export type Taken = 'taken' | 'full' | 'aborted' | 'closed';

export class Semaphore {
  readonly #bounds: SemaphoreBounds;
  /** Who waits for a place, the longest waiting first. */
  readonly #waiting = new Set<(taken: Taken) => void>();
  /** Who waits for a free place without wanting it yet. */
  readonly #watching = new Set<() => void>();
  readonly #onIdle: (() => void)[] = [];
  #taken = 0;
  #closed = false;

  /** Throws `RangeError` when a bound makes no sense. */
  constructor(bounds: SemaphoreBounds) {
    if (!(bounds.places >= 1) || !(bounds.waiting >= 0))
      throw new RangeError('a semaphore has at least one place, and 0 or more who wait');
    this.#bounds = bounds;
  }

  /** Places that nobody has. */
  get free(): number {
    return this.#bounds.places - this.#taken;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Takes a place if one is free at this moment. */
  tryTake(): boolean {
    if (this.#closed || this.free === 0) return false;
    this.#taken++;
    return true;
  }

  /** Waits for a place until the signal aborts. */
  take(signal?: AbortSignal): Promise<Taken> {
    if (this.#closed) return Promise.resolve('closed');
    if (signal?.aborted) return Promise.resolve('aborted');
    if (this.tryTake()) return Promise.resolve('taken');
    if (this.#waiting.size >= this.#bounds.waiting) return Promise.resolve('full');
    return new Promise((resolve) => {
      const settle = (taken: Taken) => {
        this.#waiting.delete(settle);
        signal?.removeEventListener('abort', abort);
        resolve(taken);
      };
      const abort = () => settle('aborted');
      this.#waiting.add(settle);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  giveBack(): void {
    if (this.#taken === 0) throw new RangeError('a place is given back that nobody took');
    const [next] = this.#waiting;
    if (next !== undefined) {
      next('taken');
      return;
    }
    this.#taken--;
    // All of them look again: which of them is quickest does not matter, and none is forgotten.
    for (const wake of [...this.#watching]) wake();
    if (this.#taken === 0) for (const idle of this.#onIdle.splice(0)) idle();
  }

  /** Ends when a place is free, or when the signal aborts. The place is not taken: others may be quicker. */
  async whenFree(signal: AbortSignal): Promise<void> {
    while (this.free === 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#watching.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#watching.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      });
    }
  }

  /** Gives no place any more, to those who wait neither (`closed`); ends when every place was given back. */
  close(): Promise<void> {
    this.#closed = true;
    for (const settle of [...this.#waiting]) settle('closed');
    if (this.#taken === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }
}
