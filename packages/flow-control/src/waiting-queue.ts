// The requests that wait for a token, bounded for each class and each payer. `take` decides who is next: the most urgent
// class first, payers of a class in turn, and a class that was passed over `turnAfter` times goes before the others.
// Who uses it sees only the interface `WaitingQueue`, so that another order (fair by the time of the calls) can replace this one.

/** A request that waits. `deadlineMs` and `askedAtMs` are monotonic. */
export interface Waiting {
  readonly requestId: string;
  readonly sessionId: string;
  readonly payer: string;
  /** Index of the class, 0 the most urgent. */
  readonly urgency: number;
  readonly askedAtMs: number;
  readonly deadlineMs: number;
}

export interface WaitingQueue<W extends Waiting> {
  readonly size: number;
  sizeOf(urgency: number): number;
  /** `full`: the class or the payer has as many waiting as it may; nothing changed. A request that waits already keeps its place. */
  offer(waiting: W): 'waiting' | 'full';
  /** Removes and returns who is next among those whose payer `may` be served now; undefined when there is none. */
  take(may: (payer: string) => boolean): W | undefined;
  remove(requestId: string): W | undefined;
  /** Removes and returns all that match: past their deadline, of an ended session, in a paused scope. */
  removeWhere(matches: (waiting: W) => boolean): readonly W[];
}

export interface UrgencyQueueOptions {
  /** Number of classes. */
  readonly classes: number;
  readonly maxPerClass: number;
  /** In each class. */
  readonly maxPerPayer: number;
  /** A waiting class is served at the latest after so many grants to others. */
  readonly turnAfter: number;
}

interface ClassQueue<W> {
  /** In the order of their turns; a payer that was served moves to the end. No empty lists. */
  readonly payers: Map<string, W[]>;
  size: number;
  passedOver: number;
}

/** By urgency, in turn among the payers of a class; no class and no payer starves. */
export class UrgencyQueue<W extends Waiting> implements WaitingQueue<W> {
  readonly #options: UrgencyQueueOptions;
  readonly #classes: readonly ClassQueue<W>[];
  readonly #byRequest = new Map<string, W>();

  constructor(options: UrgencyQueueOptions) {
    this.#options = options;
    this.#classes = Array.from({ length: options.classes }, () => ({ payers: new Map(), size: 0, passedOver: 0 }));
  }

  get size(): number {
    return this.#byRequest.size;
  }

  sizeOf(urgency: number): number {
    return this.#class(urgency).size;
  }

  offer(waiting: W): 'waiting' | 'full' {
    if (this.#byRequest.has(waiting.requestId)) return 'waiting';
    const queue = this.#class(waiting.urgency);
    const line = queue.payers.get(waiting.payer) ?? [];
    if (queue.size >= this.#options.maxPerClass || line.length >= this.#options.maxPerPayer) return 'full';
    line.push(waiting);
    queue.payers.set(waiting.payer, line);
    queue.size += 1;
    this.#byRequest.set(waiting.requestId, waiting);
    return 'waiting';
  }

  take(may: (payer: string) => boolean): W | undefined {
    for (const queue of this.#turns()) {
      for (const [payer, line] of queue.payers) {
        const next = line[0];
        if (next === undefined || !may(payer)) continue;
        this.#remove(next);
        if (line.length > 0) {
          queue.payers.delete(payer);
          queue.payers.set(payer, line);
        }
        this.#passOver(queue);
        return next;
      }
    }
    return undefined;
  }

  remove(requestId: string): W | undefined {
    const waiting = this.#byRequest.get(requestId);
    if (waiting !== undefined) this.#remove(waiting);
    return waiting;
  }

  removeWhere(matches: (waiting: W) => boolean): readonly W[] {
    const removed = [...this.#byRequest.values()].filter(matches);
    for (const waiting of removed) this.#remove(waiting);
    return removed;
  }

  #class(urgency: number): ClassQueue<W> {
    const queue = this.#classes[urgency];
    if (queue === undefined) throw new RangeError(`there is no class ${urgency}`);
    return queue;
  }

  // The sort is stable: classes that are not overdue stay in the order of their urgency.
  #turns(): readonly ClassQueue<W>[] {
    const overdue = (queue: ClassQueue<W>) => (queue.passedOver >= this.#options.turnAfter ? queue.passedOver : 0);
    return this.#classes.filter((queue) => queue.size > 0).sort((a, b) => overdue(b) - overdue(a));
  }

  #passOver(served: ClassQueue<W>): void {
    for (const queue of this.#classes)
      queue.passedOver = queue === served || queue.size === 0 ? 0 : queue.passedOver + 1;
  }

  #remove(waiting: W): void {
    const queue = this.#class(waiting.urgency);
    const line = queue.payers.get(waiting.payer);
    if (line === undefined || !this.#byRequest.delete(waiting.requestId)) return;
    line.splice(line.indexOf(waiting), 1);
    queue.size -= 1;
    if (line.length === 0) queue.payers.delete(waiting.payer);
  }
}
