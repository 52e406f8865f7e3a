// One leadership: serves the governor's operations from a token desk, from the moment that the lease is held to the moment that it
// is not, and carries out what the desk decides: answers, broadcasts, the grant log.
// What a newcomer would get wrong: a grant that nobody waits for any more is taken back instead of being answered.
import type { Lease, RequestContext, Stoppable } from '@lockstep/bus';
import {
  failure,
  governor,
  type Outcome,
  type RequestId,
  success,
  type TechnicalSettings,
  type TokenId,
} from '@lockstep/contracts';
import type { Kit } from '@lockstep/service-kit';
import { type GovernorConfig, perPayer } from './config.ts';
import type { Ask, DeskEvent, DeskLimits, Granted, Released } from './desk-event.ts';
import type { GovernorMetrics } from './metrics.ts';
import type { ProcessEnds } from './process-ends.ts';
import { TokenDesk } from './token-desk.ts';

interface Waiter {
  readonly context: RequestContext;
  readonly answer: (outcome: Outcome<Granted>) => void;
}

export class Leadership implements Stoppable {
  readonly #kit: Kit;
  readonly #config: GovernorConfig;
  readonly #metrics: GovernorMetrics;
  readonly #lease: Lease;
  readonly #processEnds: Pick<ProcessEnds, 'onEnd'>;
  readonly #desk: TokenDesk;
  /** Who waits for the answer to a request; more than one when the request was repeated. Bounded by the desk's queue. */
  readonly #waiters = new Map<RequestId, Waiter[]>();
  readonly #ends: (() => unknown)[] = [];
  #account: string;
  #closed = false;

  constructor(
    kit: Kit,
    config: GovernorConfig,
    metrics: GovernorMetrics,
    lease: Lease,
    processEnds: Pick<ProcessEnds, 'onEnd'>,
  ) {
    this.#processEnds = processEnds;
    this.#kit = kit;
    this.#config = config;
    this.#metrics = metrics;
    this.#lease = lease;
    const technical = kit.settings.technical();
    this.#account = accountOf(technical);
    const { ledger, queue, backOff, loadDelay } = config;
    const options = {
      epoch: lease.epoch,
      ledger,
      queue,
      backOff,
      loadDelay,
      limits: limitsOf(technical),
      newToken: () => kit.ids.uuidv4() as TokenId,
    };
    this.#desk = new TokenDesk(options, this.#now());
  }

