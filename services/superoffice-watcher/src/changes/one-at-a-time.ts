// Works on each row once at a time in this process. Whoever asks while a row is being worked on gets the run that starts
// after it: the running one may have read the row before the event happened. All who wait share that one run.
import { failure, type Outcome } from '@lockstep/contracts';

type Work<T> = () => Promise<Outcome<T>>;

interface Line<T> {
  /** Never rejects. */
  readonly ended: Promise<void>;
  next: Promise<Outcome<T>> | undefined;
}

export class OneAtATime<T> {
  readonly #maxRows: number;
  readonly #lines = new Map<number, Line<T>>();

  /** @param maxRows rows that may be worked on at one time; more are refused with `service-busy` */
  constructor(maxRows: number) {
    this.#maxRows = maxRows;
  }

  run(id: number, work: Work<T>): Promise<Outcome<T>> {
    const line = this.#lines.get(id);
    if (line !== undefined) {
      line.next ??= line.ended.then(() => this.#start(id, work));
      return line.next;
    }
    if (this.#lines.size >= this.#maxRows) return Promise.resolve(failure('service-busy', { backOffMs: 1_000 }));
    return this.#start(id, work);
  }

  #start(id: number, work: Work<T>): Promise<Outcome<T>> {
    const running = work();
    const end = () => {
      if (line.next === undefined) this.#lines.delete(id);
    };
    const line: Line<T> = { ended: running.then(end, end), next: undefined };
    this.#lines.set(id, line);
    return running;
  }
}
