// A bounded number of tasks that run, and a bounded queue of those that wait. The NATS client itself bounds neither.
import type { ServeBounds } from './bus.ts';

/** One queued piece of work. `start` never rejects; `refuse` is called instead when the slots close before its turn. */
export interface Task {
  start(): Promise<void>;
  refuse(): void;
}

export class Slots {
  readonly #bounds: ServeBounds;
  readonly #waiting: Task[] = [];
  #running = 0;
  #closed = false;
  readonly #onIdle: (() => void)[] = [];

  constructor(bounds: ServeBounds) {
    if (!(bounds.running >= 1) || !(bounds.waiting >= 0))
      throw new RangeError('bounds: running from 1, waiting from 0');
    this.#bounds = bounds;
  }

  /** `full`: neither started nor queued. `closed`: no new work is taken. */
  offer(task: Task): 'accepted' | 'full' | 'closed' {
    if (this.#closed) return 'closed';
    if (this.#running < this.#bounds.running) this.#run(task);
    else if (this.#waiting.length < this.#bounds.waiting) this.#waiting.push(task);
    else return 'full';
    return 'accepted';
  }

  /** Refuses what waits and everything new; resolves when nothing runs any more. */
  close(): Promise<void> {
    this.#closed = true;
    for (const task of this.#waiting.splice(0)) task.refuse();
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #run(task: Task): void {
    this.#running++;
    void task.start().finally(() => {
      this.#running--;
      const next = this.#waiting.shift();
      if (next !== undefined) this.#run(next);
      else if (this.#running === 0) for (const idle of this.#onIdle.splice(0)) idle();
    });
  }
}
