// A gateway as the protocol wants it, without Exchange: heartbeats with what it holds, grants refused that are not of the epoch of the
// last heartbeat reply, nothing used without a valid session. What all gateways really use at a time is counted in `Usage`.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bus } from '@lockstep/bus';
import {
  type CodedError,
  governor,
  type Outcome,
  type Priority,
  type ReplyOf,
  type RequestId,
  type RequestOf,
  type SessionId,
  type TokenId,
} from '@lockstep/contracts';

export interface GatewayTimings {
  readonly heartbeatEveryMs: number;
  readonly sessionValidMs: number;
}

/** Tokens in use over all gateways, the truth that the governor has to keep below the limit. */
export class Usage {
  now = 0;
  peak = 0;
  total = 0;
  begin(): void {
    this.now += 1;
    this.total += 1;
    this.peak = Math.max(this.peak, this.now);
  }
  end(): void {
    this.now -= 1;
  }
}

/** What a gateway says of its process. */
export interface FakeProcess {
  readonly gatewayId: string;
  readonly presence: () => string | undefined;
}

type Acquire = RequestOf<typeof governor.acquire>;
export type Granted = ReplyOf<typeof governor.acquire>;
type HeldToken = RequestOf<typeof governor.heartbeat>['held'][number];

export class FakeGateway {
  readonly sessionId = randomUUID() as SessionId;
  readonly #bus: Bus;
  readonly #timings: GatewayTimings;
  readonly #usage: Usage;
  readonly #process: FakeProcess;
  readonly #held = new Map<TokenId, HeldToken & { readonly sinceMs: number }>();
  readonly #stopping = new AbortController();
  #leadership = new AbortController();
  #validUntilMs = 0;
  #beating: Promise<void> = Promise.resolve();
  epoch = 0;
  phase = '';
  /** Error codes of acquires that got nothing. */
  readonly refusals: CodedError[] = [];

  constructor(
    bus: Bus,
    timings: GatewayTimings,
    usage = new Usage(),
    process: FakeProcess = { gatewayId: 'fake', presence: () => undefined },
  ) {
    this.#process = process;
    this.#bus = bus;
    this.#timings = timings;
    this.#usage = usage;
  }

  /** One heartbeat, now. */
  async beat(): Promise<Outcome<ReplyOf<typeof governor.heartbeat>>> {
    const sentMs = performance.now();
    const held = [...this.#held.values()].map(({ sinceMs, ...token }) => ({
      ...token,
      ageMs: Math.round(sentMs - sinceMs),
    }));
    const presence = this.#process.presence();
    const { gatewayId } = this.#process;
    const message = { sessionId: this.sessionId, gatewayId, held, ...(presence === undefined ? {} : { presence }) };
    const answer = await this.#bus.request(governor.heartbeat, message, context(this.#timings.heartbeatEveryMs));
    if (answer.ok) {
      this.#validUntilMs = sentMs + this.#timings.sessionValidMs;
      if (this.epoch !== answer.value.epoch) {
        this.epoch = answer.value.epoch;
        this.#leadership.abort();
        this.#leadership = new AbortController();
      }
      this.phase = answer.value.phase;
    }
    return answer;
  }

  /** Heartbeats from now on, until `stop` or `die`. */
  live(): this {
    this.#beating = (async () => {
      while (!this.#stopping.signal.aborted) {
        await this.beat();
        if (performance.now() > this.#validUntilMs) this.#lapse();
        await pause(this.#timings.heartbeatEveryMs, undefined, { signal: this.#stopping.signal }).catch(
          () => undefined,
        );
      }
    })();
    return this;
  }

  /** Asked again, of the next leader, when another one leads. */
  async acquire(more: Partial<Acquire> = {}, deadlineMs = 20_000, signal?: AbortSignal): Promise<Outcome<Granted>> {
    const endsAtMs = performance.now() + deadlineMs;
    const standard = {
      requestId: randomUUID() as RequestId,
      sessionId: this.sessionId,
      pool: 'call',
      payer: 'anna',
    } as const;
    const request = { ...standard, priority: 'change' as Priority, operation: 'get-items', ...more };
    for (;;) {
      const leadership = this.#leadership.signal;
      const ends = AbortSignal.any(signal === undefined ? [leadership] : [leadership, signal]);
      const how = { ...context(Math.ceil(endsAtMs - performance.now())), ...this.#leader(), signal: ends };
      const answer = await this.#bus.request(governor.acquire, request, how);
      if (answer.ok || !leadership.aborted || signal?.aborted === true) return answer;
    }
  }

  /** Acquires, uses the token for a while and gives it back. False when it could not be used. */
  async call(useMs: number, more: Partial<Acquire> = {}, deadlineMs = 20_000): Promise<boolean> {
    const answer = await this.acquire(more, deadlineMs);
    if (!answer.ok) {
      this.refusals.push(answer.error);
      return false;
    }
    const { token, epoch } = answer.value;
    if (epoch !== this.epoch || performance.now() > this.#validUntilMs) {
      await this.release(token, { outcome: 'unsent' });
      return false;
    }
    const { pool = 'call', payer = 'anna' } = more;
    this.hold(token, pool, payer);
    await pause(useMs);
    const stillOurs = this.letGo(token);
    await this.release(token);
    return stillOurs;
  }

  hold(token: TokenId, pool: 'call' | 'stream' = 'call', payer = 'anna'): void {
    this.#held.set(token, { token, pool, payer, ageMs: 0, sinceMs: performance.now() });
    this.#usage.begin();
  }

  letGo(token: TokenId): boolean {
    const had = this.#held.delete(token);
    if (had) this.#usage.end();
    return had;
  }

  release(token: TokenId, more: Partial<RequestOf<typeof governor.release>> = {}): Promise<Outcome<unknown>> {
    const message = {
      token,
      sessionId: this.sessionId,
      outcome: 'ok',
      latencyMs: 10,
      operation: 'get-items',
      ...more,
    } as const;
    return this.#bus.request(governor.release, message, { ...context(5_000), ...this.#leader() });
  }

  cancel(requestId: RequestId): Promise<Outcome<unknown>> {
    const how = { ...context(5_000), ...this.#leader() };
    return this.#bus.request(governor.cancel, { requestId, sessionId: this.sessionId }, how);
  }

  #leader() {
    return governor.ofEpoch(this.epoch);
  }

  /** Ends in peace. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#beating;
  }

  /** Dies as a killed process: nothing is given back, nothing is said. Its calls die with it. */
  async die(): Promise<void> {
    await this.stop();
    this.#lapse();
  }

  #lapse(): void {
    for (const token of [...this.#held.keys()]) this.letGo(token);
  }
}

const context = (deadlineMs: number) => ({ correlationId: randomUUID(), deadlineMs });
