// What the change streams rely on, against a real nats-server: newest only, redelivery, consumers made anew, a full stream.
import {
  type Change,
  changeConsumer,
  changeMessage,
  type MailboxKey,
  partitionOf,
  streams,
  success,
  sync,
} from '@lockstep/contracts';
import { connect as connectNats } from 'nats';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from '../src/index.ts';
import { streamConfig } from '../src/storage-config.ts';
import { type NatsServerUnderTest, startNatsServer } from '../src/testing/nats-server.ts';
import { until } from '../src/testing/until.ts';
import { Buses, itemChanged, mailbox, nowSubject, partition, sending } from './helpers.ts';

let server: NatsServerUnderTest;
const buses = new Buses();
const consumer = changeConsumer(partition, 'now');
/** Acknowledgements are waited for only this long here, so that a redelivery can be seen. */
const impatient = { ...consumer, ackWaitMs: 1_000 };

const idOf = (body: { readonly kind: string; readonly value?: Change }) =>
  body.value?.kind === 'item' ? body.value.id : undefined;
const publish = (bus: Bus, ...ids: string[]) =>
  Promise.all(ids.map((id) => bus.publish(changeMessage, nowSubject(itemChanged(id)), itemChanged(id), sending)));

beforeAll(async () => {
  server = await startNatsServer();
});
afterEach(async () => {
  await buses.close();
  const nats = await connectNats({ servers: server.url });
  const jetstream = await nats.jetstreamManager();
  for await (const { config } of jetstream.streams.list()) await jetstream.streams.delete(config.name);
  await nats.close();
});
afterAll(() => server.stop());

async function ensured(): Promise<Bus> {
  const bus = await buses.open(server.url);
  await bus.ensure();
  return bus;
}

