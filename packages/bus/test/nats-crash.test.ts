// kill -9 and restart of nats-server under everything that the bus does: it goes on by itself, and nothing published is lost.
import { changeConsumer, changeMessage, operation, success } from '@lockstep/contracts';
import { Type } from 'typebox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type NatsServerUnderTest, startNatsServer } from '../src/testing/nats-server.ts';
import { until } from '../src/testing/until.ts';
import { Buses, gate, itemChanged, nowSubject, partition, sending } from './helpers.ts';

const echo = operation('test.echo', Type.Object({ text: Type.String() }), Type.Object({ text: Type.String() }));
const bounds = { running: 4, waiting: 4 };
const consumer = changeConsumer(partition, 'now');
let server: NatsServerUnderTest;
const buses = new Buses();
const publish = async (bus: Awaited<ReturnType<typeof buses.open>>, id: string) =>
  bus.publish(changeMessage, nowSubject(itemChanged(id)), itemChanged(id), { ...sending, deadlineMs: 30_000 });

beforeEach(async () => {
  server = await startNatsServer();
});
afterEach(async () => {
  await buses.close();
  await server.stop();
});

describe('after kill -9 of NATS', () => {
  it('clients come back by themselves, see another server id, and serve again', async () => {
    const [service, caller] = [await buses.open(server.url), await buses.open(server.url)];
    await service.serve(echo, bounds, async (body) => success(body));
    const before = caller.serverId();
    let reconnected = 0;
    caller.onReconnect(() => reconnected++);
    await server.kill();
    await until(() => !caller.connected());
    const during = caller.request(echo, { text: 'waits' }, { ...sending, deadlineMs: 30_000 });
    await server.restart();
    expect(await during).toEqual(success({ text: 'waits' }));
    expect(caller.connected()).toBe(true);
    expect(reconnected).toBe(1);
    expect(caller.serverId()).not.toBe(before);
    expect(buses.events.map(({ kind }) => kind)).toContain('reconnected');
  });

  it('a request under way fails at once as bus-unavailable and is not carried out twice', async () => {
    const [service, caller] = [await buses.open(server.url), await buses.open(server.url)];
    const begun = gate();
    let calls = 0;
    await service.serve(echo, bounds, async (body) => {
      calls++;
      begun.open();
      await until(() => !service.connected());
      return success(body);
    });
    const request = caller.request(echo, { text: '' }, { ...sending, deadlineMs: 600_000 });
    await begun.opened;
    await server.kill();
    expect(await request).toMatchObject({ ok: false, error: { code: 'bus-unavailable', retry: 'later' } });
    await server.restart();
    await until(() => service.connected());
    expect(calls).toBe(1);
  });

  it('a request to a NATS that stays away fails at its deadline', async () => {
    const caller = await buses.open(server.url);
    await server.kill();
    const outcome = await caller.request(echo, { text: '' }, { ...sending, deadlineMs: 300 });
    expect(outcome).toMatchObject({ ok: false, error: { code: 'bus-unavailable' } });
  });

  it('messages are published when it is back, and consumers go on where they were', async () => {
    const bus = await buses.open(server.url);
    await bus.ensure();
    const puller = await bus.pull(changeMessage, consumer);
    for (const id of ['a', 'b']) await publish(bus, id);
    const [first] = await puller.fetch(1, 1_000);
    await first?.ack();
    await server.kill();
    const during = publish(bus, 'c');
    const abort = new AbortController();
    const waiting = puller.fetch(10, 2_000, abort.signal).catch(() => []);
    await server.restart();
    expect(await during).toEqual(success(undefined));
    const seen = new Set((await waiting).map(({ subject }) => subject));
    // The first may come once more: an acknowledgement is not flushed to disk, and what is repeated is harmless.
    await until(async () => {
      for (const { subject } of await puller.fetch(10, 1_000).catch(() => [])) seen.add(subject);
      return ['b', 'c'].every((id) => seen.has(nowSubject(itemChanged(id))));
    });
  });

  it('stored values and revisions are as they were, and a lease goes on', async () => {
    const bus = await buses.open(server.url);
    await bus.ensure();
    const bucket = bus.bucket('mailboxes');
    const created = await bucket.create('a', { n: 1 });
    const lease = await bus.tryLease({ key: 'engine.1', holder: 'me' });
    await server.kill();
    await server.restart();
    const entry = await until(() => bucket.get('a', Type.Object({ n: Type.Integer() })).catch(() => undefined));
    expect(entry).toEqual({ key: 'a', value: { n: 1 }, revision: created.kind === 'written' ? created.revision : 0 });
    const leases = bus.bucket('leases');
    await until(async () => ((await leases.getBytes('engine.1'))?.revision ?? 0) > (lease?.epoch ?? 0), 'a renewal');
    expect(lease?.signal.aborted).toBe(false);
    await lease?.release();
  });

  it('a lease that cannot be renewed ends before the server would give it to another', async () => {
    const bus = await buses.open(server.url);
    await bus.ensure();
    const lease = await bus.tryLease({ key: 'engine.2', holder: 'me' });
    await server.kill();
    await until(() => lease?.signal.aborted, 'the lease to end', 15_000);
    expect(await bus.tryLease({ key: 'engine.2', holder: 'me' })).toBeUndefined();
  });

  it('drain ends although there is no server', async () => {
    const bus = await buses.open(server.url);
    await bus.serve(echo, bounds, async (body) => success(body));
    await server.kill();
    await until(() => !bus.connected());
    await bus.drain(100);
    await bus.closed;
  });
});
