// Everything that one leadership decides: who gets a token, who waits, who is refused. It is told what happened and when, and
// answers with events that leadership.ts carries out, so that the same class runs in tests and in the simulation.
// What a newcomer would get wrong: a request that a known pause outlasts is refused at once, not left to wait in vain.
import {
  type CodedError,
  codedError,
  failure,
  type governor,
  type Outcome,
  type Priority,
  type RequestId,
  success,
  type TokenId,
} from '@lockstep/contracts';
import {
  type BackOffOptions,
  BackOffs,
  FairQueue,
  type FairQueueOptions,
  LeadershipPhase,
  type LedgerOptions,
  LoadDelay,
  type LoadDelayOptions,
  type Pause,
  type Pool,
  type Token,
  TokenLedger,
  type Waiting,
} from '@lockstep/flow-control';
import {
  type Ask,
  answered,
  type DeskEvent,
  type DeskLimits,
  type FreedReason,
  type Heartbeat,
  type HeartbeatReply,
  priorities,
  type Released,
  refused,
  type TokenMoved,
} from './desk-event.ts';

export interface DeskOptions {
  readonly epoch: number;
  readonly ledger: LedgerOptions;
  readonly queue: FairQueueOptions;
  readonly backOff: BackOffOptions;
  readonly limits: DeskLimits;
  readonly loadDelay: LoadDelayOptions;
  readonly newToken: () => TokenId;
}

/** What a caller is told to wait when the queue is full: about the time of one ordinary call. */
const queueFullBackOffMs = 1_000;

type Asking = Waiting & { readonly ask: Ask };

/** The decisions of one leadership. Pure but for the token ids: time is passed in as monotonic milliseconds. */
export class TokenDesk {
  readonly #options: DeskOptions;
  readonly #ledger: TokenLedger;
  readonly #queues: Readonly<Record<Pool, FairQueue<Asking>>>;
  readonly #backOffs: BackOffs;
  readonly #phase: LeadershipPhase;
  readonly #loadDelay: LoadDelay;
  #limits: DeskLimits;
  /** The phase that was said last. */
  #said: 'counting' | 'granting' = 'counting';

  constructor(options: DeskOptions, nowMs: number) {
    this.#options = options;
    this.#ledger = new TokenLedger(options.ledger);
    this.#queues = { call: new FairQueue(options.queue), stream: new FairQueue(options.queue) };
    this.#backOffs = new BackOffs(options.backOff);
    this.#phase = new LeadershipPhase(nowMs, options.ledger.sessionFreedMs);
    this.#loadDelay = new LoadDelay(options.loadDelay);
    this.#loadDelay.switchTo(options.limits.highServerLoad, nowMs);
    this.#limits = options.limits;
  }