describe('a change stream', () => {
  it('keeps only the newest message of an item', async () => {
    const bus = await ensured();
    const times = ['08', '09', '10'].map((hour) => `2026-11-22T${hour}:00:00.000Z`);
    for (const time of times) {
      const change = itemChanged('a', time);
      expect(await bus.publish(changeMessage, nowSubject(change), change, sending)).toEqual(success(undefined));
    }
    const puller = await bus.pull(changeMessage, consumer);
    const deliveries = await puller.fetch(10, 1_000);
    expect(deliveries.map(({ body }) => body)).toEqual([{ kind: 'read', value: itemChanged('a', times[2]) }]);
    expect(deliveries[0]?.context.correlationId).toBe('c1');
  });

  it('delivers what is published while the older message is worked on, and the late ack harms nothing', async () => {
    const bus = await ensured();
    const puller = await bus.pull(changeMessage, consumer);
    await publish(bus, 'a');
    const [older] = await puller.fetch(1, 1_000);
    await publish(bus, 'a');
    const [newer] = await puller.fetch(1, 1_000);
    older?.working();
    await older?.ack();
    expect(newer?.deliveries).toBe(1);
    await newer?.ack();
    expect(await puller.fetch(1, 1_000)).toEqual([]);
    expect(await puller.pending()).toBe(0);
  });

  it('delivers again what was not acknowledged, and not what was', async () => {
    const bus = await ensured();
    const puller = await bus.pull(changeMessage, impatient);
    await publish(bus, 'a', 'b');
    const first = await puller.fetch(2, 1_000);
    expect(first).toHaveLength(2);
    await first.find(({ body }) => idOf(body) === 'b')?.ack();
    const again = await until(async () => (await puller.fetch(2, 1_000))[0]);
    expect([idOf(again.body), again.deliveries]).toEqual(['a', 2]);
    await again.ack();
    expect(await puller.fetch(2, 1_500)).toEqual([]);
  });

  it('delivers again at once what was handed back', async () => {
    const bus = await ensured();
    const puller = await bus.pull(changeMessage, consumer);
    await publish(bus, 'a');
    const [first] = await puller.fetch(1, 1_000);
    first?.retry(0);
    const [second] = await puller.fetch(1, 5_000);
    expect(second?.deliveries).toBe(2);
  });

  it('wakes a waiting fetch with the first message', async () => {
    const bus = await ensured();
    const puller = await bus.pull(changeMessage, consumer);
    const waiting = puller.fetch(10, 30_000);
    await publish(bus, 'a');
    expect(await waiting).toHaveLength(1);
  });

  it('ends a waiting fetch when its signal aborts, and loses nothing that comes then', async () => {
    const bus = await ensured();
    const puller = await bus.pull(changeMessage, consumer);
    const abort = new AbortController();
    const waiting = puller.fetch(10, 30_000, abort.signal);
    abort.abort();
    expect(await waiting).toEqual([]);
    await publish(bus, 'a');
    expect(await puller.fetch(10, 5_000)).toHaveLength(1);
  });

  it('gives a new owner at once what a dead one had fetched', async () => {
    const [dead, owner] = [await ensured(), await ensured()];
    await publish(dead, 'a', 'b', 'c');
    const deadPuller = await dead.pull(changeMessage, consumer);
    expect(await deadPuller.fetch(2, 1_000)).toHaveLength(2);
    const puller = await owner.pull(changeMessage, consumer);
    const got = await puller.fetch(10, 1_000);
    expect(got.map(({ body }) => idOf(body)).sort()).toEqual(['a', 'b', 'c']);
  });

  it('gives a consumer only its own partition and class', async () => {
    const bus = await ensured();
    const other = 'zzzzyyyyxxxxwwww' as MailboxKey;
    expect(partitionOf(other)).not.toBe(partition);
    const foreign = { ...itemChanged('foreign'), mailbox: other };
    await bus.publish(changeMessage, nowSubject(foreign), foreign, sending);
    const all: Change = {
      v: 1,
      mailbox,
      side: 'exchange',
      firstSeenAt: '2026-11-22T08:00:00.000Z',
      kind: 'all',
      reason: 'requested',
    };
    await bus.publish(changeMessage, nowSubject(all), all, sending);
    const now = await bus.pull(changeMessage, consumer);
    expect(await now.fetch(10, 1_000)).toEqual([]);
    const bulk = await bus.pull(changeMessage, changeConsumer(partition, 'bulk'));
    expect((await bulk.fetch(10, 1_000)).map(({ body }) => body)).toEqual([{ kind: 'read', value: all }]);
  });

  it('hands out an unreadable message as such and counts it', async () => {
    const bus = await ensured();
    const nats = await connectNats({ servers: server.url });
    await nats.jetstream().publish(nowSubject(itemChanged('a')), '{"v":1,"kind":"item"');
    await nats.jetstream().publish(nowSubject(itemChanged('b')), '{"v":1,"kind":"whole"}');
    const puller = await bus.pull(changeMessage, consumer);
    const got = await puller.fetch(10, 1_000);
    expect(got.map(({ body }) => body.kind)).toEqual(['unreadable', 'unreadable']);
    expect(got[0]?.body).toEqual({ kind: 'unreadable', reason: expect.stringContaining('not JSON') });
    expect(buses.events.filter(({ kind }) => kind === 'unreadable')).toHaveLength(2);
    await got[0]?.ack();
    await nats.close();
  });

  it('that is full refuses growth, replaces what it has, and drops nothing', async () => {
    const bus = await buses.open(server.url);
    const nats = await connectNats({ servers: server.url });
    const jetstream = await nats.jetstreamManager();
    const small = streamConfig({ ...streams.CHANGE, maxMessages: 2 }, 1);
    await jetstream.streams.add(small as unknown as Parameters<typeof jetstream.streams.add>[0]);
    await publish(bus, 'a', 'b');
    const brief = { ...sending, deadlineMs: 300 };
    const third = await bus.publish(changeMessage, nowSubject(itemChanged('c')), itemChanged('c'), brief);
    expect(third).toMatchObject({ ok: false, error: { code: 'bus-unavailable', detail: 'stream-full: CHANGE' } });
    const newer = itemChanged('a', '2026-11-22T09:00:00.000Z');
    expect(await bus.publish(changeMessage, nowSubject(newer), newer, sending)).toEqual(success(undefined));
    const puller = await bus.pull(changeMessage, consumer);
    const bodies = (await puller.fetch(10, 1_000)).map(({ body }) => body);
    expect(bodies).toEqual([itemChanged('b'), newer].map((value) => ({ kind: 'read', value })));
    await nats.close();
  });

  it('takes a published message as soon as there is room, within the deadline', async () => {
    const bus = await buses.open(server.url);
    const nats = await connectNats({ servers: server.url });
    const jetstream = await nats.jetstreamManager();
    const small = streamConfig({ ...streams.CHANGE, maxMessages: 1 }, 1);
    await jetstream.streams.add(small as unknown as Parameters<typeof jetstream.streams.add>[0]);
    await publish(bus, 'a');
    const waiting = publish(bus, 'b');
    const puller = await bus.pull(changeMessage, consumer);
    const [first] = await puller.fetch(1, 1_000);
    await first?.ack();
    expect(await waiting).toEqual([success(undefined)]);
    await nats.close();
  });

  it('refuses a message above 512 KiB before it is sent', async () => {
    const bus = await ensured();
    const change = itemChanged('x'.repeat(513 * 1024));
    const outcome = await bus.publish(changeMessage, nowSubject(change), change, sending);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'message-too-large' } });
  });

  it('makes its consumer again when NATS lost it', async () => {
    const bus = await ensured();
    const puller = await bus.pull(changeMessage, consumer);
    const nats = await connectNats({ servers: server.url });
    const jetstream = await nats.jetstreamManager();
    await jetstream.consumers.delete('CHANGE', consumer.durable);
    await publish(bus, 'a');
    expect(await until(async () => (await puller.fetch(1, 1_000))[0])).toBeDefined();
    await nats.close();
  });
});

describe('the history', () => {
  const record = (n: number, of: MailboxKey = mailbox): sync.HistoryRecord => ({
    v: 1,
    id: String(n),
    at: '2026-11-22T08:00:00.000Z',
    mailbox: of,
    correlationId: 'c',
    cause: { side: 'exchange', reason: 'test' },
    decision: 'nothing to do',
  });

  it('is read from its end, newest last, of one mailbox only', async () => {
    const bus = await ensured();
    const quiet = 'zzzzyyyyxxxxwwww' as MailboxKey;
    const add = (n: number, of: MailboxKey) =>
      bus.publish(sync.historyMessage, sync.historySubject(of), record(n, of), sending);
    for (const n of [1, 2, 3]) await add(n, quiet);
    await Promise.all(Array.from({ length: 700 }, (_, n) => add(n, mailbox)));
    await add(4, quiet);
    const last = await bus.readLast(sync.historyMessage, sync.historySubject(quiet), 2);
    expect(last.map(({ id }) => id)).toEqual(['3', '4']);
    expect(await bus.readLast(sync.historyMessage, sync.historySubject(mailbox), 600)).toHaveLength(600);
    const nobody = 'bbbbbbbbbbbbbbbb' as MailboxKey;
    expect(await bus.readLast(sync.historyMessage, sync.historySubject(nobody), 5)).toEqual([]);
  });
});
