// Subscriptions and streaming connections against the Exchange simulator.
import { until } from '@lockstep/bus/testing/until';
import { type MailboxKey, type Notified, notifiedConsumer, notifiedMessage, partitionOf } from '@lockstep/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aliceKey, bobKey, type GatewayUnderTest, linkOf, startGateway } from './support/gateway-under-test.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGateway({ linked: ['alice'] });
});
afterAll(() => gateway?.stop());

interface Counts {
  readonly count: number;
  readonly streams: unknown;
}

/** Fetches what is published for one mailbox, and acknowledges it, until a message with this cause comes. */
async function nextNotified(
  mailbox: MailboxKey,
  wanted: Notified['cause'],
  beforeEachFetch: () => Promise<unknown> = async () => undefined,
): Promise<Notified> {
  const puller = await gateway.operator.pull(notifiedMessage, notifiedConsumer(partitionOf(mailbox)));
  try {
    return await until(async () => {
      await beforeEachFetch();
      let found: Notified | undefined;
      for (const delivery of await puller.fetch(10, 1_000)) {
        if (delivery.body.kind === 'read' && delivery.body.value.cause === wanted) found = delivery.body.value;
        await delivery.ack();
      }
      return found?.mailbox === mailbox ? found : undefined;
    }, `a message for ${mailbox}`);
  } finally {
    await puller.stop();
  }
}

/** Changes the calendar until such a change is published; one that comes while a subscription is made is part of its message. */
const changeIsPublished = (name: 'alice' | 'bob') =>
  nextNotified(name === 'alice' ? aliceKey : bobKey, 'event', () => addFor(name));

const openStreams = () => [...gateway.governor.out.values()].filter((held) => held.pool === 'stream').length;
const addFor = (name: string) =>
  gateway.control('POST', `/control/mailboxes/${name}@lockstep.test/calendar/items`, {
    subject: 'x',
    start: '2026-05-01T08:00:00Z',
    end: '2026-05-01T09:00:00Z',
  });

test('each linked mailbox is subscribed, then published', async () => {
  expect(await nextNotified(aliceKey, 'subscribed')).toMatchObject({ v: 1, mailbox: aliceKey });
  await until(() => openStreams() === 1, 'the stream');
});

test('a change in Outlook is published as an event', async () => {
  await until(() => openStreams() === 1, 'the stream');
  const notified = await changeIsPublished('alice');
  expect(Date.parse(notified.firstSeenAt)).toBeLessThanOrEqual(Date.now());
});

test('a new link is subscribed beside the others', async () => {
  await gateway.kit.changeSettings({ userLinks: [linkOf('alice'), linkOf('bob')] });
  await nextNotified(bobKey, 'subscribed');
  await until(() => openStreams() === 1, 'the stream');
  await changeIsPublished('bob');
  await changeIsPublished('alice');
});

test('subscriptions that Exchange lost are made anew and published', async () => {
  await gateway.control('POST', '/control/restart');
  await nextNotified(aliceKey, 'subscribed');
  await nextNotified(bobKey, 'subscribed');
  await changeIsPublished('bob');
});

test('a server that loses every subscription again and again is given time, and found again', async () => {
  const fault = (await gateway.control('POST', '/control/faults', {
    match: { operation: 'GetStreamingEvents', count: null },
    when: 'before',
    action: { kind: 'message', code: 'ErrorSubscriptionNotFound' },
  })) as { id: number };
  const subscribed = () => gateway.governor.granted.filter(({ request }) => request.operation === 'Subscribe').length;
  const before = subscribed();
  await gateway.control('POST', '/control/restart');
  await until(() => subscribed() >= before + 6, 'the third round');
  const rounds = gateway.governor.granted.filter(({ request }) => request.pool === 'stream').length;
  await gateway.control('DELETE', `/control/faults/${fault.id}`);
  await changeIsPublished('alice');
  // One stream at most was tried for each round of two subscriptions: no loop turned without them.
  expect(gateway.governor.granted.filter(({ request }) => request.pool === 'stream').length).toBeLessThan(rounds + 6);
});

test('a stream that breaks is opened again, and every mailbox of it is published', async () => {
  await until(() => openStreams() === 1, 'the stream');
  const before = gateway.governor.granted.filter(({ request }) => request.pool === 'stream').length;
  gateway.governor.answersHeartbeats = false;
  await until(() => openStreams() === 0, 'the end of the stream with the session');
  gateway.governor.answersHeartbeats = true;
  await until(() => openStreams() === 1, 'the stream');
  expect(gateway.governor.granted.filter(({ request }) => request.pool === 'stream').length).toBeGreaterThan(before);
  await nextNotified(aliceKey, 'subscribed');
  await changeIsPublished('alice');
});

test('with incremental change detection only there are no streams; switched off, they come back', async () => {
  await until(() => openStreams() === 1, 'the stream');
  await gateway.kit.changeSettings({ technical: { incrementalChangeDetectionOnly: true } });
  await until(() => openStreams() === 0, 'the end of the stream');
  await until(async () => {
    const { streams } = (await gateway.control('GET', '/control/peaks')) as {
      streams: Record<string, { now: number }>;
    };
    return Object.values(streams).every(({ now }) => now === 0);
  }, 'the closing of the socket at the server');
  await gateway.kit.changeSettings({ technical: { incrementalChangeDetectionOnly: false } });
  await nextNotified(aliceKey, 'subscribed');
  await until(() => openStreams() === 1, 'the stream');
});

test('with delegation there are no streams', async () => {
  await gateway.kit.changeSettings({ technical: { access: 'delegation' } });
  await until(() => openStreams() === 0, 'the end of the stream');
  await gateway.kit.changeSettings({ technical: { access: 'impersonation' } });
  await until(() => openStreams() === 1, 'the stream');
});

test('a removed link loses its subscription, and the others go on', async () => {
  await gateway.kit.changeSettings({ userLinks: [linkOf('bob')] });
  await nextNotified(bobKey, 'subscribed');
  await until(() => openStreams() === 1, 'the stream');
  await addFor('alice');
  await changeIsPublished('bob');
  const metrics = await gateway.kit.metrics.metrics();
  expect(metrics).toContain('lockstep_exchange_gateway_subscriptions 1');
  const puller = await gateway.operator.pull(notifiedMessage, notifiedConsumer(partitionOf(aliceKey)));
  const left = await puller.fetch(10, 1_000);
  expect(left.filter(({ body }) => body.kind === 'read' && body.value.cause === 'event')).toEqual([]);
  await puller.stop();
});

test('a stopped gateway leaves no stream and no token', async () => {
  await gateway.stopService();
  expect(gateway.governor.out.size).toBe(0);
  await until(async () => {
    const { streams } = (await gateway.control('GET', '/control/subscriptions')) as Counts;
    return JSON.stringify(streams) === '0' || JSON.stringify(streams) === '[]';
  }, 'the closing of the socket at the server');
});
