import { createHmac, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { until } from '@lockstep/bus/testing/until';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readPrivateKey } from '../src/client/credential.ts';
import { webhookSecret } from '../src/webhook/secret.ts';
import { World } from './harness.ts';

interface Webhook {
  readonly webhook_id: number;
  readonly name: string;
  readonly state: string;
  readonly targetUrl: string;
}

let world: World;
beforeAll(async () => {
  world = await World.start({ webhooks: true, logins: ['alice', 'bob'] });
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.control('POST', '/webhooks/idle');
  await world.takeChanges('alice');
  await world.takeChanges('bob');
});

async function secret(tenant = 'Cust00001'): Promise<string> {
  const key = await readPrivateKey(world.environment['LOCKSTEP_SUPEROFFICE_KEY_FILE'] ?? '');
  return webhookSecret(key, tenant).secret;
}

async function deliver(event: Readonly<Record<string, unknown>>, given: { secret?: string; path?: string } = {}) {
  const body = JSON.stringify({ EventId: randomUUID(), Event: 'activity.changed', PrimaryKey: 1, ...event });
  const signature = createHmac('sha256', given.secret ?? (await secret()))
    .update(body)
    .digest('base64');
  return fetch(given.path ?? world.webhookUrl, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json; charset=utf-8', 'x-superoffice-signature': signature },
  });
}

describe('the webhook', () => {
  it('is registered once, with our address and active', async () => {
    const webhooks = await world.control<Webhook[]>('GET', '/webhooks');
    expect(webhooks).toHaveLength(1);
    expect(webhooks[0]).toMatchObject({ state: 'Active', targetUrl: world.webhookUrl });
  });

  it('brings what a person creates, changes and deletes into the stream', async () => {
    const row = await world.add('alice');
    const created = await world.takeUntil('alice', row.id, false);
    expect(created).toMatchObject({ kind: 'item', item: 'appointment', side: 'superoffice' });
    await world.change(row.id, { title: 'Changed' });
    const changed = await world.takeUntil('alice', row.id, false);
    expect(changed.kind === 'item' && changed.version).not.toBe(created.kind === 'item' && created.version);
    await world.remove(row.id);
    await world.takeUntil('alice', row.id, true);
    await world.control('POST', '/webhooks/idle');
    expect(await world.takeChanges('bob')).toEqual([]);
  });

  it('tells the old and the new mailbox when a row changes its owner', async () => {
    const row = await world.add('alice');
    await world.takeUntil('alice', row.id, false);
    await world.change(row.id, { associate: 'bob' });
    await world.takeUntil('alice', row.id, true);
    await world.takeUntil('bob', row.id, false);
    await world.remove(row.id);
    await world.takeUntil('bob', row.id, true);
    expect(await world.takeChanges('alice')).toEqual([]);
  });

  it('says nothing of tasks, documents and people who are not linked', async () => {
    await world.control('POST', '/seed', {
      associates: [{ login: 'carol', password: 'lockstep', email: 'carol@lockstep.test', fullName: 'Carol' }],
    });
    await world.add('carol');
    await world.add('alice', { type: 'inChecklist' });
    await world.control('POST', '/webhooks/idle');
    expect(await world.takeChanges('alice')).toEqual([]);
    const last = await world.add('alice');
    await world.takeUntil('alice', last.id, false);
  });

  it('takes repeated, reordered and bare deliveries', async () => {
    await world.control('POST', '/webhooks/options', { duplicate: true, reorder: true, withoutFieldValues: true });
    const row = await world.add('alice');
    await world.change(row.id, { title: 'Again' });
    await world.remove(row.id);
    await world.takeUntil('alice', row.id, true);
    await world.control('POST', '/webhooks/options', {
      duplicate: false,
      reorder: false,
      withoutFieldValues: false,
    });
  });
});

describe('a delivery', () => {
  it('is refused without the right signature, and changes nothing', async () => {
    const row = await world.add('alice');
    await world.takeUntil('alice', row.id, false);
    expect((await deliver({ PrimaryKey: row.id }, { secret: 'wrong' })).status).toBe(401);
    expect((await fetch(world.webhookUrl, { method: 'POST', body: '{}' })).status).toBe(401);
    expect(await world.takeChanges('alice')).toEqual([]);
  });

  it('is refused with the secret of another address', async () => {
    const path = world.webhookUrl.replace('Cust00001', 'Cust00002');
    expect((await deliver({}, { path })).status).toBe(401);
    expect((await deliver({}, { path, secret: await secret('Cust00002') })).status).toBe(200);
  });

  it('may be unsigned only when it tests the address', async () => {
    const test = (body: unknown) =>
      fetch(world.webhookUrl, { method: 'POST', body: JSON.stringify(body), headers: { 'x-hook-test': 'true' } });
    expect((await test({ EventId: 'a', Event: 'test', PrimaryKey: 0 })).status).toBe(200);
    expect((await test({ EventId: 'a', Event: 'activity.changed', PrimaryKey: 1 })).status).toBe(401);
  });

  it('is answered 200 when it is none of our business, and 400 when it is no event', async () => {
    expect((await deliver({ Event: 'contact.changed' })).status).toBe(200);
    expect((await deliver({ EventId: 7 })).status).toBe(400);
  });

  it('is answered 503 while SuperOffice cannot be asked', async () => {
    await world.control('POST', '/faults', { path: '*/Appointment/*', status: 500, count: 1 });
    expect((await deliver({ PrimaryKey: 12345 })).status).toBe(503);
    expect((await deliver({ PrimaryKey: 12345 })).status).toBe(200);
  });

  it('puts no secret and nothing personal into the log', async () => {
    const row = await world.add('alice', { title: 'Confidential subject', location: 'Secret place' });
    await world.takeUntil('alice', row.id, false);
    const logged = JSON.stringify(world.kit.logged);
    for (const text of ['Confidential subject', 'Secret place', 'alice', 'Basic ', await secret()]) {
      expect(logged).not.toContain(text);
    }
    expect(logged).not.toContain(await readFile(world.environment['LOCKSTEP_SUPEROFFICE_KEY_FILE'] ?? '', 'utf8'));
  });
});

describe('with NATS down', () => {
  it('a delivery is answered 503, and its repetition after NATS is back brings the change', async () => {
    const row = await world.add('alice');
    await world.takeUntil('alice', row.id, false);
    await world.nats.kill();
    const event = { EventId: randomUUID(), PrimaryKey: row.id };
    await world.control('POST', '/webhooks/options', { drop: true });
    await world.change(row.id, { title: 'While NATS was down' });
    expect((await deliver(event)).status).toBe(503);
    await world.nats.restart();
    await until(() => world.kit.bus.connected() && world.operator.connected(), 'the bus');
    await until(async () => (await deliver(event)).status === 200, 'a repetition that is accepted');
    await world.takeUntil('alice', row.id, false);
    await world.control('POST', '/webhooks/options', { drop: false });
  });
});
