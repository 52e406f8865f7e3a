// What the scanner measures. Labels are of bounded number: never a mailbox.
import type { ChangeClass, ErrorCode } from '@lockstep/contracts';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ScanOutcome } from './scan-outcome.ts';

export class ScannerMetrics {
  readonly #scans: Counter<'outcome' | 'class'>;
  readonly #failures: Counter<'code'>;
  readonly #published: Counter<'class'>;
  readonly #seconds: Histogram<'class'>;
  readonly #lag: Histogram<'class'>;
  readonly #partitions: Gauge;
  readonly #cookiesLost: Counter;
  readonly #unreadable: Counter;
  readonly #sweeping: Gauge;
  readonly #sweepVisits: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    const named = (name: string, help: string) => ({ name: `lockstep_ics_scanner_${name}`, help, registers });
    this.#scans = new Counter({ ...named('scans_total', 'Scans of a folder'), labelNames: ['outcome', 'class'] });
    this.#failures = new Counter({ ...named('scan_failures_total', 'Scans that failed'), labelNames: ['code'] });
    this.#published = new Counter({ ...named('changes_published_total', 'Changes published'), labelNames: ['class'] });
    this.#seconds = new Histogram({
      ...named('scan_seconds', 'Duration of a scan, waiting for a token included'),
      labelNames: ['class'],
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120],
    });
    this.#lag = new Histogram({
      ...named('lag_seconds', 'From when Exchange first told of a change to when it was in the stream'),
      labelNames: ['class'],
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1_800],
    });
    this.#partitions = new Gauge(named('partitions_owned', 'Partitions that this replica owns'));
    this.#cookiesLost = new Counter(named('cookies_lost_total', 'Cookies that Exchange refused'));
    this.#unreadable = new Counter(named('unreadable_messages_total', 'Notifications that could not be read'));
    this.#sweeping = new Gauge(named('sweep_state', '1 while this replica visits the users, in order or paced'));
    this.#sweepVisits = new Counter(named('sweep_visits_total', 'Mailboxes visited by the sweep'));
  }

  scanned(outcome: ScanOutcome, changeClass: ChangeClass, seconds: number, lagSeconds: number): void {
    const label = outcome.kind === 'all' ? outcome.reason : outcome.kind;
    this.#scans.inc({ outcome: label, class: changeClass });
    this.#seconds.observe({ class: changeClass }, seconds);
    if (outcome.kind === 'failed') this.failed(outcome.error.code);
    if (outcome.kind === 'all' && outcome.reason === 'sync-state-lost') this.#cookiesLost.inc();
    const published = outcome.kind === 'items' ? outcome.published : outcome.kind === 'all' ? 1 : 0;
    if (published === 0) return;
    this.#published.inc({ class: outcome.kind === 'all' ? 'bulk' : changeClass }, published);
    this.#lag.observe({ class: changeClass }, Math.max(0, lagSeconds));
  }

  failed(code: ErrorCode): void {
    this.#failures.inc({ code });
  }

  unreadable(): void {
    this.#unreadable.inc();
  }

  partitionsOwned(count: number): void {
    this.#partitions.set(count);
  }

  sweeping(on: boolean): void {
    this.#sweeping.set(on ? 1 : 0);
  }

  sweepVisited(): void {
    this.#sweepVisits.inc();
  }
}
