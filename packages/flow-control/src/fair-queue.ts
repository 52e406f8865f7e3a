// The requests that wait for a token, bounded for each class and each flow (a mailbox). `take` decides who is next: the most
// urgent class first, and within a class the flow that has used the least time, so that a mailbox whose calls are slow does not
// take the place of many whose calls are fast. A class that was passed over `turnAfter` times goes before the others.
//
// Start-time fair queueing (Goyal, Vin, Cheng 1997) for requests whose length is known only afterwards, as Kubernetes' API
// priority and fairness does it: a grant is charged a guess, its end corrects it.
//   start = max(virtualTime, finish of the flow);   finish = start + guess;   at the end: finish += used − guess
//   virtualTime = the start of the grant last made; guess = moving average of what calls used
// The flow with the smallest start is next. Two backlogged flows never differ by more than what the calls use that are out.

import type { RequestId, SessionId } from './ids.ts';

/** A request that waits. `deadlineMs` and `askedAtMs` are monotonic. */
export interface Waiting {
  readonly requestId: RequestId;
  readonly sessionId: SessionId;
  /** Whom Exchange charges for the call. */
  readonly payer: string;
  /** Among whom is shared: the mailbox, also where one account pays for all. */
  readonly flow: string;
  /** Index of the class, 0 the most urgent. */
  readonly urgency: number;
  readonly askedAtMs: number;
  readonly deadlineMs: number;
}

export interface FairQueueOptions {
  /** Number of classes. */
  readonly classes: number;
  readonly maxPerClass: number;
  /** In each class. */
  readonly maxPerFlow: number;
  /** A waiting class is served at the latest after so many grants to others. */
  readonly turnAfter: number;
  /** What a call is charged before any has ended, in milliseconds. */
  readonly firstGuessMs: number;
  /** Flows of a class that are remembered; beyond it those without a call are forgiven what they are ahead. */
  readonly maxFlows: number;
}

interface Flow<W> {
  readonly line: W[];
  /** Up to where its calls are charged, in the class's virtual time. */
  finishMs: number;
  /** Calls that are granted and have not ended. */
  out: number;
}

interface ClassQueue<W> {
  readonly flows: Map<string, Flow<W>>;
  size: number;
  passedOver: number;
  virtualMs: number;
}

interface Charged {
  readonly urgency: number;
  readonly flow: string;
  readonly guessMs: number;
}

/** The weight of one call in the moving average of what calls use. */
const guessWeight = 0.05;

/** By urgency, then by the time that flows have used; no class and no flow starves. Pure: what a call used is passed in. */
export class FairQueue<W extends Waiting> {
  readonly #options: FairQueueOptions;
  readonly #classes: readonly ClassQueue<W>[];
  readonly #byRequest = new Map<RequestId, W>();
  /** What was charged for each call that has not ended. Bounded by the tokens that are out. */
  readonly #charged = new Map<RequestId, Charged>();
  #guessMs: number;

  constructor(options: FairQueueOptions) {
    this.#options = options;
    this.#guessMs = options.firstGuessMs;
    const empty = () => ({ flows: new Map(), size: 0, passedOver: 0, virtualMs: 0 });
    this.#classes = Array.from({ length: options.classes }, empty);
  }

  get size(): number {
    return this.#byRequest.size;
  }

  sizeOf(urgency: number): number {
    return this.#class(urgency).size;
  }

  /** Flows of a class that are remembered, those that wait among them. */
  flowsOf(urgency: number): number {
    return this.#class(urgency).flows.size;
  }

  /** `full`: the class or the flow has as many waiting as it may; nothing changed. A request that waits already keeps its place. */
  offer(waiting: W): 'waiting' | 'full' {
    if (this.#byRequest.has(waiting.requestId)) return 'waiting';
    const queue = this.#class(waiting.urgency);
    const flow = queue.flows.get(waiting.flow) ?? { line: [], finishMs: queue.virtualMs, out: 0 };
    if (queue.size >= this.#options.maxPerClass || flow.line.length >= this.#options.maxPerFlow) return 'full';
    flow.line.push(waiting);
    queue.flows.set(waiting.flow, flow);
    queue.size += 1;
    this.#byRequest.set(waiting.requestId, waiting);
    return 'waiting';
  }

  /** Removes and returns who is next among those that `may` be served now; undefined when there is none. */
  take(may: (waiting: W) => boolean): W | undefined {
    for (const queue of this.#turns()) {
      const chosen = leastUsed(queue, may);
      if (chosen === undefined) continue;
      const { next, flow } = chosen;
      this.#remove(next);
      this.#charge(queue, next, flow);
      this.#passOver(queue);
      return next;
    }
    return undefined;
  }

  /** The call of a granted request ended, or was never made (0): its flow is charged what it truly used. */
  ended(requestId: RequestId, usedMs: number): void {
    const charged = this.#charged.get(requestId);
    if (charged === undefined) return;
    this.#charged.delete(requestId);
    const queue = this.#class(charged.urgency);
    const flow = queue.flows.get(charged.flow);
    this.#guessMs += guessWeight * (usedMs - this.#guessMs);
    if (flow === undefined) return;
    flow.finishMs += usedMs - charged.guessMs;
    flow.out -= 1;
    this.#forgetIdle(queue, charged.flow, flow);
  }

  remove(requestId: RequestId): W | undefined {
    const waiting = this.#byRequest.get(requestId);
    if (waiting !== undefined) this.#remove(waiting);
    return waiting;
  }

  /** Removes and returns all that match: past their deadline, of an ended session, in a paused scope. */
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

  #charge(queue: ClassQueue<W>, { requestId, urgency, flow: name }: W, flow: Flow<W>): void {
    queue.virtualMs = startOf(queue, flow);
    flow.finishMs = queue.virtualMs + this.#guessMs;
    flow.out += 1;
    queue.flows.set(name, flow);
    this.#charged.set(requestId, { urgency, flow: name, guessMs: this.#guessMs });
  }

  #remove(waiting: W): void {
    const queue = this.#class(waiting.urgency);
    const flow = queue.flows.get(waiting.flow);
    if (flow === undefined || !this.#byRequest.delete(waiting.requestId)) return;
    flow.line.splice(flow.line.indexOf(waiting), 1);
    queue.size -= 1;
    this.#forgetIdle(queue, waiting.flow, flow);
  }

  // What it used in the past counts for nothing once the class has gone on beyond it; what it is ahead is remembered.
  #forgetIdle(queue: ClassQueue<W>, name: string, flow: Flow<W>): void {
    if (flow.line.length > 0 || flow.out > 0) return;
    if (flow.finishMs <= queue.virtualMs || queue.size === 0) queue.flows.delete(name);
    if (queue.flows.size > this.#options.maxFlows) forgive(queue);
  }
}

const startOf = <W>(queue: ClassQueue<W>, flow: Flow<W>): number => Math.max(queue.virtualMs, flow.finishMs);

function leastUsed<W extends Waiting>(
  queue: ClassQueue<W>,
  may: (waiting: W) => boolean,
): { readonly next: W; readonly flow: Flow<W> } | undefined {
  let least: { readonly next: W; readonly flow: Flow<W>; readonly startMs: number } | undefined;
  for (const flow of queue.flows.values()) {
    const startMs = startOf(queue, flow);
    if (least !== undefined && startMs >= least.startMs) continue;
    const next = flow.line.find(may);
    if (next !== undefined) least = { next, flow, startMs };
  }
  return least;
}

function forgive<W>(queue: ClassQueue<W>): void {
  for (const [name, { line, out }] of queue.flows) if (line.length === 0 && out === 0) queue.flows.delete(name);
}