  heartbeat(
    message: Heartbeat,
    nowMs: number,
  ): { readonly outcome: Outcome<HeartbeatReply>; readonly events: DeskEvent[] } {
    const process = { gateway: message.gatewayId, presence: message.presence };
    const renewal = this.#ledger.heartbeat(message.sessionId, message.held, nowMs, process);
    if (renewal.kind === 'too-many-sessions')
      return { outcome: failure('service-busy', { backOffMs: 1_000 }), events: [] };
    const adopted = renewal.adopted.map((token) => ({ kind: 'adopted' as const, ...this.#moved(token) }));
    const lost = renewal.lost.map((token) => this.#freed(token, 'not-reported', token.grantedAtMs));
    const learned = this.#phase.at(nowMs) === 'counting' ? this.#learnPauses(message.backOffs ?? [], nowMs) : [];
    const { epoch } = this.#options;
    const reply = { epoch, phase: this.#phase.at(nowMs), backOffs: this.#backOffs.list(nowMs) };
    const ended = this.#endSessions(nowMs);
    return { outcome: success(reply), events: [...adopted, ...lost, ...ended, ...learned, ...this.#dispatch(nowMs)] };
  }

  /** Leads, now or later, to exactly one `answer` event for the request. */
  acquire(ask: Ask, deadlineMs: number, nowMs: number): DeskEvent[] {
    const { requestId, sessionId, payer, mailbox: flow = payer } = ask;
    // A new leader hears of each session by its next heartbeat, so while it counts, who is unknown may wait like the others.
    if (!this.#ledger.heard(sessionId, nowMs) && this.#phase.at(nowMs) === 'granting')
      return [refused(requestId, codedError('governor-session-unknown'))];
    const had = this.#ledger.grantAgain(requestId, nowMs);
    if (had !== undefined) return [this.#granted(requestId, had)];
    const urgency = priorities.indexOf(ask.priority);
    const asking = { ask, requestId, sessionId, payer, flow, urgency, askedAtMs: nowMs, deadlineMs };
    const vain = this.#waitsInVain(asking, nowMs);
    if (vain !== undefined) return [refused(requestId, vain)];
    if (this.#queues[ask.pool].offer(asking) === 'full')
      return [refused(requestId, codedError('governor-queue-full', { backOffMs: queueFullBackOffMs }))];
    return this.#dispatch(nowMs);
  }

  release(message: Released, nowMs: number): DeskEvent[] {
    this.#ledger.heard(message.sessionId, nowMs);
    const token = this.#ledger.release(message.token);
    if (token?.pool === 'call' && answered.has(message.outcome)) this.#loadDelay.sample(message.latencyMs, nowMs);
    const paused = this.#learn(message, token?.payer, nowMs) ? this.#refuseVain(nowMs) : [];
    if (token !== undefined) this.#ended(token, message.outcome === 'unsent' ? token.grantedAtMs : nowMs);
    const released = token === undefined ? [] : [{ kind: 'released' as const, ...this.#moved(token) }];
    return [...released, ...paused, ...this.#dispatch(nowMs)];
  }

  /** Withdraws a request that waits, and takes back what it was granted. */
  cancel(requestId: RequestId, reason: FreedReason, nowMs: number): DeskEvent[] {
    const waiting = this.#queues.call.remove(requestId) ?? this.#queues.stream.remove(requestId);
    if (waiting !== undefined) return [refused(requestId, codedError('deadline-passed'))];
    const token = this.#ledger.releaseRequest(requestId);
    return token === undefined ? [] : [this.#freed(token, reason, token.grantedAtMs), ...this.#dispatch(nowMs)];
  }

  /** Takes effect at once; lowered, it takes nothing back. */
  setLimits(limits: DeskLimits, nowMs: number): DeskEvent[] {
    if (JSON.stringify(limits) === JSON.stringify(this.#limits)) return [];
    this.#limits = limits;
    this.#loadDelay.switchTo(limits.highServerLoad, nowMs);
    return [{ kind: 'state-changed' }, ...this.#dispatch(nowMs)];
  }

  /** Other credentials or another server: the pauses of the old ones mean nothing any more. */
  forgetBackOffs(nowMs: number): DeskEvent[] {
    this.#backOffs.clear();
    return [{ kind: 'state-changed' }, ...this.#dispatch(nowMs)];
  }

  /** What the passing of time brings: ended sessions, deadlines, ended pauses, the first grants after counting. */
  tick(nowMs: number): DeskEvent[] {
    const ended = this.#endSessions(nowMs);
    const late = this.#refuse(
      (one) => one.deadlineMs <= nowMs,
      () => codedError('deadline-passed'),
    );
    const entered = this.#phase.at(nowMs) === this.#said ? [] : [{ kind: 'state-changed' } as const];
    this.#said = this.#phase.at(nowMs);
    return [...entered, ...ended, ...late, ...this.#dispatch(nowMs)];
  }

  /** The process of a gateway has ended, as the NATS server tells by its presence. */
  processEnded(presence: string, nowMs: number): DeskEvent[] {
    this.#ledger.processEnded(presence);
    return [...this.#endSessions(nowMs), ...this.#dispatch(nowMs)];
  }

  /** Answers everybody who waits and grants nothing more; the callers ask the next leader. */
  close(): DeskEvent[] {
    return this.#refuse(
      () => true,
      () => codedError('service-stopping'),
    );
  }

  state(nowMs: number): governor.GovernorState {
    return {
      epoch: this.#options.epoch,
      phase: this.#phase.at(nowMs),
      limit: this.#limits.calls,
      out: this.#ledger.out,
      streamsOut: this.#ledger.streamsOut,
      queued: this.#queues.call.size + this.#queues.stream.size,
      backOffs: [...this.#backOffs.list(nowMs)],
      averageResponseMs: Math.round(this.#loadDelay.averageMs(nowMs)),
      delayMs: Math.round(this.#loadDelay.delayMs(nowMs)),
    };
  }

  queuedOf(priority: Priority): number {
    const urgency = priorities.indexOf(priority);
    return this.#queues.call.sizeOf(urgency) + this.#queues.stream.sizeOf(urgency);
  }

  get sessions(): number {
    return this.#ledger.sessions;
  }

  #endSessions(nowMs: number): DeskEvent[] {
    const { lapsed, freed } = this.#ledger.expire(nowMs);
    const refusals = this.#refuse(
      (one) => lapsed.includes(one.sessionId),
      () => codedError('governor-session-unknown'),
    );
    return [...freed.map((token) => this.#freed(token, 'session-ended', nowMs)), ...refusals];
  }

  #dispatch(nowMs: number): DeskEvent[] {
    if (this.#phase.at(nowMs) === 'counting') return [];
    return (['call', 'stream'] as const).flatMap((pool) => this.#dispatchPool(pool, nowMs));
  }

  #dispatchPool(pool: Pool, nowMs: number): DeskEvent[] {
    const events: DeskEvent[] = [];
    const may = ({ ask }: Asking) =>
      (pool === 'stream' || this.#loadDelay.mayCall(nowMs)) &&
      this.#ledger.hasRoom(ask, this.#limits) &&
      this.#backOffs.remainingMs(ask.payer, nowMs) === 0;
    for (let next = this.#queues[pool].take(may); next !== undefined; next = this.#queues[pool].take(may))
      events.push(...this.#grant(next, nowMs));
    return events;
  }

  #grant({ ask, askedAtMs, deadlineMs }: Asking, nowMs: number): DeskEvent[] {
    if (deadlineMs <= nowMs) return this.#notGranted(ask, codedError('deadline-passed'));
    const grant = this.#ledger.grant(ask, this.#options.newToken(), this.#limits, nowMs);
    if (grant.kind === 'session-unknown') return this.#notGranted(ask, codedError('governor-session-unknown'));
    if (grant.kind === 'full') throw new Error('a token was taken from under the dispatcher');
    const waitedMs = nowMs - askedAtMs;
    if (ask.pool === 'call') this.#loadDelay.called(nowMs);
    const granted: DeskEvent = { kind: 'granted', ...this.#moved(grant.token), priority: ask.priority, waitedMs };
    return [granted, this.#granted(ask.requestId, grant.token)];
  }

  #notGranted({ pool, requestId }: Ask, error: CodedError): DeskEvent[] {
    this.#queues[pool].ended(requestId, 0);
    return [refused(requestId, error)];
  }

  #granted(requestId: RequestId, { token, pool }: Token): DeskEvent {
    const { epoch } = this.#options;
    return { kind: 'answer', requestId, outcome: success({ token, epoch, limit: this.#limitOf(pool) }) };
  }

  // What the end of a call says about the payer. True when a pause was added.
  #learn({ outcome, backOff }: Released, payer: string | undefined, nowMs: number): boolean {
    if (outcome === 'busy' && payer !== undefined && backOff?.scope.kind !== 'endpoint') {
      this.#backOffs.busy(payer, backOff?.remainingMs, nowMs);
      return true;
    }
    if (backOff !== undefined) this.#backOffs.report(backOff, nowMs);
    else if (payer !== undefined && (outcome === 'ok' || outcome === 'refused')) this.#backOffs.succeeded(payer, nowMs);
    return backOff !== undefined;
  }

  // What the predecessor knew and broadcast. Only while counting: later it would come back after it was forgotten.
  #learnPauses(pauses: readonly Pause[], nowMs: number): DeskEvent[] {
    for (const pause of pauses) this.#backOffs.report(pause, nowMs);
    return pauses.length === 0 ? [] : this.#refuseVain(nowMs);
  }

  #waitsInVain({ payer, deadlineMs }: Asking, nowMs: number): CodedError | undefined {
    const countingMs = this.#phase.countingLeftMs(nowMs);
    if (nowMs + countingMs >= deadlineMs && countingMs > 0)
      return codedError('governor-not-ready', { backOffMs: countingMs });
    const pauseMs = this.#backOffs.remainingMs(payer, nowMs);
    if (nowMs + pauseMs >= deadlineMs && pauseMs > 0) return codedError('governor-back-off', { backOffMs: pauseMs });
    return undefined;
  }

  #refuseVain(nowMs: number): DeskEvent[] {
    const refusals = this.#refuse(
      (one) => this.#waitsInVain(one, nowMs) !== undefined,
      (one) => this.#waitsInVain(one, nowMs) ?? codedError('governor-back-off'),
    );
    return [{ kind: 'state-changed' }, ...refusals];
  }

  #refuse(matches: (asking: Asking) => boolean, because: (asking: Asking) => CodedError): DeskEvent[] {
    const removed = [...this.#queues.call.removeWhere(matches), ...this.#queues.stream.removeWhere(matches)];
    return removed.map((asking) => refused(asking.requestId, because(asking)));
  }

  /** The call is over, as far as anybody will ever know; its flow is charged the time up to then. */
  #ended({ pool, requestId, grantedAtMs }: Token, endedMs: number): void {
    if (requestId !== undefined) this.#queues[pool].ended(requestId, Math.max(0, endedMs - grantedAtMs));
  }

  #freed(token: Token, reason: FreedReason, endedMs: number): DeskEvent {
    this.#ended(token, endedMs);
    return { kind: 'freed', ...this.#moved(token), reason };
  }

  #moved(token: Token): TokenMoved {
    const out = token.pool === 'call' ? this.#ledger.out : this.#ledger.streamsOut;
    return { token, limit: this.#limitOf(token.pool), out };
  }

  #limitOf(pool: Pool): number {
    return pool === 'call' ? this.#limits.calls : this.#limits.streamsPerPayer;
  }
}
