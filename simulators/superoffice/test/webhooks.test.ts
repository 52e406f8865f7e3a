import { createHmac } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { closeAll, receiver, start, until } from './harness.ts';

afterEach(closeAll);

const registration = (url: string) => ({
  Name: 'lockstep-activity',
  Events: ['activity.created', 'activity.changed', 'activity.deleted'],
  TargetUrl: url,
  Secret: 's3cret-åæø',
  State: 'Active',
  Type: 'webhook',
  Headers: { 'X-Lockstep-Tenant': 'Cust00001' },
  Properties: { Extra: 1 },
});

const appointment = { associate: 'alice', title: 'Review', start: '2026-11-12T08:00:00Z', end: '2026-11-12T09:00:00Z' };

test('saving a webhook posts a signed test event first and fails unless that is answered 200', async () => {
  const { api } = await start();
  const hook = await receiver();
  hook.answers = [500];
  expect((await api('POST', '/Webhook', registration(hook.url))).status).toBe(500);
  hook.answers = [200];
  const saved = await api('POST', '/Webhook', registration(hook.url));
  expect(saved.body).toMatchObject({ State: 'Active', Updated: '0001-01-01T00:00:00Z' });
  expect(hook.received).toHaveLength(2);
  expect(hook.received[1]?.headers).toMatchObject({ 'x-hook-test': 'true', 'x-superoffice-event': 'test' });
  expect(hook.received[1]?.body).toMatchObject({ Event: 'test', Entity: 'test', PrimaryKey: 0, Changes: [] });
  expect((await api('POST', '/Webhook', registration('http://example.com/'))).status).toBe(400);
});

test('create, change and delete each raise one signed event with column names', async () => {
  const { api, control, alice } = await start();
  const hook = await receiver();
  await api('POST', '/Webhook', registration(hook.url));
  const { id } = (await control('POST', '/appointments', appointment)).body;
  await control('PATCH', `/appointments/${id}`, { start: '2026-11-12T07:30:00Z' });
  await control('DELETE', `/appointments/${id}`);
  await until(() => hook.received.length === 4);
  const [created, changed, deleted] = hook.received.slice(1);
  expect(created?.body).toMatchObject({
    Event: 'activity.created',
    Entity: 'activity',
    PrimaryKey: id,
    ChangedByAssociateId: alice,
    Extra: 1,
  });
  expect(created?.body.FieldValues).toMatchObject({ associate_id: alice, do_by: '2026-11-12T09:00:00+01:00', type: 1 });
  expect(changed?.body.Changes).toEqual([
    'appointment_id',
    'do_by',
    'activeDate',
    'updated',
    'updated_associate_id',
    'updatedCount',
  ]);
  expect(deleted?.body).toMatchObject({ Event: 'activity.deleted', Changes: [] });
  expect(deleted?.body.Values).toEqual({ appointment_id: id, contact_id: 0, person_id: 0, project_id: 0, sale_id: 0 });
  expect(deleted?.body.FieldValues).toBeUndefined();
  for (const delivery of hook.received) {
    const expected = createHmac('sha256', 's3cret-åæø').update(delivery.raw).digest('base64');
    expect(delivery.headers['x-superoffice-signature']).toBe(expected);
    expect(delivery.headers['x-lockstep-tenant']).toBe('Cust00001');
  }
  expect(created?.headers['x-superoffice-eventid']).toBe(created?.body.EventId);
});

test('an event is tried three times with one id, then it is lost', async () => {
  const { api, control } = await start();
  const hook = await receiver();
  const { WebhookId } = (await api('POST', '/Webhook', registration(hook.url))).body;
  hook.answers = [503, 503, 503, 200];
  const first = (await control('POST', '/appointments', appointment)).body;
  const second = (await control('POST', '/appointments', appointment)).body;
  await until(() => hook.received.length === 5);
  const tries = hook.received.slice(1, 4);
  expect(tries.map((delivery) => delivery.headers['x-superoffice-retry'])).toEqual([undefined, '1', '2']);
  expect(new Set(tries.map((delivery) => delivery.body.EventId)).size).toBe(1);
  expect(hook.received.slice(1).map((delivery) => delivery.body.PrimaryKey)).toEqual([
    first.id,
    first.id,
    first.id,
    second.id,
  ]);
  await control('POST', '/webhooks/idle');
  expect((await api('GET', `/Webhook/${WebhookId}`)).body).toMatchObject({
    State: 'Active',
    ConsecutiveErrors: 0,
    TotalErrors: 3,
  });
});

