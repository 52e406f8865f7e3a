// Gateways and leaders that fall silent, as processes on a real nats-server: a gateway that was killed gives its tokens to others, one
// that only stands still keeps them, for it keeps its requests open.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Bus, connect } from '@lockstep/bus';
import { type NatsServerUnderTest, startNatsServer } from '@lockstep/bus/testing/nats-server';
import { until } from '@lockstep/bus/testing/until';
import { leaseKeys, operatorUser, userNames } from '@lockstep/contracts';
import { Type } from 'typebox';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type GovernorUnderTest, quick, record, startGovernor } from './helpers.ts';

const passwords = Object.fromEntries(userNames.map((user) => [user, `password-of-${user}`]));
const program = new URL('./gateway-process.ts', import.meta.url).pathname;
let server: NatsServerUnderTest;
let operator: Bus;
let governor: GovernorUnderTest;
let log: Awaited<ReturnType<typeof record>>;
let children: ChildProcess[] = [];

beforeAll(async () => {
  server = await startNatsServer({ users: passwords });
});
afterAll(() => server.stop());

beforeEach(async () => {
  // Nothing is freed in time because of a silence alone.
  const config = { ...quick, ledger: { ...quick.ledger, frozenFreedMs: 600_000 } };
  governor = await startGovernor(server.url, { concurrentRequestLimit: 2, userName: 'sync' }, config, passwords);
  const password = passwords[operatorUser] ?? '';
  operator = await connect({ url: server.url, name: 'audit', user: operatorUser, password });
  log = await record({ bus: operator });
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
  await log.stop();
  await operator.drain(1_000);
  await governor.stop();
});

function gateway(name: string): ChildProcess {
  const args = [program, server.url, passwords['exchange-gateway'] ?? '', name];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  children.push(child);
  return child;
}

const eventsOf = (name: string) => log.grants.filter(({ payer }) => payer === name).map(({ event }) => event);
const holds = (name: string) => until(() => eventsOf(name).at(-1) === 'granted', `${name} to hold a token`);
const freed = (name: string) => until(() => eventsOf(name).includes('freed'), `${name} to lose its token`);

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('one that was killed gives its token to others, one that stands still keeps it', async () => {
  const frozen = gateway('frozen');
  const killed = gateway('killed');
  await Promise.all([holds('frozen'), holds('killed')]);
  frozen.kill('SIGSTOP');
  await kill(killed);
  const next = gateway('next');
  await freed('killed');
  await holds('next');
  await kill(next);
  gateway('last');
  await freed('next');
  await holds('last');
  // Silent for more than twice as long as the killed ones were.
  expect(eventsOf('frozen')).toEqual(['granted']);
  await until(() => log.states.at(-1)?.out === 2, 'two tokens to be out');
});

test('one that is started again under its name gives back at once what its former process held', async () => {
  const former = gateway('one');
  gateway('two');
  await Promise.all([holds('one'), holds('two')]);
  await kill(former);
  const killedAt = Date.now();
  gateway('one');
  await freed('one');
  await holds('one');
  const freedAt = Date.parse(log.grants.find(({ event }) => event === 'freed')?.at ?? '');
  // Sooner than any silence would end its session: it was heard of until it was killed.
  expect(freedAt - killedAt).toBeLessThan(quick.ledger.sessionFreedMs);
});

test('a leader that was killed is followed at once', async () => {
  const leads = async (name: string) => {
    const lease = await operator.bucket('leases').get(leaseKeys.governor, Type.Object({ holder: Type.String() }));
    return lease?.value.holder === name;
  };
  await governor.stop();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'lockstep-governor-'));
  const passwordFile = path.join(folder, 'password');
  writeFileSync(passwordFile, passwords['throttle-governor'] ?? '');
  const nats = {
    NATS_URL: server.url,
    LOCKSTEP_NATS_USER: 'throttle-governor',
    LOCKSTEP_NATS_PASSWORD_FILE: passwordFile,
  };
  const env = { ...process.env, ...nats, LOCKSTEP_PORT: '0', LOCKSTEP_INSTANCE: 'leader' };
  const main = new URL('../src/main.ts', import.meta.url).pathname;
  const leader = spawn(process.execPath, [main], { env, stdio: 'ignore' });
  children.push(leader);
  await until(() => leads('leader'), 'the child to lead');
  governor = await startGovernor(server.url, { userName: 'sync' }, quick, passwords);
  // Until then it hears of ends: its second connection is made beside the first.
  const heard = log.states.length;
  await until(() => log.states.length >= heard + 3, 'the leader to go on for a while');
  const killedAt = performance.now();
  await kill(leader);
  await until(() => leads(governor.kit.instance), 'the next leader');
  // Without its end being told, its lease would last for eleven seconds at least.
  expect(performance.now() - killedAt).toBeLessThan(8_000);
  rmSync(folder, { recursive: true });
});
