// One NATS user a service: what each needs works with its own user, and nothing else does.
import {
  changeConsumer,
  changeMessage,
  exchange,
  exchangeItems,
  failure,
  notifiedMessage,
  notifiedSubject,
  serviceNames,
  settingsChanged,
  success,
  sync,
  type UserName,
  usedStorage,
  userNames,
} from '@lockstep/contracts';
import { connect as connectNats, type NatsConnection } from 'nats';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from '../src/index.ts';
import { type NatsServerUnderTest, startNatsServer } from '../src/testing/nats-server.ts';
import { until } from '../src/testing/until.ts';
import { Buses, itemChanged, mailbox, nowSubject, partition, sending } from './helpers.ts';

const passwords = Object.fromEntries(userNames.map((user) => [user, `password-of-${user}`]));
let server: NatsServerUnderTest;
const buses = new Buses();
const raw: NatsConnection[] = [];

const as = (user: UserName): Promise<Bus> =>
  buses.open(server.url, {
    user,
    password: passwords[user] ?? '',
    ...(user === 'operator' ? {} : { storage: usedStorage(user) }),
  });
/** The bare client as that user, for what the bus would never send. */
async function bare(user: UserName): Promise<NatsConnection> {
  const nats = await connectNats({
    servers: server.url,
    user,
    pass: passwords[user] ?? '',
    inboxPrefix: `_INBOX_${user}`,
  });
  raw.push(nats);
  return nats;
}
const refusal = { code: 'PERMISSIONS_VIOLATION' };

beforeAll(async () => {
  server = await startNatsServer({ users: passwords });
});
afterEach(async () => {
  await Promise.all(raw.splice(0).map((nats) => nats.close()));
  await buses.close();
});
afterAll(() => server.stop());

