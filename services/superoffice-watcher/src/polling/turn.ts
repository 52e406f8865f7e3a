// One turn of polling, by the holder of the lease: webhook, new users, changed rows, deletes, then the marks. Each step
// ends in the stream before the marks move, so a turn may be cut off anywhere and is simply done again.
import { failure, type Instant, type Outcome, type SuperOfficeSettings, success } from '@lockstep/contracts';
import { isUnreadableLog } from '../client/archive-api.ts';
import type { Tenant } from '../client/tenant.ts';
import { watcherConfig } from '../config.ts';
import { ensureWebhook } from '../webhook/registration.ts';
import type { WebhookSecret } from '../webhook/secret.ts';
import { loadNewUsers } from './first-load.ts';
import { pollDeletes } from './poll-deletes.ts';
import { latestSince, pollRows } from './poll-rows.ts';
import type { PollingContext, PollingParts } from './polling-context.ts';
import { loadState, type PollingState, restored, saveState, withMark } from './polling-state.ts';

export interface TurnOptions extends PollingParts {
  readonly tenant: Tenant;
  readonly settings: () => SuperOfficeSettings;
  readonly windowBackDays: () => number;
  readonly secretOf: (tenant: string) => WebhookSecret;
  readonly serverId: () => string;
  readonly correlationId: () => string;
  readonly warn: (code: string, message: string) => void;
}

/** `more`: the next turn has work at once. */
export type TurnResult = 'done' | 'more';

const dayMs = 86_400_000;

/** Throws `BusError` when NATS does not answer. */
export async function pollingTurn(options: TurnOptions, signal: AbortSignal): Promise<Outcome<TurnResult>> {
  const connection = await options.tenant.connection();
  if (!connection.ok) return connection;
  const context: PollingContext = {
    ...options,
    connection: connection.value,
    resolve: { correlationId: options.correlationId(), changeClass: 'now', force: false, isNamedDelete: false, signal },
    lookedAt: new Set(),
  };
  // Before anything is listed or placed: with dates that nobody can place nothing is to be half synchronized.
  const dates = await connection.value.checkDates(signal);
  if (!dates.ok) return dates;
  await keepWebhook(options, context);
  const tenant = options.settings().baseUrl;
  const stored = await loadState(options.bucket);
  const known = stored?.state?.tenant === tenant ? stored.state : undefined;
  const begun = known === undefined ? await begin(options, context, tenant) : success(known);
  if (!begun.ok) return begun;
  const from = new Date(options.now() - (options.windowBackDays() + 1) * dayMs).toISOString();
  // Taken before anything is published: when NATS is replaced in the middle, the next turn notices.
  const serverId = options.serverId();
  const replaced = serverId !== begun.value.serverId;
  const lostSince = replaced ? restored(begun.value).at : undefined;
  const { begunAt } = begun.value;
  const { usersPerTurn: maxUsers } = watcherConfig.polling;
  const load = { tenant, from, begunAt, serverId, lostSince, kinds: context.watched(), maxUsers };
  const loaded = await loadNewUsers(context, load);
  if (!loaded.ok) return loaded;
  // Until all users are loaded again the state must go on saying that another server acknowledged it.
  if (replaced && loaded.value === 'more') return success('more');
  const polled = await poll(options, context, begun.value, serverId);
  if (!polled.ok) return polled;
  const saved = await saveState(options.bucket, polled.value, stored?.revision ?? 0);
  if (!saved) return failure('not-owner');
  options.metrics.polled(options.now(), polled.value.updated);
  return success(loaded.value === 'more' ? 'more' : 'done');
}

/** A webhook that cannot be saved is reported and does not stop polling: polling is what finds changes without it. */
async function keepWebhook(options: TurnOptions, context: PollingContext): Promise<void> {
  const { webhookUrl } = options.settings();
  if (webhookUrl === '') return options.metrics.webhook('off');
  const kept = await ensureWebhook(context.connection.webhooks, webhookUrl, options.secretOf, context.resolve.signal);
  options.metrics.webhook(kept.ok ? kept.value : 'failed');
  if (!kept.ok) options.warn(kept.error.code, 'the webhook could not be registered; changes are found by polling');
}

/** The first marks of a tenant. Nothing before them is published: every user's first load lists it. */
async function begin(options: TurnOptions, context: PollingContext, tenant: string): Promise<Outcome<PollingState>> {
  const since = new Date(options.now() - watcherConfig.polling.firstLookMs).toISOString();
  const serverId = options.serverId();
  const updated = await latestSince(context, 'updatedDate', since);
  if (!updated.ok) return updated;
  const registered = await latestSince(context, 'registeredDate', since);
  if (!registered.ok) return registered;
  const at = new Date(options.now()).toISOString();
  const lastDelete = await context.connection.archive.lastDelete(context.resolve.signal);
  if (!lastDelete.ok && !isUnreadableLog(lastDelete.error)) return lastDelete;
  const logId = lastDelete.ok ? (lastDelete.value?.logId ?? 0) : 0;
  const dates = { updated: mark(since, updated.value, at), registered: mark(since, registered.value, at) };
  return success({
    ...{ v: 1, tenant, serverId, savedAt: at, begunAt: at },
    ...dates,
    deletes: [{ at, logId, ...dates }],
  });
}

async function poll(
  options: TurnOptions,
  context: PollingContext,
  state: PollingState,
  serverId: string,
): Promise<Outcome<PollingState>> {
  const replaced = serverId !== state.serverId;
  const lastLogId = state.deletes.at(-1)?.logId ?? 0;
  const from = replaced ? restored(state) : { ...state, logId: lastLogId };
  const resolve = replaced ? { ...context.resolve, force: true, changeClass: 'bulk' as const } : context.resolve;
  const looking: PollingContext = { ...context, resolve };
  const begunAt = new Date(options.now()).toISOString();
  const updated = await pollRows(looking, 'updatedDate', from.updated);
  if (!updated.ok) return updated;
  const registered = await pollRows(looking, 'registeredDate', from.registered);
  if (!registered.ok) return registered;
  const deletes = await pollDeletes(looking, from.logId);
  if (!deletes.ok) return deletes;
  const at = new Date(options.now()).toISOString();
  const dates = {
    updated: mark(state.updated, updated.value, begunAt),
    registered: mark(state.registered, registered.value, begunAt),
  };
  const logId = Math.max(lastLogId, deletes.value);
  return success({
    ...state,
    ...{ serverId, savedAt: at },
    ...dates,
    deletes: withMark(state.deletes, { at, logId, ...dates }),
  });
}

/**
 * A mark moves to the latest date seen, never back and never past the moment when the look began: a row whose page had been
 * read may have changed behind it, and one row of the future would end polling.
 */
function mark(before: Instant, seen: Instant | undefined, begunAt: Instant): Instant {
  if (seen === undefined || seen <= before) return before;
  return seen < begunAt ? seen : before > begunAt ? before : begunAt;
}