test('nine failures in a row switch a webhook off, 410 does at once, and a PATCH switches it on again', async () => {
  const { api, control } = await start();
  const hook = await receiver();
  const { WebhookId } = (await api('POST', '/Webhook', registration(hook.url))).body;
  hook.answers = [500];
  for (let made = 0; made < 5; made++) await control('POST', '/appointments', appointment);
  await control('POST', '/webhooks/idle');
  expect(hook.received).toHaveLength(10);
  const path = `/Webhook/${WebhookId}`;
  expect((await api('GET', path)).body).toMatchObject({
    State: 'TooManyErrors',
    ConsecutiveErrors: 9,
    LastError: 'HTTP 500',
  });
  hook.answers = [200];
  const on = await api('PATCH', path, [{ op: 'replace', path: '/State', value: 'Active' }]);
  expect(on.body).toMatchObject({ State: 'Active', ConsecutiveErrors: 0 });
  hook.answers = [410];
  await control('POST', '/appointments', appointment);
  await control('POST', '/webhooks/idle');
  expect((await api('GET', path)).body.State).toBe('TooManyErrors');
  expect(hook.received).toHaveLength(12);
  const usage =
    '/Archive/dynamic?$select=webhook_usage.total_calls,webhook_usage.consecutive_errors,webhook_usage.last_error';
  const row = (
    await api('GET', `${usage}&$filter=${encodeURIComponent(`webhook_usage.webhook_usage_id eq ${WebhookId}`)}`)
  ).body.value[0];
  expect(row).toMatchObject({ 'webhook_usage.last_error': 'HTTP 410' });
});

test('webhooks misbehave on request: twice, in the wrong order, not at all, in the old form', async () => {
  const { api, control } = await start();
  const hook = await receiver();
  await api('POST', '/Webhook', registration(hook.url));
  await control('POST', '/webhooks/options', { duplicate: true, withoutFieldValues: true });
  await control('POST', '/appointments', appointment);
  await control('POST', '/webhooks/idle');
  expect(hook.received).toHaveLength(3);
  expect(hook.received[1]?.body).toEqual(hook.received[2]?.body);
  expect(hook.received[1]?.body.FieldValues).toBeUndefined();
  await control('POST', '/webhooks/options', { duplicate: false, reorder: true });
  const first = (await control('POST', '/appointments', appointment)).body.id;
  const second = (await control('POST', '/appointments', appointment)).body.id;
  await control('POST', '/webhooks/idle');
  expect(hook.received.slice(3).map((delivery) => delivery.body.PrimaryKey)).toEqual([second, first]);
  await control('POST', '/webhooks/options', { reorder: false, drop: 1 });
  await control('POST', '/appointments', appointment);
  const kept = (await control('POST', '/appointments', appointment)).body.id;
  await control('POST', '/webhooks/idle');
  expect(hook.received.slice(5).map((delivery) => delivery.body.PrimaryKey)).toEqual([kept]);
});

test('a silent edit changes the text and tells nobody', async () => {
  const { api, control } = await start();
  const hook = await receiver();
  await api('POST', '/Webhook', registration(hook.url));
  const { id } = (await control('POST', '/appointments', appointment)).body;
  await until(() => hook.received.length === 2);
  await control('POST', '/silent-edit', { appointmentId: id, title: 'Changed' });
  await control('POST', '/webhooks/idle');
  const read = (await api('GET', `/Appointment/${id}`)).body;
  expect([read.Title, read.UpdatedDate]).toEqual(['Changed', '0001-01-01T00:00:00Z']);
  expect(hook.received).toHaveLength(2);
});
