// Works on each row once at a time in this process. Whoever asks while a row is being worked on gets the run that starts
// after it: the running one may have read the row before the event happened. All who wait share that one run.
import { failure, type Outcome } from '@lockstep/contracts';

type Work<T> = () => Promise<Outcome<T>>;

interface Line<T> {
  next: { readonly done: Promise<Outcome<T>> } | undefined;
}

export class OneAtATime<T> {
  readonly #maxRows: number;
  readonly #lines = new Map<number, Line<T>>();

  /** @param maxRows rows that may be worked on at one time; more are refused with `service-busy` */
  constructor(maxRows: number) {
    this.#maxRows = maxRows;
  }

  get running(): number {
    return this.#lines.size;
  }

  run(id: number, work: Work<T>): Promise<Outcome<T>> {
    const line = this.#lines.get(id);
    if (line?.next !== undefined) return line.next.done;
    if (line !== undefined) return this.#afterwards(id, line, work);
    if (this.#lines.size >= this.#maxRows) return Promise.resolve(failure('service-busy', { backOffMs: 1_000 }));
    return this.#start(id, work).done;
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    while (this.#lines.size > 0) await Promise.allSettled([...this.#lines.values()].map((line) => line.next?.done ?? this.#current.get(line)));
  }

  readonly #current = new WeakMap<Line<T>, Promise<unknown>>();

  #start(id: number, work: Work<T>): { readonly done: Promise<Outcome<T>> } {
    const line: Line<T> = { next: undefined };
    this.#lines.set(id, line);
    const done = work().finally(() => {
      if (this.#lines.get(id) === line && line.next === undefined) this.#lines.delete(id);
    });
    this.#current.set(line, done);
    return { done };
  }

  #afterwards(id: number, line: Line<T>, work: Work<T>): Promise<Outcome<T>> {
    const before = this.#current.get(line) ?? Promise.resolve();
    const done = before.then(
      () => this.#start(id, work).done,
      () => this.#start(id, work).done,
    );
    line.next = { done };
    return done;
  }
}