describe('a service with its own NATS user', () => {
  it.each(serviceNames)('%s makes its storage, whoever starts first', async (service) => {
    await (await as(service)).ensure();
    expect(buses.events).toEqual([]);
  });

  it('asks, is answered, publishes, pulls, stores, leases and broadcasts', async () => {
    await (await as('operator')).ensure();
    const [engine, gateway, scanner, settings] = await Promise.all(
      (['sync-engine', 'exchange-gateway', 'ics-scanner', 'settings'] as const).map(as),
    );
    if (!engine || !gateway || !scanner || !settings) throw new Error('four buses');
    await gateway.serve(exchange.testConnection, { running: 1, waiting: 1 }, async () =>
      success({ ok: true, steps: [] }),
    );
    expect(await settings.request(exchange.testConnection, {}, sending)).toEqual(success({ ok: true, steps: [] }));

    const notified = { v: 1, mailbox, firstSeenAt: '2026-11-22T08:00:00.000Z', cause: 'event' } as const;
    expect(await gateway.publish(notifiedMessage, notifiedSubject(mailbox), notified, sending)).toEqual(
      success(undefined),
    );
    const change = itemChanged('a');
    expect(await scanner.publish(changeMessage, nowSubject(change), change, sending)).toEqual(success(undefined));
    const puller = await engine.pull(changeMessage, changeConsumer(partition, 'now'));
    const [delivery] = await puller.fetch(1, 1_000);
    delivery?.working();
    await delivery?.ack();
    expect(await puller.pending()).toBe(0);

    expect((await scanner.bucket('cookies').create('a', { n: 1 })).kind).toBe('written');
    expect((await settings.bucket('settings').create('technical', { n: 1 })).kind).toBe('written');
    expect(await engine.bucket('settings').keys('>')).toEqual(['technical']);
    expect(await engine.bucket('settings').history('technical')).toHaveLength(1);
    const lease = await engine.tryLease({ key: 'engine.1', holder: 'test' });
    expect(lease).toBeDefined();
    await lease?.release();
    await engine.serve(sync.syncNow, { running: 1, waiting: 1, tokens: ['3'] }, async () => success({}));
    expect(await settings.request(sync.syncNow, {}, { ...sending, tokens: ['3', mailbox] })).toEqual(success({}));
    const looked = await settings.readLast(sync.historyMessage, sync.historySubject(mailbox), 5);
    expect(looked).toEqual([]);
    let heard = 0;
    await engine.listen(settingsChanged, () => heard++);
    settings.broadcast(settingsChanged, { section: 'technical', revision: 1 }, { correlationId: 'c' });
    await until(() => heard === 1);
    expect(buses.events.filter(({ kind }) => kind === 'not-permitted')).toEqual([]);
  });

  it("is refused another service's storage, and told so", async () => {
    await (await as('operator')).ensure();
    // One for each refusal: a connection on which NATS refused something is given up.
    const scanner = () => as('ics-scanner');
    const denied = {
      name: 'BusError',
      error: { code: 'bus-unavailable', detail: expect.stringContaining('not-permitted') },
    };
    await expect((await scanner()).bucket('mailboxes').getBytes('a')).rejects.toMatchObject(denied);
    await expect((await scanner()).bucket('settings').create('b', {})).rejects.toMatchObject(denied);
    await expect((await scanner()).pull(changeMessage, changeConsumer(1, 'now'))).rejects.toMatchObject(denied);
    expect(await (await scanner()).tryLease({ key: 'governor', holder: 'intruder' })).toBeUndefined();
    expect(await (await scanner()).request(exchangeItems.remove, {} as never, sending)).toMatchObject(
      failure('bus-unavailable', { detail: `not-permitted: ${exchangeItems.remove.subject}` }),
    );
    await until(() => buses.events.filter(({ kind }) => kind === 'not-permitted').length >= 5);
  });

  it('can neither serve for another nor read its replies', async () => {
    const scanner = await as('ics-scanner');
    const bounds = { running: 1, waiting: 1 };
    await expect(scanner.serve(exchangeItems.read, bounds, async () => success({ results: [] }))).rejects.toMatchObject(
      {
        name: 'BusError',
      },
    );
    const nats = await bare('ics-scanner');
    for (const subject of ['_INBOX_sync-engine.>', '_INBOX.>', '>', '$JS.EVENT.>', 'lockstep.v1.>']) {
      const refused = new Promise((resolve) => nats.subscribe(subject, { callback: (error) => resolve(error) }));
      expect(await refused, subject).toMatchObject(refusal);
    }
  });

  it.each(serviceNames)('%s can change, empty or delete no stream', async (service) => {
    await (await as('operator')).ensure();
    const nats = await bare(service);
    for (const stream of ['CHANGE', 'NOTIFIED', 'HISTORY', 'KV_settings', 'KV_leases', 'KV_links'])
      for (const call of ['STREAM.UPDATE', 'STREAM.PURGE', 'STREAM.DELETE', 'STREAM.MSG.DELETE', 'STREAM.RESTORE'])
        await expect(nats.request(`$JS.API.${call}.${stream}`), `${call} ${stream}`).rejects.toMatchObject(refusal);
  });

  it('cannot answer somebody who did not ask it', async () => {
    const nats = await bare('exchange-gateway');
    const errors: unknown[] = [];
    void (async () => {
      for await (const status of nats.status()) errors.push(status);
    })();
    nats.publish('_INBOX_sync-engine.abc.def', 'forged');
    await nats.flush();
    await until(() => errors.length > 0);
    expect(errors[0]).toMatchObject({ data: 'PERMISSIONS_VIOLATION' });
  });

  it('is refused with a wrong password', async () => {
    const wrong = { user: 'settings', password: 'wrong', timeoutMs: 2_000 };
    await expect(buses.open(server.url, wrong)).rejects.toMatchObject({ error: { code: 'bus-unavailable' } });
    await expect(buses.open(server.url, { timeoutMs: 2_000 })).rejects.toMatchObject({
      error: { code: 'bus-unavailable' },
    });
  });
});
