// One governor and gateways that follow the protocol, over a real nats-server.

import { randomUUID } from 'node:crypto';
import { type NatsServerUnderTest, startNatsServer } from '@lockstep/bus/testing/nats-server';
import { until } from '@lockstep/bus/testing/until';
import type { RequestId, TokenId } from '@lockstep/contracts';
import { createTestKit, type TestKit } from '@lockstep/service-kit/testing/kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FakeGateway, Usage } from './fake-gateway.ts';
import { type GovernorUnderTest, quick, quickGateway, record, startGovernor } from './helpers.ts';

let server: NatsServerUnderTest;
let gatewayKit: TestKit;
let log: Awaited<ReturnType<typeof record>>;
let governor: GovernorUnderTest;
let gateways: FakeGateway[] = [];
let usage: Usage;

beforeAll(async () => {
  server = await startNatsServer();
  gatewayKit = await createTestKit('exchange-gateway', { natsUrl: server.url });
});

afterAll(async () => {
  await gatewayKit.close();
  await server.stop();
});

beforeEach(async () => {
  log = await record(gatewayKit);
  usage = new Usage();
});

afterEach(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  gateways = [];
  await governor.stop();
  await log.stop();
});

/** A governor that grants, and a live gateway that knows it. */
async function granting(limit: number, streamingConnectionLimit = 3): Promise<FakeGateway> {
  const technical = { concurrentRequestLimit: limit, streamingConnectionLimit, userName: 'sync' };
  governor = await startGovernor(server.url, technical);
  return liveGateway();
}

async function liveGateway(): Promise<FakeGateway> {
  const gateway = new FakeGateway(gatewayKit.bus, quickGateway, usage).live();
  gateways.push(gateway);
  await until(() => gateway.phase === 'granting', 'the governor to grant');
  return gateway;
}

const state = () => log.states.at(-1);
const granted = async (gateway: FakeGateway, more = {}): Promise<TokenId> => {
  const answer = await gateway.acquire(more);
  if (!answer.ok) throw new Error(`refused: ${answer.error.code}`);
  return answer.value.token;
};
const codeOf = (answer: Awaited<ReturnType<FakeGateway['acquire']>>) => (answer.ok ? 'granted' : answer.error.code);

