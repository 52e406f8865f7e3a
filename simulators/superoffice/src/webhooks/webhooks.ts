// The webhook register: CRUD with the product's rules. Saving POSTs a test event to the target first and fails unless
// that is answered 200; the target must be https, except on this machine, because the simulator's users have no
// certificates.
import { briefAssociate } from '../entities/brief-entity.ts';
import { webhookStates } from '../entities/enums.ts';
import { badArgument, invalidRequest, ruleBroken } from '../input/error.ts';
import { enumName, type Json, PropertyNames, readEnum, readObject, readText } from '../input/json-input.ts';
import type { Database } from '../store/database.ts';
import type { AssociateRow, WebhookRow, WebhookState } from '../store/rows.ts';
import type { Clock } from '../time/clock.ts';
import type { Dates } from '../time/dates.ts';
import type { WebhookDelivery } from './webhook-delivery.ts';

export const webhookNames = new PropertyNames(
  'WebhookId Name Events TargetUrl Secret State Type Headers Properties Registered RegisteredAssociate Updated UpdatedAssociate ErrorsEmail Webhook EventName PrimaryKey Data NameFilter EventFilter StatusFilter'.split(
    ' ',
  ),
);

export interface WebhookOptions {
  /** Whether http:// targets on 127.0.0.1, ::1 and localhost are taken. */
  readonly plainHttpToLoopback: boolean;
}

const loopback = new Set(['127.0.0.1', '[::1]', 'localhost']);

export class Webhooks {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #delivery: WebhookDelivery;
  readonly #options: WebhookOptions;

  constructor(database: Database, clock: Clock, delivery: WebhookDelivery, options: WebhookOptions) {
    this.#database = database;
    this.#clock = clock;
    this.#delivery = delivery;
    this.#options = options;
  }

  blank(): WebhookRow {
    return {
      webhook_id: 0,
      name: '',
      events: ['contact.created', 'contact.deleted'],
      targetUrl: '',
      secret: '',
      state: 'Active',
      type: 'webhook',
      headers: {},
      properties: {},
      errorsEmail: '',
      registered: 0,
      registered_associate_id: 0,
      updated: 0,
      updated_associate_id: 0,
      total_calls: 0,
      total_errors: 0,
      consecutive_errors: 0,
      last_error: '',
    };
  }

  /** The secret is shown once, when the webhook is made; afterwards it reads as null. */
  entity(row: WebhookRow, dates: Dates, withSecret = false): Json {
    return {
      WebhookId: row.webhook_id,
      Name: row.name === '' ? null : row.name,
      Events: row.events,
      TargetUrl: row.targetUrl === '' ? null : row.targetUrl,
      Secret: withSecret ? row.secret : null,
      State: row.state,
      Type: row.type,
      Headers: row.headers,
      Properties: row.properties,
      Registered: dates.instant(row.registered),
      RegisteredAssociate: briefAssociate(this.#database, row.registered_associate_id),
      Updated: dates.instant(row.updated),
      UpdatedAssociate: briefAssociate(this.#database, row.updated_associate_id),
      ErrorsEmail: row.errorsEmail,
      TotalCalls: row.total_calls,
      TotalErrors: row.total_errors,
      ConsecutiveErrors: row.consecutive_errors,
      LastError: row.last_error,
    };
  }

  /**
   * Reads an entity over an existing row. A null or absent Secret keeps the stored one, since reading hides it.
   * @throws 400
   */
  read(entity: unknown, base: WebhookRow): WebhookRow {
    const json = readObject(webhookNames.read(entity), 'Webhook');
    const text = (name: string, now: string) => (json[name] == null ? now : readText(json[name], name, 4000));
    const state = enumName(readEnum(json['State'] ?? base.state, 'State', webhookStates), webhookStates);
    return {
      ...base,
      name: text('Name', base.name),
      events: json['Events'] == null ? base.events : readEvents(json['Events']),
      targetUrl: text('TargetUrl', base.targetUrl),
      secret: text('Secret', base.secret),
      state: state as WebhookState,
      type: text('Type', base.type),
      headers: json['Headers'] == null ? base.headers : readHeaders(json['Headers']),
      properties: json['Properties'] == null ? base.properties : readObject(json['Properties'], 'Properties'),
      errorsEmail: text('ErrorsEmail', base.errorsEmail),
    };
  }

  /** Stores it after a successful test event. @throws 400 for a bad target, 500 when the target does not answer 200. */
  async save(row: WebhookRow, actor: AssociateRow): Promise<WebhookRow> {
    this.#checkTarget(row);
    if (row.state === 'Active') {
      const attempt = await this.#delivery.test(row);
      if (!attempt.ok) throw ruleBroken(`Webhook target did not answer the test event: ${attempt.message}`);
    }
    const before = this.#database.webhooks.get(row.webhook_id);
    if (row.webhook_id !== 0 && before === undefined) throw ruleBroken(`Webhook id ${row.webhook_id} not found`);
    const now = this.#clock.nowSecondMs();
    const stamped: WebhookRow =
      before === undefined
        ? {
            ...row,
            webhook_id: this.#database.webhooks.takeId(),
            registered: now,
            registered_associate_id: actor.associate_id,
          }
        : { ...row, updated: now, updated_associate_id: actor.associate_id };
    const reactivated = before !== undefined && before.state !== 'Active' && row.state === 'Active';
    const saved = reactivated ? { ...stamped, consecutive_errors: 0 } : stamped;
    this.#database.webhooks.set(saved.webhook_id, saved);
    if (before !== undefined && before.state !== row.state) this.#announce(saved, actor);
    return saved;
  }

  #announce(row: WebhookRow, actor: AssociateRow): void {
    this.#delivery.send({
      entity: `webhook${row.webhook_id}`,
      action: row.state === 'Active' ? 'started' : 'stopped',
      primaryKey: row.webhook_id,
      changes: [],
      changedBy: actor.associate_id,
    });
  }

  #checkTarget(row: WebhookRow): void {
    if (row.name === '') throw badArgument('A webhook must have a Name');
    if (row.type !== 'webhook' && row.type !== 'crmscript') throw badArgument(`Webhook type '${row.type}' is unknown`);
    if (row.events.length === 0) throw badArgument('A webhook must have Events');
    if (!URL.canParse(row.targetUrl)) throw badArgument('The TargetUrl of a webhook must be a URL');
    const url = new URL(row.targetUrl);
    const allowed = url.protocol === 'http:' && this.#options.plainHttpToLoopback && loopback.has(url.hostname);
    if (url.protocol !== 'https:' && !allowed) throw badArgument('The TargetUrl of a webhook must be https');
  }
}

function readEvents(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw invalidRequest("The value of 'Events' is not an array.");
  return value.map((item) => {
    const event = readText(item, 'Events', 200);
    if (!/^[a-z0-9]+(\.[a-z0-9]+)+$/i.test(event)) throw badArgument(`Event '${event}' is unknown`);
    return event;
  });
}

function readHeaders(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(readObject(value, 'Headers'));
  return Object.fromEntries(entries.map(([name, item]) => [name, readText(item, `Headers.${name}`, 4000)]));
}
