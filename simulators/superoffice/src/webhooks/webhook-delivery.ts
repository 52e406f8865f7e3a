// Sends events to webhooks as the product does: one POST, then retries after 1 s and 4 s, then the event is lost for
// good; nine failed attempts in a row switch the webhook off, 410 does so at once. What waits here is lost at a stop.
// `WebhookBehaviour` makes it misbehave as networks do.
import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Dispatcher, request } from 'undici';
import type { ChangeEvent } from '../changes/change-event.ts';
import type { Database } from '../store/database.ts';
import type { WebhookRow } from '../store/rows.ts';
import type { Clock } from '../time/clock.ts';

export interface WebhookBehaviour {
  /** Each event is sent twice, with the same EventId. */
  readonly duplicate: boolean;
  /** Two neighbouring events change places. */
  readonly reorder: boolean;
  /** Each event waits this long before its first attempt. */
  readonly delayMs: number;
  /** Events are thrown away: all of them, or this many of the next ones. */
  readonly drop: boolean | number;
  /** The payload of servers before 2025. */
  readonly withoutFieldValues: boolean;
}

export const wellBehaved: WebhookBehaviour = {
  duplicate: false,
  reorder: false,
  delayMs: 0,
  drop: false,
  withoutFieldValues: false,
};

export interface DeliveryOptions {
  readonly retryWaitsMs: readonly number[];
  readonly attemptTimeoutMs: number;
  /** Events that may wait for one webhook; more are lost. */
  readonly queueLimit: number;
  /** How long reordering holds an event back for a successor. */
  readonly reorderHoldMs: number;
  readonly dispatcher: Dispatcher;
}

export interface Attempt {
  readonly ok: boolean;
  readonly status: number;
  readonly message: string;
}

interface Pending {
  readonly eventId: string;
  readonly event: string;
  readonly body: string;
}

const maxConsecutiveErrors = 9;
const serverVersion = '12.4.1514.0';

export class WebhookDelivery {
  behaviour: WebhookBehaviour = wellBehaved;

  readonly #database: Database;
  readonly #clock: Clock;
  readonly #contextIdentifier: string;
  readonly #options: DeliveryOptions;
  readonly #queues = new Map<number, Pending[]>();
  readonly #running = new Map<number, Promise<void>>();
  readonly #stop = new AbortController();

  constructor(database: Database, clock: Clock, contextIdentifier: string, options: DeliveryOptions) {
    this.#database = database;
    this.#clock = clock;
    this.#contextIdentifier = contextIdentifier;
    this.#options = options;
  }