describe('the governor', () => {
  test('never has more tokens in use than the limit, whatever several gateways ask for', async () => {
    const others = [await granting(3), await liveGateway(), await liveGateway()];
    const calls = Array.from({ length: 120 }, (_, n) => {
      const payer = `mailbox-${n % 11}`;
      const priority = (['person', 'change', 'sweep', 'first-load'] as const)[n % 4] ?? 'change';
      return others[n % 3]?.call(1 + (n % 7), { payer, priority });
    });
    const done = await Promise.all(calls);
    expect(done.every((one) => one === true)).toBe(true);
    expect(usage).toMatchObject({ now: 0, total: 120 });
    expect(usage.peak).toBeLessThanOrEqual(3);
    await until(
      () => log.grants.filter((entry) => entry.event === 'released').length === 120,
      'every release in the log',
    );
    const grants = log.grants.filter((entry) => entry.event === 'granted');
    expect(new Set(grants.map((entry) => entry.token)).size).toBe(120);
    expect(Math.max(...grants.map((entry) => entry.out))).toBeLessThanOrEqual(3);
  });

  test('grants without a fixed limit when the limit is 0', async () => {
    const gateway = await granting(0);
    const tokens = await Promise.all(Array.from({ length: 15 }, () => granted(gateway)));
    expect(new Set(tokens).size).toBe(15);
    for (const token of tokens) await gateway.release(token);
  });

  test('a changed limit counts at once, raised or lowered, and takes nothing back', async () => {
    const gateway = await granting(1);
    const calls = Array.from({ length: 4 }, () => gateway.acquire());
    await until(() => state()?.queued === 3, 'three to wait');
    await governor.kit.changeSettings({ technical: { concurrentRequestLimit: 3 } });
    const first = await Promise.race([Promise.all(calls.slice(0, 3)), Promise.all(calls)]);
    expect(first.map(codeOf)).toEqual(['granted', 'granted', 'granted']);
    await governor.kit.changeSettings({ technical: { concurrentRequestLimit: 1 } });
    await until(() => state()?.limit === 1, 'the new limit to be said');
    expect(state()).toMatchObject({ out: 3, queued: 1 });
    for (const answer of first.slice(0, 2)) if (answer.ok) await gateway.release(answer.value.token);
    await until(() => state()?.out === 1, 'two to be back');
    expect(state()?.queued).toBe(1);
    for (const answer of first.slice(2)) if (answer.ok) await gateway.release(answer.value.token);
    expect((await Promise.all(calls)).map(codeOf)).toEqual(['granted', 'granted', 'granted', 'granted']);
  });

  test('the same request asked twice gets one token', async () => {
    const gateway = await granting(2);
    const requestId = randomUUID() as RequestId;
    const [one, two] = await Promise.all([granted(gateway, { requestId }), granted(gateway, { requestId })]);
    const three = await granted(gateway, { requestId });
    expect([two, three]).toEqual([one, one]);
    expect(log.grants.filter((entry) => entry.event === 'granted')).toHaveLength(1);
  });

  test('a waiting request that is cancelled gets nothing, a granted one gives its token back', async () => {
    const gateway = await granting(1);
    const requestId = randomUUID() as RequestId;
    const held = randomUUID() as RequestId;
    await granted(gateway, { requestId: held });
    const waiting = gateway.acquire({ requestId });
    await until(() => state()?.queued === 1, 'one to wait');
    await gateway.cancel(requestId);
    expect(codeOf(await waiting)).toBe('deadline-passed');
    await gateway.cancel(held);
    await until(() => state()?.out === 0, 'the token to be back');
    expect(log.grants.filter((entry) => entry.event === 'granted')).toHaveLength(1);
  });

  test('a request whose deadline passes in the queue keeps no token', async () => {
    const gateway = await granting(1);
    const token = await granted(gateway);
    expect(codeOf(await gateway.acquire({}, 100))).toBe('deadline-passed');
    await gateway.release(token);
    await until(() => state()?.out === 0 && state()?.queued === 0, 'nothing to be out');
    expect(log.grants.filter((entry) => entry.event === 'granted')).toHaveLength(1);
  });

  test('a grant that nobody uses comes back after two heartbeats that do not name it', async () => {
    const gateway = await granting(1);
    await granted(gateway);
    const next = await gateway.acquire();
    expect(codeOf(next)).toBe('granted');
    expect(log.grants.map((entry) => entry.event)).toEqual(['granted', 'freed', 'granted']);
  });

  test('the tokens of a gateway that died go to others, only after its session has ended', async () => {
    const dying = await granting(1);
    const other = await liveGateway();
    dying.hold(await granted(dying));
    const waiting = other.call(1);
    await until(() => state()?.queued === 1, 'the other one to wait');
    await dying.die();
    expect(await waiting).toBe(true);
    expect(usage.peak).toBe(1);
    expect(log.grants.map((entry) => entry.event)).toEqual(['granted', 'freed', 'granted', 'released']);
  });

  test('an unknown session is told to register', async () => {
    const { epoch } = await granting(1);
    const stranger = new FakeGateway(gatewayKit.bus, quickGateway, usage);
    stranger.epoch = epoch;
    expect(codeOf(await stranger.acquire())).toBe('governor-session-unknown');
  });

  test('a mailbox that has too many waiting is refused, others are not', async () => {
    const gateway = await granting(1);
    gateway.hold(await granted(gateway));
    const aborting = new AbortController();
    const { maxPerFlow } = quick.queue;
    const waiting = Array.from({ length: maxPerFlow }, () => gateway.acquire({}, 20_000, aborting.signal));
    await until(() => state()?.queued === maxPerFlow, 'the queue of the mailbox to be full');
    expect(await gateway.acquire()).toMatchObject({
      error: { code: 'governor-queue-full', retry: 'busy', backOffMs: 1_000 },
    });
    const other = gateway.acquire({ payer: 'bert' }, 20_000, aborting.signal);
    await until(() => state()?.queued === maxPerFlow + 1, 'the other mailbox to wait');
    aborting.abort();
    await Promise.all([...waiting, other]);
  });

  test('a busy answer pauses its mailbox for everybody, says so at once, and no other mailbox', async () => {
    const gateway = await granting(0);
    const token = await granted(gateway);
    const backOff = { scope: { kind: 'mailbox', mailbox: 'anna' }, remainingMs: 60_000 } as const;
    await gateway.release(token, { outcome: 'busy', backOff });
    const refused = await gateway.acquire({}, 5_000);
    expect(refused).toMatchObject({ ok: false, error: { code: 'governor-back-off', retry: 'busy' } });
    expect(codeOf(await gateway.acquire({ payer: 'bert' }))).toBe('granted');
    expect(state()?.backOffs).toMatchObject([{ scope: { kind: 'mailbox', mailbox: 'anna' } }]);
    const beat = await gateway.beat();
    expect(beat).toMatchObject({ ok: true, value: { backOffs: [{ scope: { kind: 'mailbox', mailbox: 'anna' } }] } });
  });

  test('three busy mailboxes pause the endpoint, and other credentials end it', async () => {
    const gateway = await granting(0);
    for (const mailbox of ['anna', 'bert', 'carl']) {
      const token = await granted(gateway, { payer: mailbox });
      const backOff = { scope: { kind: 'mailbox', mailbox }, remainingMs: 60_000 } as const;
      await gateway.release(token, { outcome: 'busy', backOff });
    }
    expect(codeOf(await gateway.acquire({ payer: 'dora' }, 5_000))).toBe('governor-back-off');
    const patient = gateway.acquire({ payer: 'dora' }, 70_000);
    await until(() => state()?.queued === 1, 'one to wait');
    await governor.kit.changeSettings({ technical: { userName: 'another' } });
    expect(codeOf(await patient)).toBe('granted');
  });

  test('streams have their own limit for each mailbox and take nothing from calls', async () => {
    const gateway = await granting(1, 1);
    gateway.hold(await granted(gateway, { pool: 'stream' }), 'stream');
    gateway.hold(await granted(gateway));
    gateway.hold(await granted(gateway, { pool: 'stream', payer: 'bert' }), 'stream', 'bert');
    expect(codeOf(await gateway.acquire({ pool: 'stream' }, 150))).toBe('deadline-passed');
    await until(() => state()?.streamsOut === 2 && state()?.out === 1, 'the counts of both pools');
  });

  test('what it did can be seen in its metrics', async () => {
    const gateway = await granting(2);
    expect(await gateway.call(1)).toBe(true);
    const text = await (await fetch(`${governor.kit.url}/metrics`)).text();
    expect(text).toContain('lockstep_throttle_governor_grants_total{priority="change",pool="call"} 1');
    expect(text).toContain('lockstep_throttle_governor_limit_tokens 2');
    expect(text).toContain('lockstep_throttle_governor_phase_state{phase="granting"} 1');
  });
});
