// This process's session with the leading governor. It is valid for 6 s from the *sending* of the last heartbeat that was answered:
// the governor counts from its receiving, so that it never frees a token which we still think ours. Monotonic clock only.
import type { Bus, Stoppable } from '@lockstep/bus';
import { type Data, governor, type SessionId } from '@lockstep/contracts';
import type { Clock } from '@lockstep/service-kit/kit';
import { gatewayConfig } from '../config.ts';

export type HeldToken = Data<typeof governor.HeldToken>;
export type ActiveBackOff = Data<typeof governor.ActiveBackOff>;

export interface SessionTimings {
  readonly heartbeatEveryMs: number;
  readonly sessionValidMs: number;
}

export interface GovernorSessionOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly sessionId: SessionId;
  readonly gatewayId: string;
  /** By which the NATS server tells the end of this process; undefined where it does not. */
  readonly presence: () => string | undefined;
  readonly timings: SessionTimings;
  /** Everything that is out, so that a new leader can count it. */
  readonly held: () => readonly HeldToken[];
  /** The pauses in force here; a new leader is told them. */
  readonly backOffs: () => readonly ActiveBackOff[];
  readonly onBackOffs: (backOffs: readonly ActiveBackOff[]) => void;
  readonly onValid: (valid: boolean) => void;
}

export class GovernorSession {
  readonly #options: GovernorSessionOptions;
  #epoch: number | undefined;
  /** Whether the leader that answered last grants already. */
  #granting = false;
  #lapsesAt = Number.NEGATIVE_INFINITY;
  #wasValid = false;
  #life = new AbortController();
  #leadership = new AbortController();
  #heartbeatTimer: NodeJS.Timeout | undefined;
  #lapseTimer: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;
  #stopped = false;
  #listening: Stoppable | undefined;

  constructor(options: GovernorSessionOptions) {
    this.#options = options;
    this.#life.abort();
  }

  get id(): SessionId {
    return this.#options.sessionId;
  }

  /** The epoch of the last heartbeat reply; a grant of another one is refused. */
  get epoch(): number | undefined {
    return this.#epoch;
  }

  /** Looked at immediately before a request's first byte. */
  isValid(): boolean {
    return this.#options.clock.monotonic() < this.#lapsesAt;
  }

  /** Aborts when the session lapses; after a renewal there is a new one. */
  get lapsed(): AbortSignal {
    return this.#life.signal;
  }

  /** Aborts when another governor leads; what was asked of the old one has to be asked again. */
  get leaderChanged(): AbortSignal {
    return this.#leadership.signal;
  }

  async start(): Promise<void> {
    this.#listening = await this.#options.bus.listen(governor.governorState, (state) => {
      if (this.#isFormer(state.epoch)) return;
      this.#options.onBackOffs(state.backOffs);
      if (state.epoch !== this.#epoch) void this.heartbeatNow();
    });
    await this.heartbeatNow();
  }

  /** Ends the session: nothing is sent any more, and what runs is aborted. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#heartbeatTimer);
    await this.#listening?.stop();
    await this.#beating;
    this.#lapsesAt = Number.NEGATIVE_INFINITY;
    this.#lapse();
  }

  /** Sends a heartbeat, unless one is under way. Resolves when it is answered or given up. */
  async heartbeatNow(): Promise<void> {
    if (this.#stopped) return;
    this.#beating ??= this.#beat().finally(() => {
      this.#beating = undefined;
    });
    await this.#beating;
  }

  async #beat(): Promise<void> {
    const { bus, clock, timings, sessionId, gatewayId, held, backOffs, onBackOffs } = this.#options;
    const presence = this.#options.presence();
    clearTimeout(this.#heartbeatTimer);
    const sentAt = clock.monotonic();
    const known = this.#granting ? {} : { backOffs: longest(backOffs()) };
    const reply = await bus.request(
      governor.heartbeat,
      { sessionId, gatewayId, held: held(), ...(presence === undefined ? {} : { presence }), ...known },
      { correlationId: sessionId, deadlineMs: timings.heartbeatEveryMs },
    );
    if (reply.ok && !this.#isFormer(reply.value.epoch)) {
      this.#renew(sentAt + timings.sessionValidMs, reply.value.epoch);
      this.#granting = reply.value.phase === 'granting';
      onBackOffs(reply.value.backOffs);
    }
    if (this.#stopped) return;
    const nextInMs = sentAt + timings.heartbeatEveryMs - clock.monotonic();
    this.#heartbeatTimer = setTimeout(
      () => void this.heartbeatNow(),
      Math.max(nextInMs, gatewayConfig.session.leastGapMs),
    );
  }

  // A leader that hangs may speak late. Epochs begin anew only with a NATS that lost everything, and its leader is heard once our
  // session has lapsed.
  #isFormer(epoch: number): boolean {
    return this.#epoch !== undefined && epoch < this.#epoch && this.isValid();
  }

  #renew(lapsesAt: number, epoch: number): void {
    this.#lapsesAt = Math.max(this.#lapsesAt, lapsesAt);
    if (!this.isValid()) return;
    if (this.#life.signal.aborted) this.#life = new AbortController();
    if (epoch !== this.#epoch) {
      const former = this.#leadership;
      this.#leadership = new AbortController();
      this.#epoch = epoch;
      former.abort();
    }
    this.#told(true);
    this.#watchLapse();
  }

  #watchLapse(): void {
    clearTimeout(this.#lapseTimer);
    const leftMs = this.#lapsesAt - this.#options.clock.monotonic();
    this.#lapseTimer = setTimeout(() => (this.isValid() ? this.#watchLapse() : this.#lapse()), Math.max(0, leftMs));
  }

  #lapse(): void {
    clearTimeout(this.#lapseTimer);
    this.#life.abort();
    this.#told(false);
  }

  #told(valid: boolean): void {
    if (valid === this.#wasValid) return;
    this.#wasValid = valid;
    this.#options.onValid(valid);
  }
}

/** As many as a heartbeat holds, in whole milliseconds. */
function longest(backOffs: readonly ActiveBackOff[]): readonly ActiveBackOff[] {
  return backOffs
    .map(({ scope, remainingMs }) => ({ scope, remainingMs: Math.ceil(remainingMs) }))
    .sort((one, other) => other.remainingMs - one.remainingMs)
    .slice(0, governor.maxToldBackOffs);
}
