// Replicas, restarts and stops.
import { randomUUID } from 'node:crypto';
import { until } from '@lockstep/bus/testing/until';
import { exchange, success, type TokenId } from '@lockstep/contracts';
import { afterEach, expect, test } from 'vitest';
import { start, TokenClient } from '../src/index.ts';
import type { Grant } from '../src/tokens/token-client.ts';
import { type GatewayUnderTest, startGateway } from './support/gateway-under-test.ts';

let gateway: GatewayUnderTest | undefined;
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
});

const askFor = (under: GatewayUnderTest, deadlineMs = 10_000) =>
  under.ask(exchange.getFolder, { mailbox: under.mailboxes.alice, priority: 'person', folder: 'calendar' }, deadlineMs);
const openStreams = (under: GatewayUnderTest) =>
  [...under.governor.out.values()].filter((held) => held.pool === 'stream').length;

interface Logged {
  readonly records: readonly {
    readonly operation?: string;
    readonly clientRequestId?: string;
    readonly closedByClient?: boolean;
  }[];
}

test('of two gateways one holds the streams, and the other takes over when it stops', async () => {
  gateway = await startGateway();
  const under = gateway;
  await until(() => openStreams(under) === 1, 'the stream');
  const kit = await under.secondKit();
  const second = await start(kit);
  await until(() => second.ready(), 'the second gateway');
  const subscribed = () => under.governor.granted.filter(({ request }) => request.operation === 'Subscribe');
  expect(new Set(subscribed().map(({ request }) => request.sessionId)).size).toBe(1);
  await under.stopService();
  await until(() => openStreams(under) === 1, 'the stream of the second gateway');
  expect(new Set(subscribed().map(({ request }) => request.sessionId)).size).toBe(2);
  expect(await askFor(under)).toMatchObject({ ok: true });
  await second.stop();
  await kit.close();
  expect(under.governor.out.size).toBe(0);
});

test('a stop lets a short call finish, and aborts one that hangs', async () => {
  gateway = await startGateway({ technical: { incrementalChangeDetectionOnly: true } });
  const under = gateway;
  await under.control('POST', '/control/faults', {
    match: { operation: 'GetFolder' },
    when: 'before',
    action: { kind: 'delay', ms: 500 },
  });
  await under.control('POST', '/control/faults', {
    match: { operation: 'GetFolder' },
    when: 'before',
    action: { kind: 'hang' },
  });
  const short = askFor(under);
  await until(() => under.governor.out.size === 1, 'the first call');
  const hanging = askFor(under, 60_000);
  await until(() => under.governor.out.size === 2, 'the second call');
  await under.stopService();
  expect(await short).toMatchObject({ ok: true });
  expect(await hanging).toMatchObject({ ok: false, error: { code: 'exchange-unreachable' } });
  expect(under.governor.out.size).toBe(0);
  const { records } = (await under.control('GET', '/control/log')) as Logged;
  expect(records.at(-1)).toMatchObject({ operation: 'GetFolder', closedByClient: true });
});

test('after NATS died and came back, calls and streams go on', async () => {
  gateway = await startGateway();
  const under = gateway;
  await until(() => openStreams(under) === 1, 'the stream');
  await under.nats.kill();
  const session = async () => /session_valid 0$/m.test(await under.kit.metrics.metrics());
  await until(session, 'the session to lapse');
  await until(async () => {
    const { streams } = (await under.control('GET', '/control/peaks')) as { streams: Record<string, { now: number }> };
    return Object.values(streams).every(({ now }) => now === 0);
  }, 'the closing of the stream');
  await under.nats.restart();
  await until(async () => (await askFor(under, 2_000)).ok, 'a call', 40_000);
  await until(() => openStreams(under) >= 1, 'the stream', 40_000);
});

test('without a governor nothing is sent', async () => {
  gateway = await startGateway({ technical: { incrementalChangeDetectionOnly: true } });
  const under = gateway;
  await under.governor.stop();
  await until(async () => {
    const asked = await askFor(under, 1_000);
    return !asked.ok && asked.error.code === 'governor-lapsed';
  }, 'the session to lapse');
  expect(await under.control('GET', '/control/log')).toEqual({ records: [] });
});

test('a gateway that skips one acquire shows as a request without a grant', async () => {
  class Careless extends TokenClient {
    #skipped = false;
    protected override async acquire(wish: Parameters<TokenClient['acquire']>[0]) {
      if (this.#skipped) return super.acquire(wish);
      this.#skipped = true;
      return success<Grant>({ token: randomUUID() as TokenId, epoch: 0, limit: 0 });
    }
  }
  gateway = await startGateway({
    technical: { incrementalChangeDetectionOnly: true },
    overrides: { tokenClient: (options) => new Careless(options) },
  });
  await askFor(gateway);
  await askFor(gateway);
  const { records } = (await gateway.control('GET', '/control/log')) as Logged;
  const granted = new Set(gateway.governor.granted.map(({ token }) => token));
  expect(records.map((record) => granted.has(record.clientRequestId ?? ''))).toEqual([false, true]);
});
