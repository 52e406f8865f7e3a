// Leaders that come and go, over a real nats-server: the limit holds through all of it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type NatsServerUnderTest, startNatsServer } from '@lockstep/bus/testing/nats-server';
import { until } from '@lockstep/bus/testing/until';
import { governor, leaseKeys, type TokenId, userNames } from '@lockstep/contracts';
import { createTestKit, type TestKit } from '@lockstep/service-kit/testing/kit';
import { Type } from 'typebox';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { governorConfig } from '../src/config.ts';
import { governorWith } from '../src/service.ts';
import { FakeGateway, Usage } from './fake-gateway.ts';
import { type GovernorUnderTest, quick, quickGateway, record, startGovernor } from './helpers.ts';

let server: NatsServerUnderTest;
let kit: TestKit;
let log: Awaited<ReturnType<typeof record>>;
let usage: Usage;
let governors: GovernorUnderTest[] = [];
let gateways: FakeGateway[] = [];
let child: ChildProcess | undefined;

const technical = { concurrentRequestLimit: 2 };

beforeAll(async () => {
  server = await startNatsServer();
  kit = await createTestKit('exchange-gateway', { natsUrl: server.url });
});

afterAll(async () => {
  await kit.close();
  await server.stop();
});

beforeEach(async () => {
  log = await record(kit);
  usage = new Usage();
});

afterEach(async () => {
  child?.kill('SIGKILL');
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await Promise.all(governors.map((governor) => governor.stop()));
  await log.stop();
  gateways = [];
  governors = [];
});

async function start(config = quick): Promise<GovernorUnderTest> {
  const governor = await startGovernor(server.url, technical, config);
  governors.push(governor);
  return governor;
}

async function gateway(timings = quickGateway): Promise<FakeGateway> {
  const one = new FakeGateway(kit.bus, timings, usage).live();
  gateways.push(one);
  await until(() => one.phase !== '', 'a governor to answer');
  return one;
}

const grantsOf = (epoch: number) => log.grants.filter((entry) => entry.event === 'granted' && entry.epoch === epoch);
const epochs = () => [...new Set(log.states.map((state) => state.epoch))];
const leaseHolder = async () =>
  (await kit.bus.bucket('leases').get(leaseKeys.governor, Type.Object({ holder: Type.String() })))?.value.holder;

/** Calls without pause, until `enough` says so. */
async function load(one: FakeGateway, enough: () => boolean): Promise<void> {
  while (!enough()) await one.call(5, { payer: `mailbox-${usage.total % 5}` }, 5_000);
}

test('with the permissions of its own NATS user it does all of this', async () => {
  const users = Object.fromEntries(userNames.map((user) => [user, `password-of-${user}`]));
  const restricted = await startNatsServer({ users });
  const natsPasswords = restricted.passwords;
  const governorKit = await createTestKit('throttle-governor', {
    natsUrl: restricted.url,
    natsPasswords,
    settings: { technical },
  });
  const gatewayKit = await createTestKit('exchange-gateway', { natsUrl: restricted.url, natsPasswords });
  const running = await governorWith(quick)(governorKit);
  const one = new FakeGateway(gatewayKit.bus, quickGateway, usage).live();
  gateways.push(one);
  await until(() => one.phase === 'granting', 'grants');
  const states: unknown[] = [];
  await gatewayKit.bus.listen(governor.governorState, (state) => states.push(state));
  expect(await one.call(1)).toBe(true);
  await until(() => states.length > 0, 'the state to be said');
  for (const { busEvents } of [governorKit, gatewayKit])
    expect(busEvents.filter((event) => event.kind === 'not-permitted')).toEqual([]);
  await one.stop();
  await running.stop();
  await Promise.all([governorKit.close(), gatewayKit.close()]);
  await restricted.stop();
});

