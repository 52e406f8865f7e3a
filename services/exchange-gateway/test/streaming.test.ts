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

/** Fetches what was published for one mailbox until `wanted` is among it, and acknowledges all. */
async function nextNotified(mailbox: MailboxKey, wanted: Notified['cause']): Promise<Notified> {
  const puller = await gateway.kit.bus.pull(notifiedMessage, notifiedConsumer(partitionOf(mailbox)));
  try {
    return await until(async () => {
      let found: Notified | undefined;
      for (const delivery of await puller.fetch(10, 1_000)) {
        if (
          delivery.body.kind === 'read' &&
          delivery.body.value.mailbox === mailbox &&
          delivery.body.value.cause === wanted
        ) {
          found = delivery.body.value;
        }
        await delivery.ack();
      }
      return found;
    }, `a message for ${mailbox}`);
  } finally {
    await puller.stop();
  }
}

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
  await addFor('alice');
  const notified = await nextNotified(aliceKey, 'event');
  expect(Date.parse(notified.firstSeenAt)).toBeLessThanOrEqual(Date.now());
});

test('a new link is subscribed beside the others, and a removed one is no longer published', async () => {
  await gateway.kit.changeSettings({ userLinks: [linkOf('alice'), linkOf('bob')] });
  await nextNotified(bobKey, 'subscribed');
  await until(() => openStreams() === 1, 'the stream');
  await addFor('bob');
  await nextNotified(bobKey, 'event');
  await addFor('alice');
  await nextNotified(aliceKey, 'event');
});

test('subscriptions that Exchange lost are made anew and published', async () => {
  await gateway.control('POST', '/control/restart');
  await nextNotified(aliceKey, 'subscribed');
  await nextNotified(bobKey, 'subscribed');
  await addFor('bob');
  await nextNotified(bobKey, 'event');
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
  await addFor('alice');
  await nextNotified(aliceKey, 'event');
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

test('a stopped gateway leaves no stream and no token', async () => {
  await gateway.stopService();
  expect(gateway.governor.out.size).toBe(0);
  await until(async () => {
    const { streams } = (await gateway.control('GET', '/control/subscriptions')) as Counts;
    return JSON.stringify(streams) === '0' || JSON.stringify(streams) === '[]';
  }, 'the closing of the socket at the server');
});
