// What the engine measures. Labels are of bounded number: never a mailbox, never an id.
import type { Delivery } from '@lockstep/bus';
import type { Change, ChangeClass } from '@lockstep/contracts';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** What the gauges show, asked for at each scrape. */
export interface Gauged {
  readonly partitions: () => number;
  readonly inHand: () => number;
  readonly parked: () => number;
  readonly intents: () => number;
  readonly held: () => number;
  readonly damaged: () => number;
}

/** Gauges of what is in memory; the counters of the work itself are made first, since the work needs them. */
export function createGauges(registry: Registry, gauged: Gauged): void {
  const gauge = (noun: string, help: string, read: () => number) =>
    new Gauge({
      name: `lockstep_sync_engine_${noun}`,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  gauge('partitions_owned', 'Partitions owned', gauged.partitions);
  gauge('messages_in_hand', 'Messages that are worked on or wait for it', gauged.inHand);
  gauge('parked_items', 'Parked items of the mailboxes in memory', gauged.parked);
  gauge('open_intents', 'Open creates of the mailboxes in memory', gauged.intents);
  gauge('held_deletes', 'Deletes that the brake holds, of the mailboxes in memory', gauged.held);
  gauge('damaged_mailboxes', 'Mailboxes that stand still since a stored record of theirs is damaged', gauged.damaged);
}

export function createMetrics(registry: Registry) {
  const registers = [registry];
  const name = (rest: string) => `lockstep_sync_engine_${rest}`;
  return {
    decisions: new Counter({
      name: name('decisions_total'),
      help: 'Decisions by kind',
      labelNames: ['kind'] as const,
      registers,
    }),
    writes: new Counter({
      name: name('writes_total'),
      help: 'Writes to a side and what they came to',
      labelNames: ['side', 'action', 'result'] as const,
      registers,
    }),
    conflicts: new Counter({
      name: name('conflicts_total'),
      help: 'Field groups that both sides changed differently, by the rule that decided',
      labelNames: ['group', 'rule'] as const,
      registers,
    }),
    lag: new Histogram({
      name: name('lag_seconds'),
      help: 'From the first sight of a change to its acknowledgement',
      labelNames: ['class'] as const,
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200],
      registers,
    }),
    messages: new Counter({
      name: name('messages_total'),
      help: 'Change messages and what became of them',
      labelNames: ['class', 'result'] as const,
      registers,
    }),
    ownershipLost: new Counter({
      name: name('ownership_lost_total'),
      help: 'Steps abandoned because the stored state or the lease belonged to another',
      labelNames: ['reason'] as const,
      registers,
    }),
  };
}

/** Counts how long a change that is done now took since it was first seen. */
export function observeLag({ lag }: Metrics, { delivery: { body }, changeClass }: Done, now: number): void {
  if (body.kind !== 'read') return;
  const lagMs = now - Date.parse(body.value.firstSeenAt);
  lag.observe({ class: changeClass }, Math.max(0, lagMs) / 1000);
}

interface Done {
  readonly delivery: Pick<Delivery<Change>, 'body'>;
  readonly changeClass: ChangeClass;
}
