// Lets a loop sleep until something changed, a time has passed or it is told to end.

export class WakeUp {
  #pending = false;
  #wake: (() => void) | undefined;

  /** Ends the present wait, or the next one at once. */
  now(): void {
    this.#pending = true;
    this.#wake?.();
  }

  /** Waits at most `forMs`. */
  async wait(forMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#pending && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          this.#wake = undefined;
          resolve();
        };
        const timer = setTimeout(done, forMs);
        signal.addEventListener('abort', done, { once: true });
        this.#wake = done;
      });
    }
    this.#pending = false;
  }
}