  /** Serves until the lease is lost or `stop` is called. When it cannot begin it leaves nothing behind, and throws. */
  async begin(): Promise<this> {
    const { bus, settings } = this.#kit;
    this.#lease.signal.addEventListener('abort', () => this.#close(), { once: true });
    const tick = setInterval(() => {
      if (this.#leads()) this.#carryOut(this.#desk.tick(this.#now()));
    }, this.#config.tickEveryMs);
    const state = setInterval(() => this.#showState(), this.#config.stateEveryMs);
    const unwatch = this.#processEnds.onEnd((presence) => {
      if (this.#leads()) this.#carryOut(this.#desk.processEnded(presence, this.#now()));
    });
    const unlisten = settings.onChange((section) => section === 'technical' && this.#settingsChanged());
    this.#ends.push(
      unlisten,
      unwatch,
      () => clearInterval(tick),
      () => clearInterval(state),
    );
    // Whoever waits for a token is a running handler: the desk's bounds are the ones that refuse.
    const { maxPerClass, classes } = this.#config.queue;
    const waiting = { running: 2 * classes * maxPerClass + 100, waiting: 100 };
    const short = { running: 100, waiting: 2_000 };
    const ours = governor.ofEpoch(this.#lease.epoch);
    const servings = await Promise.allSettled([
      // Not in turn with another leader, which may hang: who answers first counts.
      bus.serve(governor.heartbeat, { ...short, everyone: true }, async (message) => this.#heartbeat(message)),
      bus.serve(governor.release, { ...short, ...ours }, async (message, { correlationId }) =>
        this.#release(message, correlationId),
      ),
      bus.serve(governor.cancel, { ...short, ...ours }, async ({ requestId }, { correlationId }) =>
        this.#cancel(requestId, correlationId),
      ),
      bus.serve(governor.acquire, { ...waiting, ...ours }, (ask, context) => this.#acquire(ask, context)),
      bus.listen(governor.governorState, ({ epoch }) => this.#heard(epoch)),
    ]);
    for (const serving of servings) if (serving.status === 'fulfilled') this.#ends.push(() => serving.value.stop());
    const failed = servings.find((serving) => serving.status === 'rejected');
    if (failed !== undefined) {
      // What serves already would go on taking its share of the requests, and refuse them all.
      await this.stop();
      throw failed.reason;
    }
    this.#showState();
    return this;
  }

  /** Answers everybody who waits; the bus lets them ask the next leader. */
  async stop(): Promise<void> {
    this.#close();
    await Promise.all(this.#ends.map((end) => end()));
    this.#metrics.standby();
  }

  // From this moment nothing is granted, however long it takes to stop.
  #close(): void {
    if (this.#closed) return;
    this.#carryOut(this.#desk.close());
    this.#closed = true;
  }

  // Asked before each decision: after a standstill the lease is over, and its signal comes too late.
  #leads(): boolean {
    if (!this.#closed && !this.#lease.isValid()) this.#close();
    return !this.#closed;
  }

  // A later leader got the lease although ours has not ended yet: somebody deleted it, or NATS lost it. It only counts so far, and
  // whatever we granted from now on it might not come to know in time.
  #heard(epoch: number): void {
    if (epoch <= this.#lease.epoch || this.#closed) return;
    this.#close();
    void this.#lease.release();
  }

  #heartbeat(message: Parameters<TokenDesk['heartbeat']>[0]): ReturnType<TokenDesk['heartbeat']>['outcome'] {
    if (!this.#leads()) return failure('service-stopping');
    const { outcome, events } = this.#desk.heartbeat(message, this.#now());
    this.#carryOut(events);
    return outcome;
  }

  #release(message: Released, correlationId: string): Outcome<Record<never, never>> {
    if (!this.#leads()) return failure('service-stopping');
    this.#metrics.released(message.outcome);
    this.#carryOut(this.#desk.release(message, this.#now()), correlationId);
    return success({});
  }

  #cancel(requestId: RequestId, correlationId: string): Outcome<Record<never, never>> {
    if (!this.#leads()) return failure('service-stopping');
    this.#carryOut(this.#desk.cancel(requestId, 'cancelled', this.#now()), correlationId);
    return success({});
  }

  async #acquire(ask: Ask, context: RequestContext): Promise<Outcome<Granted>> {
    if (!this.#leads()) return failure('service-stopping');
    return new Promise((answer) => {
      this.#waiters.set(ask.requestId, [...(this.#waiters.get(ask.requestId) ?? []), { context, answer }]);
      const nowMs = this.#now();
      this.#carryOut(this.#desk.acquire(ask, nowMs + context.remainingMs(), nowMs));
    });
  }

  #settingsChanged(): void {
    if (!this.#leads()) return;
    const technical = this.#kit.settings.technical();
    this.#carryOut(this.#desk.setLimits(limitsOf(technical), this.#now()));
    const account = accountOf(technical);
    if (account === this.#account) return;
    this.#account = account;
    this.#carryOut(this.#desk.forgetBackOffs(this.#now()));
  }

  /** `correlationId`: of the message that ended a token; who waits for one has an id of his own. */
  #carryOut(events: readonly DeskEvent[], correlationId?: string): void {
    if (this.#closed) return;
    for (const event of events) {
      this.#metrics.count(event);
      if (event.kind === 'answer') this.#answer(event.requestId, event.outcome);
      else if (event.kind === 'state-changed') this.#showState();
      else this.#log(event, correlationId);
    }
  }

  #answer(requestId: RequestId, outcome: Outcome<Granted>): void {
    const waiters = this.#waiters.get(requestId) ?? [];
    this.#waiters.delete(requestId);
    const arrives = ({ context }: Waiter) => !context.signal.aborted && context.remainingMs() > 0;
    const undelivered = outcome.ok && !waiters.some(arrives);
    if (undelivered) this.#carryOut(this.#desk.cancel(requestId, 'undelivered', this.#now()));
    for (const { answer } of waiters) answer(undelivered ? failure('deadline-passed') : outcome);
  }

  #log(event: Exclude<DeskEvent, { kind: 'answer' | 'state-changed' }>, endedBy?: string): void {
    const { token, pool, payer, operation, requestId } = event.token;
    const at = new Date(this.#kit.clock.now()).toISOString();
    const { epoch } = this.#lease;
    const entry = { token, epoch, event: event.kind, pool, payer, operation, limit: event.limit, out: event.out, at };
    const waiter = requestId === undefined ? undefined : this.#waiters.get(requestId)?.[0];
    const correlationId = waiter?.context.correlationId ?? endedBy ?? requestId ?? token;
    this.#kit.bus.broadcast(governor.grantLog, entry, { correlationId });
  }

  #showState(): void {
    if (this.#closed) return;
    const state = this.#desk.state(this.#now());
    this.#metrics.show(this.#desk, state);
    this.#kit.bus.broadcast(governor.governorState, state, { correlationId: this.#kit.ids.uuidv7() });
  }

  #now(): number {
    // Whole milliseconds: remaining times cross the bus as integers.
    return Math.floor(this.#kit.clock.monotonic());
  }
}

function limitsOf(technical: TechnicalSettings): DeskLimits {
  const { concurrentRequestLimit: calls, streamingConnectionLimit: streamsPerPayer, highServerLoad } = technical;
  return { ...perPayer, calls, streamsPerPayer, highServerLoad };
}

/** What the pauses belong to: this account at this server, with this secret. */
function accountOf({ ewsUrl, autodiscoverUrl, userName, domain, authentication, password }: TechnicalSettings): string {
  return JSON.stringify([ewsUrl, autodiscoverUrl, userName, domain, authentication, password?.changedAt ?? null]);
}