  /** Queues an event for each active webhook that subscribes to it. */
  send(event: ChangeEvent): void {
    const name = `${event.entity}.${event.action}`;
    for (const webhook of this.#database.webhooks.values()) {
      if (webhook.state !== 'Active' || webhook.type !== 'webhook' || !webhook.events.includes(name)) continue;
      if (this.#dropsNext()) continue;
      const queue = this.#queues.get(webhook.webhook_id) ?? [];
      this.#queues.set(webhook.webhook_id, queue);
      if (queue.length >= this.#options.queueLimit) continue;
      const pending = this.#pending(event, webhook);
      queue.push(pending);
      if (this.behaviour.duplicate) queue.push(pending);
      this.#start(webhook.webhook_id, queue);
    }
  }

  /** The POST that saving a webhook makes; the save fails unless it is answered 200. */
  test(webhook: WebhookRow): Promise<Attempt> {
    const event: ChangeEvent = { entity: 'test', action: '', primaryKey: 0, changes: [], changedBy: 0 };
    const pending = this.#pending(event, webhook);
    return this.#attempt(webhook, { ...pending, event: 'test' }, { 'X-Hook-Test': 'true' });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  /** Stops at once; what waits is lost. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.idle();
  }

  #dropsNext(): boolean {
    const { drop } = this.behaviour;
    if (typeof drop === 'boolean') return drop;
    if (drop > 0) this.behaviour = { ...this.behaviour, drop: drop - 1 };
    return drop > 0;
  }

  #pending(event: ChangeEvent, webhook: WebhookRow): Pending {
    const eventId = randomUUID();
    const name = event.action === '' ? event.entity : `${event.entity}.${event.action}`;
    const fields = this.behaviour.withoutFieldValues || event.fieldValues === undefined;
    const body = JSON.stringify({
      EventId: eventId,
      Timestamp: new Date(this.#clock.nowMs()).toISOString().replace('Z', '0000Z'),
      Changes: event.changes,
      Event: name,
      PrimaryKey: event.primaryKey,
      Entity: event.entity,
      ContextIdentifier: this.#contextIdentifier,
      ChangedByAssociateId: event.changedBy,
      WebhookName: webhook.name,
      ...(fields ? {} : { FieldValues: event.fieldValues }),
      ...(event.values === undefined ? {} : { Values: event.values }),
      ...webhook.properties,
    });
    return { eventId, event: name, body };
  }

  #start(webhookId: number, queue: Pending[]): void {
    if (this.#running.has(webhookId) || this.#stop.signal.aborted) return;
    const done = this.#drain(webhookId, queue).finally(() => {
      this.#running.delete(webhookId);
      if (queue.length > 0) this.#start(webhookId, queue);
    });
    this.#running.set(webhookId, done);
  }

  async #drain(webhookId: number, queue: Pending[]): Promise<void> {
    try {
      for (;;) {
        if (this.behaviour.reorder && queue.length === 1) await this.#wait(this.#options.reorderHoldMs);
        if (this.behaviour.reorder && queue.length > 1) queue.unshift(...queue.splice(1, 1));
        const pending = queue.shift();
        if (pending === undefined) return;
        if (this.behaviour.delayMs > 0) await this.#wait(this.behaviour.delayMs);
        await this.#deliver(webhookId, pending);
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
      queue.length = 0;
    }
  }

  /** All attempts of one event. It ends early when the webhook is gone or switched off. */
  async #deliver(webhookId: number, pending: Pending): Promise<void> {
    for (let retry = 0; retry <= this.#options.retryWaitsMs.length; retry++) {
      if (retry > 0) await this.#wait(this.#options.retryWaitsMs[retry - 1] ?? 0);
      const webhook = this.#database.webhooks.get(webhookId);
      if (webhook === undefined || webhook.state !== 'Active') return;
      const headers: Record<string, string> = retry === 0 ? {} : { 'X-SuperOffice-Retry': String(retry) };
      const attempt = await this.#attempt(webhook, pending, headers);
      this.#stop.signal.throwIfAborted();
      this.#record(webhookId, attempt);
      if (attempt.ok || attempt.status === 410) return;
    }
  }

  #record(webhookId: number, attempt: Attempt): void {
    const webhook = this.#database.webhooks.get(webhookId);
    if (webhook === undefined) return;
    const consecutive = attempt.ok ? 0 : webhook.consecutive_errors + 1;
    const off = attempt.status === 410 || consecutive >= maxConsecutiveErrors;
    this.#database.webhooks.set(webhookId, {
      ...webhook,
      state: off ? 'TooManyErrors' : webhook.state,
      total_calls: webhook.total_calls + 1,
      total_errors: webhook.total_errors + (attempt.ok ? 0 : 1),
      consecutive_errors: consecutive,
      last_error: attempt.ok ? webhook.last_error : attempt.message,
    });
    if (off && webhook.state === 'Active') {
      this.send({ entity: `webhook${webhookId}`, action: 'errors', primaryKey: webhookId, changes: [], changedBy: 0 });
    }
  }

  async #attempt(webhook: WebhookRow, pending: Pending, extra: Readonly<Record<string, string>>): Promise<Attempt> {
    const bytes = Buffer.from(pending.body, 'utf8');
    const signature = createHmac('sha256', Buffer.from(webhook.secret, 'utf8')).update(bytes).digest('base64');
    try {
      const response = await request(webhook.targetUrl, {
        method: 'POST',
        headers: {
          ...webhook.headers,
          'Content-Type': 'application/json; charset=utf-8',
          'User-Agent': `NetServer-Webhook/${serverVersion}`,
          'X-SuperOffice-Event': pending.event,
          'X-SuperOffice-EventId': pending.eventId,
          ...(webhook.secret === '' ? {} : { 'X-SuperOffice-Signature': signature }),
          ...extra,
        },
        body: bytes,
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(this.#options.attemptTimeoutMs)]),
        dispatcher: this.#options.dispatcher,
      });
      await response.body.dump();
      const ok = response.statusCode === 200;
      return { ok, status: response.statusCode, message: ok ? '' : `HTTP ${response.statusCode}` };
    } catch (error) {
      // A refused connection, a time-out and a bad header all count as one failed attempt.
      return { ok: false, status: 0, message: error instanceof Error ? error.message : String(error) };
    }
  }

  #wait(waitMs: number): Promise<void> {
    return sleep(waitMs, undefined, { signal: this.#stop.signal });
  }
}
