// What the governor measures. Gauges show the leader's state; a standby shows zeros, so that sums over replicas are right.
import type { governor } from '@lockstep/contracts';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type DeskEvent, priorities } from './desk-event.ts';
import type { TokenDesk } from './token-desk.ts';

const scopes = ['mailbox', 'account', 'endpoint'] as const;
const phases = ['counting', 'granting'] as const;

export class GovernorMetrics {
  readonly #out: Gauge<'pool'>;
  readonly #limit: Gauge;
  readonly #queued: Gauge<'priority'>;
  readonly #epoch: Gauge;
  readonly #phase: Gauge<'phase'>;
  readonly #backOffs: Gauge<'scope'>;
  readonly #sessions: Gauge;
  readonly #average: Gauge;
  readonly #delay: Gauge;
  readonly #grants: Counter<'priority' | 'pool'>;
  readonly #refusals: Counter<'code'>;
  readonly #releases: Counter<'outcome'>;
  readonly #freed: Counter<'reason'>;
  readonly #adopted: Counter;
  readonly #wait: Histogram<'priority'>;

  constructor(registry: Registry) {
    const registers = [registry];
    const named = (name: string, help: string) => ({ name: `lockstep_throttle_governor_${name}`, help, registers });
    this.#out = new Gauge({ ...named('tokens_out', 'Tokens that are out'), labelNames: ['pool'] });
    this.#limit = new Gauge(named('limit_tokens', 'Limit of concurrent requests; 0 = no fixed limit'));
    this.#queued = new Gauge({
      ...named('queued_requests', 'Requests that wait for a token'),
      labelNames: ['priority'],
    });
    this.#epoch = new Gauge(named('epoch_number', 'Epoch of this leader; 0 = standby'));
    this.#phase = new Gauge({
      ...named('phase_state', '1 for the phase that the leader is in'),
      labelNames: ['phase'],
    });
    this.#backOffs = new Gauge({ ...named('back_offs_active', 'Pauses in force'), labelNames: ['scope'] });
    this.#sessions = new Gauge(named('sessions_open', 'Gateway sessions'));
    this.#average = new Gauge(
      named('response_average_seconds', 'Average response time of the last minute; 0 when nothing was answered'),
    );
    this.#delay = new Gauge(named('load_delay_seconds', 'By which calls are spaced under high server load'));
    this.#grants = new Counter({ ...named('grants_total', 'Tokens granted'), labelNames: ['priority', 'pool'] });
    this.#refusals = new Counter({ ...named('refusals_total', 'Requests without a token'), labelNames: ['code'] });
    this.#releases = new Counter({ ...named('releases_total', 'Tokens given back'), labelNames: ['outcome'] });
    this.#freed = new Counter({ ...named('freed_tokens_total', 'Tokens taken back'), labelNames: ['reason'] });
    this.#adopted = new Counter(
      named('adopted_tokens_total', 'Tokens that a session reported and the ledger did not know'),
    );
    this.#wait = new Histogram({
      ...named('wait_seconds', 'From the request to the grant'),
      labelNames: ['priority'],
      buckets: [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60],
    });
    this.standby();
  }

  /** Counts what happened. */
  count(event: DeskEvent): void {
    if (event.kind === 'granted') {
      this.#grants.inc({ priority: event.priority, pool: event.token.pool });
      this.#wait.observe({ priority: event.priority }, event.waitedMs / 1_000);
    } else if (event.kind === 'freed') this.#freed.inc({ reason: event.reason });
    else if (event.kind === 'adopted') this.#adopted.inc();
    else if (event.kind === 'answer' && !event.outcome.ok) this.#refusals.inc({ code: event.outcome.error.code });
  }

  released(outcome: governor.CallOutcome): void {
    this.#releases.inc({ outcome });
  }

  /** Shows the leader's state. */
  show(desk: TokenDesk, state: governor.GovernorState): void {
    this.#out.set({ pool: 'call' }, state.out);
    this.#out.set({ pool: 'stream' }, state.streamsOut);
    this.#limit.set(state.limit);
    this.#epoch.set(state.epoch);
    this.#sessions.set(desk.sessions);
    this.#average.set((state.averageResponseMs ?? 0) / 1_000);
    this.#delay.set((state.delayMs ?? 0) / 1_000);
    for (const priority of priorities) this.#queued.set({ priority }, desk.queuedOf(priority));
    for (const phase of phases) this.#phase.set({ phase }, state.phase === phase ? 1 : 0);
    for (const scope of scopes)
      this.#backOffs.set({ scope }, state.backOffs.filter((backOff) => backOff.scope.kind === scope).length);
  }

  /** Shows that another instance leads. */
  standby(): void {
    for (const gauge of [this.#limit, this.#epoch, this.#sessions, this.#average, this.#delay]) gauge.set(0);
    for (const pool of ['call', 'stream']) this.#out.set({ pool }, 0);
    for (const priority of priorities) this.#queued.set({ priority }, 0);
    for (const phase of phases) this.#phase.set({ phase }, 0);
    for (const scope of scopes) this.#backOffs.set({ scope }, 0);
  }
}
