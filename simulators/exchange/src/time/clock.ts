// The simulator's clock: real time plus what a test has advanced it by. Timers follow it, so that advancing an hour
// fires what was due within that hour at once.

export type Cancel = () => void;

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
  handle: NodeJS.Timeout | undefined;
}

/** Time and timers of one simulator. */
export class Clock {
  readonly #realNow: () => number;
  readonly #timers = new Set<Timer>();
  #offsetMs: number;

  /** @param offsetMs how far ahead of real time it starts, from a snapshot */
  constructor(realNow: () => number = Date.now, offsetMs = 0) {
    this.#realNow = realNow;
    this.#offsetMs = offsetMs;
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  nowMs(): number {
    return this.#realNow() + this.#offsetMs;
  }

  /** Runs once after that time; never keeps the process alive. Times beyond 24 days are re-armed on the way. */
  after(delayMs: number, run: () => void): Cancel {
    const timer: Timer = { dueMs: this.nowMs() + delayMs, run, handle: undefined };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => this.#drop(timer);
  }

  /** Moves time forward and runs, in order, what became due. */
  advance(byMs: number): void {
    this.#offsetMs += byMs;
    const due = [...this.#timers].filter((timer) => timer.dueMs <= this.nowMs());
    due.sort((a, b) => a.dueMs - b.dueMs);
    for (const timer of due) this.#fire(timer);
    for (const timer of this.#timers) this.#arm(timer);
  }

  /** Drops all timers. */
  stop(): void {
    for (const timer of [...this.#timers]) this.#drop(timer);
  }

  #arm(timer: Timer): void {
    clearTimeout(timer.handle);
    const waitMs = Math.min(Math.max(0, timer.dueMs - this.nowMs()), 2 ** 31 - 1);
    timer.handle = setTimeout(() => (timer.dueMs > this.nowMs() ? this.#arm(timer) : this.#fire(timer)), waitMs);
    timer.handle.unref();
  }

  #fire(timer: Timer): void {
    if (!this.#timers.has(timer)) return;
    this.#drop(timer);
    timer.run();
  }

  #drop(timer: Timer): void {
    clearTimeout(timer.handle);
    this.#timers.delete(timer);
  }
}
