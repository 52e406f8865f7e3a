// Several hundred mailboxes: who joins or leaves disturbs nobody else. Counted at Exchange and in what is published, since every
// message `subscribed` costs the detection of changes its calls for that mailbox.
import { until } from '@lockstep/bus/testing/until';
import { mailboxKeyFrom, type UserLink } from '@lockstep/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GatewayUnderTest, linkOf, startGateway } from './support/gateway-under-test.ts';

const people = 410;
/** Of 200 at most. Nobody is moved to make them fewer. */
const groups = 3;
let gateway: GatewayUnderTest;
let linked: readonly UserLink[];

const addressOf = (number: number) => `user${String(number).padStart(4, '0')}@lockstep.test`;
const linkTo = (number: number): UserLink => ({
  ...linkOf('alice'),
  mailbox: mailboxKeyFrom(new Uint8Array([number >> 8, number & 255, 7, 7, 7, 7, 7, 7, 7, 7])),
  address: addressOf(number),
  associateId: number + 10,
});
const asked = (operation: string) =>
  gateway.governor.granted.filter(({ request }) => request.operation === operation).length;
const openStreams = () => [...gateway.governor.out.values()].filter((held) => held.pool === 'stream').length;
const metric = async (name: string) => {
  const text = await gateway.kit.metrics.metrics();
  const line = text.split('\n').find((each) => each.startsWith(`lockstep_exchange_gateway_${name} `));
  return Number(line?.split(' ').at(-1) ?? 0);
};
const published = () => metric('notified_total{cause="subscribed"}');
const changed = () => metric('notified_total{cause="event"}');
const atServer = async () => ((await gateway.control('GET', '/control/subscriptions')) as { count: number }).count;
const link = async (links: readonly UserLink[]) => {
  linked = links;
  await gateway.kit.changeSettings({ userLinks: links });
};

/** What was asked and published from here until everybody linked is subscribed once and streams stand over them. */
async function costOf(change: () => Promise<void>) {
  const before = {
    subscribe: asked('Subscribe'),
    unsubscribe: asked('Unsubscribe'),
    streams: asked('GetStreamingEvents'),
    published: await published(),
  };
  await change();
  await until(async () => asked('GetStreamingEvents') > before.streams, 'a stream over the others');
  await settled();
  await publishedAll();
  return {
    subscribe: asked('Subscribe') - before.subscribe,
    unsubscribe: asked('Unsubscribe') - before.unsubscribe,
    published: (await published()) - before.published,
  };
}

/** What was told before a change of somebody's is published before it, or with it. */
async function publishedAll() {
  const before = await changed();
  await addFor(linked[0]?.address ?? '');
  await until(async () => (await changed()) > before, 'an event');
}

const addFor = (address: string) =>
  gateway.control('POST', `/control/mailboxes/${address}/calendar/items`, {
    subject: 'x',
    start: '2026-05-01T08:00:00Z',
    end: '2026-05-01T09:00:00Z',
  });

async function settled() {
  await until(async () => (await metric('subscriptions')) === linked.length, 'a subscription each', 120_000);
  await until(async () => (await atServer()) === linked.length, 'no subscription that nobody holds', 20_000);
  await until(() => openStreams() === groups, 'one stream a group', 20_000);
}

beforeAll(async () => {
  gateway = await startGateway({ linked: [] });
  await gateway.control('POST', '/control/seed', {
    mailboxes: Array.from({ length: people + 1 }, (_, number) => ({
      address: addressOf(number),
      displayName: 'x',
      password: 'lockstep',
      timeZone: 'Europe/Oslo',
    })),
  });
  // All but the first by address: where groups are by address, it would move everybody.
  await link(Array.from({ length: people }, (_, index) => linkTo(index + 1)));
  await settled();
  await until(async () => (await published()) >= people, 'a first message for each');
}, 180_000);
afterAll(() => gateway?.stop());

test('who joins is subscribed and published alone', async () => {
  const cost = await costOf(() => link([...linked, linkTo(0)]));
  expect(cost).toEqual({ subscribe: 1, unsubscribe: 0, published: 1 });
}, 180_000);

test('who leaves costs the end of one subscription, and the others are not asked', async () => {
  const cost = await costOf(() => link(linked.filter(({ address }) => address !== addressOf(7))));
  expect(cost).toEqual({ subscribe: 0, unsubscribe: 1, published: 0 });
}, 180_000);

test('the others stay subscribed when those leave that their groups hang on', async () => {
  // Everybody who was first in a group by whatever order: a third of all.
  const cost = await costOf(() => link(linked.filter((_, index) => index % 3 !== 0 || index > 300)));
  expect(cost).toEqual({ subscribe: 0, unsubscribe: 101, published: 0 });
}, 180_000);

test('no change is lost while somebody joins', async () => {
  const others = linked.slice(0, 60);
  const before = await changed();
  const adding = others.map(({ address }) => addFor(address));
  await link([...linked, linkTo(7)]);
  await Promise.all(adding);
  await until(async () => (await changed()) - before >= others.length, 'an event for each change', 20_000);
}, 60_000);

test('a gateway that stops in order leaves no subscription at the server', async () => {
  await gateway.stopService();
  expect(await atServer()).toBe(0);
}, 60_000);
