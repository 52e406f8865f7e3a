// REST resource /Webhook and its agent twin.
import { type AddRoute, type Answer, type Call, idParam, noContent, ok, textParam } from '../http/call.ts';
import { badArgument, notFound } from '../input/error.ts';
import { type Json, readInteger, readObject } from '../input/json-input.ts';
import { patchEntity } from '../input/patch.ts';
import type { Database } from '../store/database.ts';
import type { WebhookRow } from '../store/rows.ts';
import type { WebhookDelivery } from './webhook-delivery.ts';
import { type Webhooks, webhookNames } from './webhooks.ts';

export function addWebhookRoutes(
  add: AddRoute,
  webhooks: Webhooks,
  delivery: WebhookDelivery,
  database: Database,
): void {
  const get = (id: number): WebhookRow => {
    const row = database.webhooks.get(id);
    if (row === undefined) throw notFound('Webhook', id);
    return row;
  };
  const byPath = (call: Call) => get(idParam(call, 'id', 'Webhook'));
  const entity = (row: WebhookRow, call: Call): Answer => ok(webhooks.entity(row, call.dates));
  const list = (call: Call) => {
    const filter = (name: string) => call.query.get(name) ?? '';
    const rows = [...database.webhooks.values()].filter(
      (row) =>
        row.name.toLowerCase().includes(filter('nameFilter').toLowerCase()) &&
        (filter('eventFilter') === '' || row.events.includes(filter('eventFilter'))) &&
        (filter('statusFilter') === '' || row.state === filter('statusFilter')),
    );
    return ok(rows.map((row) => webhooks.entity(row, call.dates)));
  };
  const create = async (call: Call) => {
    const saved = await webhooks.save(webhooks.read(call.body, webhooks.blank()), call.actor);
    return ok(webhooks.entity(saved, call.dates, true));
  };
  const save = async (row: WebhookRow, entityIn: unknown, call: Call) =>
    entity(await webhooks.save(webhooks.read(entityIn, row), call.actor), call);
  const test = async (call: Call) => {
    const attempt = await delivery.test(webhooks.read(call.body, webhooks.blank()));
    return ok({ Success: attempt.ok, Message: attempt.message });
  };

  add('GET', '/Webhook/default', (call) => entity(webhooks.blank(), call));
  add('GET', '/Webhook', list);
  add('POST', '/Webhook', create);
  add('POST', '/Webhook/Test', test);
  add('GET', '/Webhook/:id', (call) => entity(byPath(call), call));
  add('PUT', '/Webhook/:id', (call) => {
    const row = byPath(call);
    const reset = { ...webhooks.blank(), ...identity(row), secret: row.secret };
    return save(reset, call.body, call);
  });
  add('PATCH', '/Webhook/:id', (call) => {
    const row = byPath(call);
    const before = webhooks.entity(row, call.dates);
    return save(
      row,
      patchEntity(before, call.body, webhookNames, () => false),
      call,
    );
  });
  add('DELETE', '/Webhook/:id', (call) => {
    database.webhooks.delete(byPath(call).webhook_id);
    return noContent;
  });
  add('GET', '/Webhook/:id/LastError', (call) => ok(byPath(call).last_error));
  add('POST', '/Webhook/:event/:key', (call) => {
    signal(delivery, textParam(call, 'event'), textParam(call, 'key'), {}, call);
    return noContent;
  });

  const agent = '/Agents/Webhook';
  const argument = (call: Call) => (call.body === null ? {} : readObject(webhookNames.read(call.body), 'The argument'));
  const byId = (call: Call) => {
    const query = [...call.query].find(([name]) => name.toLowerCase() === 'webhookid')?.[1];
    return database.webhooks.get(readInteger(argument(call)['WebhookId'] ?? query, 'WebhookId'));
  };
  add('POST', `${agent}/CreateDefaultWebhook`, (call) => entity(webhooks.blank(), call));
  add('POST', `${agent}/SaveWebhook`, (call) => {
    const body = argument(call)['Webhook'] ?? argument(call);
    const id = readInteger(readObject(body, 'Webhook')['WebhookId'], 'WebhookId');
    return id === 0 ? create({ ...call, body }) : save(get(id), body, call);
  });
  add('POST', `${agent}/GetWebhook`, (call) => {
    const row = byId(call);
    return row === undefined ? ok(null) : entity(row, call);
  });
  add('POST', `${agent}/GetAllWebhooks`, list);
  add('POST', `${agent}/DeleteWebhook`, (call) => {
    const row = byId(call);
    if (row !== undefined) database.webhooks.delete(row.webhook_id);
    return ok(null);
  });
  add('POST', `${agent}/TestWebhook`, (call) => test({ ...call, body: argument(call)['Webhook'] ?? call.body }));
  add('POST', `${agent}/GetLastError`, (call) => ok(byId(call)?.last_error ?? null));
  add('POST', `${agent}/SignalEvent`, (call) => {
    const { EventName, PrimaryKey, Values } = argument(call);
    signal(
      delivery,
      String(EventName),
      String(PrimaryKey),
      Values === undefined ? {} : readObject(Values, 'Values'),
      call,
    );
    return ok(null);
  });
}

/** What a full PUT may not change. */
function identity(row: WebhookRow): Partial<WebhookRow> {
  const { webhook_id, registered, registered_associate_id, total_calls, total_errors, consecutive_errors, last_error } =
    row;
  return { webhook_id, registered, registered_associate_id, total_calls, total_errors, consecutive_errors, last_error };
}

function signal(delivery: WebhookDelivery, name: string, key: string, values: Json, call: Call): void {
  const [entity = '', action = ''] = name.split('.');
  if (entity === '' || action === '') throw badArgument(`Event '${name}' is unknown`);
  const primaryKey = readInteger(key, 'PrimaryKey');
  delivery.send({ entity, action, primaryKey, changes: [], fieldValues: values, changedBy: call.actor.associate_id });
}