describe('leadership', () => {
  test('that cannot begin leaves nothing behind that answers, and is tried again', async () => {
    const own = await createTestKit('throttle-governor', { natsUrl: server.url, settings: { technical } });
    const serving = new Set<object>();
    let failures = 0;
    const serve: typeof own.bus.serve = async (operation, options, handler) => {
      if (operation.subject === governor.acquire.subject && failures++ === 0) throw new TypeError('no subscription');
      const served = await own.bus.serve(operation, options, handler);
      serving.add(served);
      const stop = async () => {
        serving.delete(served);
        await served.stop();
      };
      return { stop };
    };
    const bus = Object.assign(Object.create(own.bus) as typeof own.bus, { serve });
    const running = await governorWith(quick)({ ...own, bus });
    governors.push({
      kit: own,
      stop: async () => {
        await running.stop();
        await own.close();
      },
    });
    await gateway();
    await until(() => failures === 2 && serving.size === 4, 'the second try to serve');
    const before = log.states.length;
    await until(() => log.states.length > before, 'a leader to go on');
    expect([failures, serving.size]).toEqual([2, 4]);
  });

  test('a new leader grants nothing before it has counted, and then no more than what is left', async () => {
    await start();
    const one = await gateway();
    const former = '00000000-0000-4000-8000-000000000001' as TokenId;
    one.hold(former);
    const early = await one.acquire({}, 200);
    expect(early).toMatchObject({ ok: false, error: { code: 'governor-not-ready', retry: 'busy' } });
    const [first, second] = [one.acquire(), one.acquire()];
    const granted = await Promise.race([first, second]);
    expect(granted.ok).toBe(true);
    expect(log.grants.map((entry) => entry.event)).toEqual(['adopted', 'granted']);
    expect(log.states.filter((state) => state.phase === 'counting').every((state) => state.queued <= 2)).toBe(true);
    await until(() => log.states.at(-1)?.out === 2 && log.states.at(-1)?.queued === 1, 'the other one to wait');
    one.letGo(former);
    await one.release(former);
    expect((await Promise.all([first, second])).every((answer) => answer.ok)).toBe(true);
  });

  test('when the leader stops, the other takes over and answers who waited', async () => {
    const [first, second] = [await start(), await start()];
    const one = await gateway();
    await until(() => one.phase === 'granting', 'grants');
    const before = one.epoch;
    const leader = (await leaseHolder()) === first.kit.instance ? first : second;
    for (const token of [await one.acquire(), await one.acquire()]) if (token.ok) one.hold(token.value.token);
    const waiting = one.acquire();
    await until(() => log.states.at(-1)?.queued === 1, 'one to wait');
    await leader.stop();
    await until(() => one.epoch > before, 'the next leader');
    expect(log.grants.filter((entry) => entry.event === 'adopted')).toHaveLength(2);
    const given = log.grants[0]?.token as TokenId;
    one.letGo(given);
    await one.release(given);
    expect(await waiting).toMatchObject({ ok: true, value: { epoch: one.epoch } });
    expect(usage.peak).toBe(2);
  });

  test('when the lease vanishes under the leader, the limit holds although two governors run for a while', async () => {
    await start();
    await start();
    const all = await Promise.all([gateway(), gateway(), gateway()]);
    await until(() => all.every((one) => one.phase === 'granting'), 'grants');
    const before = log.states.at(-1)?.epoch ?? 0;
    const next = () => epochs().find((epoch) => epoch > before) ?? 0;
    const loads = all.map((one) => load(one, () => next() > 0 && grantsOf(next()).length >= 30));
    await until(() => grantsOf(before).length >= 10, 'grants of the first leader');
    const leases = kit.bus.bucket('leases');
    const lease = await leases.getBytes(leaseKeys.governor);
    await leases.delete(leaseKeys.governor, lease?.revision ?? 0);
    await Promise.all(loads);
    expect(usage.peak).toBe(2);
    expect(next()).toBeGreaterThan(before);
  });

  test('a leader that hears a later one grants nothing more and gives its lease up', async () => {
    await start();
    const one = await gateway();
    await until(() => one.phase === 'granting', 'grants');
    const before = one.epoch;
    const state = log.states.at(-1);
    if (state === undefined) throw new Error('no state');
    const other = await createTestKit('throttle-governor', { natsUrl: server.url, settings: { technical } });
    const told = log.states.length;
    other.bus.broadcast(governor.governorState, { ...state, epoch: before + 1 }, { correlationId: 'test' });
    // Its own lease would have lasted; the next epoch is that of a lease taken anew.
    await until(() => one.epoch > before, 'the next leadership');
    const later = log.states.slice(told).findIndex(({ epoch }) => epoch > before);
    expect(log.states.slice(told + later + 1).filter(({ epoch }) => epoch === before)).toEqual([]);
    await other.close();
  });

  // SIGSTOP: it hangs, and goes on when another leads.
  test.each(['SIGKILL', 'SIGSTOP'] as const)(
    'after %s of the leader the other takes over, and the limit holds',
    async (signal) => {
      const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
      const env = { ...process.env, NATS_URL: server.url, LOCKSTEP_PORT: '0', LOCKSTEP_INSTANCE: 'to-be-killed' };
      child = spawn(process.execPath, [main], { env, stdio: 'ignore' });
      await until(async () => (await leaseHolder()) === 'to-be-killed', 'the child to lead');
      await start({ ...governorConfig, candidateEveryMs: 200 });
      await kit.changeSettings({ technical });
      const all = await Promise.all([1, 2].map(() => gateway({ heartbeatEveryMs: 1_000, sessionValidMs: 6_000 })));
      await until(() => all.every((one) => one.phase === 'granting'), 'grants');
      const before = log.states.at(-1)?.epoch ?? 0;
      const next = () => epochs().find((epoch) => epoch > before) ?? 0;
      const loads = all.map((one) => load(one, () => next() > 0 && grantsOf(next()).length >= 10));
      await until(() => grantsOf(before).length >= 10, 'grants of the first leader');
      const ended = signal === 'SIGKILL' ? once(child, 'exit') : undefined;
      child.kill(signal);
      await ended;
      await Promise.all(loads);
      child.kill('SIGCONT');
      const grantedBefore = grantsOf(before).length;
      const later = grantsOf(next()).length;
      const unanswered = all.map(({ refusals }) => refusals.length);
      await Promise.all(all.map((one) => load(one, () => grantsOf(next()).length >= later + 100)));
      // Whoever hangs is asked nothing, and grants nothing when it goes on.
      expect(all.map(({ refusals }) => refusals.length)).toEqual(unanswered);
      expect(grantsOf(before)).toHaveLength(grantedBefore);
      expect(usage.peak).toBe(2);
    },
  );
});
