// What the watcher tells Prometheus. Labels come from fixed lists in the code: never an id, a mailbox or an address.
import type { ChangeClass, Instant } from '@lockstep/contracts';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export type WatcherMetrics = ReturnType<typeof createMetrics>;

const prefix = 'lockstep_superoffice_watcher';

export function createMetrics(registry: Registry) {
  const registers = [registry];
  const calls = new Histogram({
    name: `${prefix}_call_duration_seconds`,
    help: 'Calls to SuperOffice by kind and outcome (ok or an error code)',
    labelNames: ['call', 'outcome'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const deliveries = new Counter({
    name: `${prefix}_webhook_deliveries_total`,
    help: 'Webhook deliveries by status and what became of them',
    labelNames: ['status', 'result'],
    registers,
  });
  const changes = new Counter({
    name: `${prefix}_changes_published_total`,
    help: 'Messages put into the change stream',
    labelNames: ['kind', 'class'],
    registers,
  });
  const rows = new Counter({
    name: `${prefix}_polled_rows_total`,
    help: 'Rows that polling had to read, by what became of them',
    labelNames: ['result'],
    registers,
  });
  const turns = new Counter({
    name: `${prefix}_polling_turns_total`,
    help: 'Polling turns by result (ok or an error code)',
    labelNames: ['result'],
    registers,
  });
  const conflicts = new Counter({
    name: `${prefix}_index_conflicts_total`,
    help: 'Writes to the index that another replica forestalled',
    registers,
  });
  const gauge = (name: string, help: string) => new Gauge({ name: `${prefix}_${name}`, help, registers });
  const lastPoll = gauge('last_poll_timestamp_seconds', 'When polling last succeeded in this process');
  const watermark = gauge('watermark_timestamp_seconds', 'Latest update seen by polling');
  const logReadable = gauge('delete_log_readable', '1 while the transaction log can be read, else 0');
  const webhook = new Gauge({
    name: `${prefix}_webhook_registration`,
    help: '1 for the state of the webhook registration as last seen',
    labelNames: ['state'],
    registers,
  });
  const webhookStates = ['off', 'kept', 'repaired', 'failed'] as const;

  return {
    call: (call: string, outcome: string, durationMs: number) => calls.observe({ call, outcome }, durationMs / 1000),
    delivery: (status: number, result: string) => deliveries.inc({ status: String(status), result }),
    published: (kind: string, changeClass: ChangeClass) => changes.inc({ kind, class: changeClass }),
    polledRow: (result: string) => rows.inc({ result }),
    turn: (result: string) => turns.inc({ result }),
    indexConflict: () => conflicts.inc(),
    deleteLogReadable: (readable: boolean) => logReadable.set(readable ? 1 : 0),
    webhook: (now: (typeof webhookStates)[number]) => {
      for (const state of webhookStates) webhook.set({ state }, state === now ? 1 : 0);
    },
    polled: (now: number, updated: Instant) => {
      lastPoll.set(now / 1000);
      watermark.set(Date.parse(updated) / 1000);
    },
  };
}
