// What the gateway counts. Labels are names of EWS operations, outcomes and codes: never a mailbox or an address.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const prefix = 'lockstep_exchange_gateway';
const callSeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 100];

export class GatewayMetrics {
  readonly inFlight: Gauge;
  readonly streamsOpen: Gauge;
  readonly subscriptions: Gauge;
  readonly sessionValid: Gauge;
  readonly #calls: Counter<'operation' | 'outcome'>;
  readonly #latency: Histogram<'operation'>;
  readonly #tokenWait: Histogram<'operation'>;
  readonly #events: Counter;
  readonly #notified: Counter<'cause'>;
  readonly #streamsEnded: Counter<'reason'>;

  /** `backOffs` and `authenticationStopped` are asked when the metrics are read. */
  constructor(
    registry: Registry,
    sources: { readonly backOffs: () => number; readonly authenticationStopped: () => boolean },
  ) {
    const registers = [registry];
    const gauge = (name: string, help: string) => new Gauge({ name: `${prefix}_${name}`, help, registers });
    this.inFlight = gauge('calls_in_flight', 'Calls with a token whose answer is not complete.');
    this.streamsOpen = gauge('streams_open', 'Streaming connections open.');
    this.subscriptions = gauge('subscriptions', 'Mailboxes with a streaming subscription.');
    this.sessionValid = gauge('session_valid', '1 while the session with the governor is valid.');
    new Gauge({
      name: `${prefix}_back_offs`,
      help: 'Scopes that pause at the moment.',
      registers,
      collect() {
        this.set(sources.backOffs());
      },
    });
    new Gauge({
      name: `${prefix}_authentication_stopped`,
      help: '1 while Exchange refuses the credentials and only probes are sent.',
      registers,
      collect() {
        this.set(sources.authenticationStopped() ? 1 : 0);
      },
    });
    this.#calls = new Counter({
      name: `${prefix}_calls_total`,
      help: 'Calls of Exchange that ended, by operation and outcome.',
      labelNames: ['operation', 'outcome'],
      registers,
    });
    this.#latency = new Histogram({
      name: `${prefix}_call_duration_seconds`,
      help: 'From the first byte sent to the complete answer.',
      labelNames: ['operation'],
      buckets: callSeconds,
      registers,
    });
    this.#tokenWait = new Histogram({
      name: `${prefix}_token_wait_seconds`,
      help: 'Time until the governor granted or refused.',
      labelNames: ['operation'],
      buckets: callSeconds,
      registers,
    });
    this.#events = new Counter({ name: `${prefix}_events_total`, help: 'Streaming events received.', registers });
    this.#notified = new Counter({
      name: `${prefix}_notified_total`,
      help: 'Wake-ups published for a mailbox.',
      labelNames: ['cause'],
      registers,
    });
    this.#streamsEnded = new Counter({
      name: `${prefix}_streams_ended_total`,
      help: 'Streaming connections that ended, by reason.',
      labelNames: ['reason'],
      registers,
    });
  }

  called(operation: string, outcome: string, latencyMs: number): void {
    this.#calls.inc({ operation, outcome });
    if (latencyMs > 0) this.#latency.observe({ operation }, latencyMs / 1000);
  }

  waited(operation: string, waitedMs: number): void {
    this.#tokenWait.observe({ operation }, waitedMs / 1000);
  }

  events(count: number): void {
    this.#events.inc(count);
  }

  notified(cause: string): void {
    this.#notified.inc({ cause });
  }

  streamEnded(reason: string): void {
    this.#streamsEnded.inc({ reason });
  }
}
