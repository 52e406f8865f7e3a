// The end of a process is told at once, its standing still is not, and nobody needs more than his own password for it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { userNames } from '@lockstep/contracts';
import { connect as connectNats } from 'nats';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { PresenceEvent } from '../src/index.ts';
import { type NatsServerUnderTest, startNatsServer } from '../src/testing/nats-server.ts';
import { until } from '../src/testing/until.ts';
import { Buses } from './helpers.ts';

const passwords = Object.fromEntries(userNames.map((user) => [user, `password-of-${user}`]));
const gateway = 'exchange-gateway';
let server: NatsServerUnderTest;
let child: ChildProcess | undefined;
const buses = new Buses();
const told: PresenceEvent[] = [];

beforeAll(async () => {
  server = await startNatsServer({ users: passwords });
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await buses.close();
  told.length = 0;
});
afterAll(() => server.stop());

async function watch(): Promise<void> {
  const governor = await buses.open(server.url, {
    user: 'throttle-governor',
    password: passwords['throttle-governor'] ?? '',
  });
  governor.watchPresences((event) => told.push(event));
  const probe = await buses.open(server.url, { user: gateway, password: passwords[gateway] ?? '' });
  // Its own subscription stands as soon as it hears of somebody.
  await until(async () => {
    await probe.announce('probe').stop();
    return told.length > 0;
  }, 'the events to arrive');
}

/** A process of its own that is present under this name. */
async function startPresent(name: string): Promise<ChildProcess> {
  const code = `
    import { connect } from '${new URL('../src/index.ts', import.meta.url).href}';
    const bus = await connect({ url: '${server.url}', name: 'x', user: '${gateway}', password: '${passwords[gateway]}' });
    bus.announce('${name}');
    setInterval(() => {}, 1000);`;
  const started = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'inherit' });
  child = started;
  await until(() => told.some((event) => event.kind === 'there' && event.name === name), 'the process to be there');
  return started;
}

test('a process that was killed is told as gone, under the id that it had', async () => {
  await watch();
  const process = await startPresent('killed');
  const there = told.find((event) => event.name === 'killed');
  process.kill('SIGKILL');
  await once(process, 'exit');
  await until(() => told.some((event) => event.kind === 'gone' && event.id === there?.id), 'the end to be told');
});

test('a process that stands still is not told as gone', async () => {
  await watch();
  const process = await startPresent('frozen');
  process.kill('SIGSTOP');
  const other = await startPresent('killed');
  other.kill('SIGKILL');
  await until(() => told.some((event) => event.kind === 'gone' && event.name === 'killed'), 'a later event');
  expect(told.filter((event) => event.kind === 'gone' && event.name === 'frozen')).toEqual([]);
  process.kill('SIGKILL');
  await once(process, 'exit');
});

test('the id of a process is that of its connection, another after the server came back', async () => {
  await watch();
  const bus = await buses.open(server.url, { user: gateway, password: passwords[gateway] ?? '' });
  const presence = bus.announce('one');
  const before = await until(() => presence.id, 'a presence');
  expect(told.find((event) => event.name === 'one')?.id).toBe(before);
  await server.restart();
  const after = await until(() => presence.id, 'another presence');
  expect(after).not.toBe(before);
});

test('where the server has no such users there is no presence, and nothing fails', async () => {
  const open = await startNatsServer();
  const withoutUsers = await buses.open(open.url);
  expect(withoutUsers.announce('x').id).toBeUndefined();
  await withoutUsers.watchPresences(() => undefined).stop();
  await buses.close();
  await open.stop();
});

test('a user of the system account can neither speak nor hear anything but who is there', async () => {
  const errors: unknown[] = [];
  for (const user of ['exchange-gateway-presence', 'throttle-governor-events']) {
    const pass = passwords[user.replace(/-(presence|events)$/, '')] ?? '';
    const nats = await connectNats({ servers: server.url, user, pass });
    for (const subject of ['$SYS.>', '$SYS.SERVER.*.STATSZ', 'lockstep.v1.governor.state'])
      nats.subscribe(subject, { callback: (error) => errors.push(error?.name) });
    await nats.flush();
    await until(() => errors.length >= 3, 'the refusals');
    expect(await nats.request('$SYS.REQ.SERVER.PING', '', { timeout: 300 }).catch((error) => error)).toBeInstanceOf(
      Error,
    );
    await nats.close();
    errors.length = 0;
  }
});
