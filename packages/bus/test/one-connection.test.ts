// One connection a service, whatever NATS does. A nats-server that stands still and goes on, as with a stalled disk or a paused
// virtual machine, keeps its connections, leaves attempts to connect without an answer, and answers all of them later.
import { operation, settingsChanged, success, userNames } from '@lockstep/contracts';
import { Type } from 'typebox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type NatsServerUnderTest, startNatsServer } from '../src/testing/nats-server.ts';
import { until } from '../src/testing/until.ts';
import { wait } from '../src/wait.ts';
import { Buses, gate, sending } from './helpers.ts';

const ask = operation(
  'exchange.get-folder',
  Type.Object({ text: Type.String() }),
  Type.Object({ text: Type.String() }),
);
const bounds = { running: 4, waiting: 4 };
const passwords = Object.fromEntries(userNames.map((user) => [user, `password-of-${user}`]));
/** Several attempts to connect fail while the server stands still. */
const impatient = { pingEveryMs: 100, timeoutMs: 300 };
/** Longer than nats-server lets a connection stand that does not say who it is (2 s). */
const untilServerGivesUpMs = 3_500;
let server: NatsServerUnderTest;
const buses = new Buses();
const as = (user: 'exchange-gateway' | 'sync-engine') =>
  buses.open(server.url, { user, password: passwords[user] ?? '', ...impatient });

beforeEach(async () => {
  server = await startNatsServer({ users: passwords });
});
afterEach(async () => {
  server.thaw();
  await buses.close();
  await server.stop();
});

describe('after NATS stood still', () => {
  it('each service has one connection again, and everything is answered', async () => {
    const [gateway, engine] = [await as('exchange-gateway'), await as('sync-engine')];
    await gateway.serve(ask, bounds, async (body) => success(body));
    const answered = await engine.request(ask, { text: 'before' }, sending);
    expect(answered).toEqual(success({ text: 'before' }));

    server.freeze();
    await until(() => !gateway.connected() && !engine.connected(), 'both to notice');
    await wait(impatient.timeoutMs * 5);
    expect([gateway.connected(), engine.connected()]).toEqual([false, false]);
    server.thaw();
    await until(() => gateway.connected() && engine.connected(), 'both to be back');

    const end = performance.now() + untilServerGivesUpMs;
    for (let n = 0; performance.now() < end; n++) {
      const text = `after ${n}`;
      expect(await engine.request(ask, { text }, { ...sending, deadlineMs: 2_000 })).toEqual(success({ text }));
      await wait(20);
    }
    expect(buses.events.filter(({ kind }) => kind === 'not-permitted')).toEqual([]);
    expect(await server.connections()).toBe(2);
  });
});

describe('a connection on which NATS refuses what we send', () => {
  it('does not count as one, and is replaced', async () => {
    const engine = await as('sync-engine');
    const lost = until(() => buses.events.some(({ kind }) => kind === 'disconnected'), 'the refusal to be noticed');
    // Only settings may say this: NATS refuses it a moment later.
    engine.broadcast(settingsChanged, { section: 'technical', revision: 1 }, sending);
    await until(() => !engine.connected(), 'the connection to count as lost');
    await lost;
    await until(() => engine.connected(), 'another connection');
    expect(buses.events.map(({ kind }) => kind)).toEqual(['not-permitted', 'disconnected', 'reconnected']);
    expect(await server.connections()).toBe(1);
  });

  it('is not replaced again and again', async () => {
    const engine = await as('sync-engine');
    const refusedOnce = async () => {
      engine.broadcast(settingsChanged, { section: 'technical', revision: 1 }, sending);
      await until(() => !engine.connected(), 'the connection to count as lost');
    };
    await refusedOnce();
    await until(() => engine.connected(), 'another connection');
    await refusedOnce();
    await wait(1_000);
    expect(engine.connected()).toBe(false);
    expect(buses.events.filter(({ kind }) => kind === 'reconnected')).toHaveLength(1);
  });

  it('never comes of an answer to a question of an earlier connection: that one is not sent', async () => {
    const [gateway, engine] = [await as('exchange-gateway'), await as('sync-engine')];
    const begun = gate();
    const goOn = gate();
    let ended = 0;
    await gateway.serve(ask, bounds, async (body) => {
      if (body.text === 'slow') {
        begun.open();
        await goOn.opened;
      }
      ended++;
      return success(body);
    });
    const slow = engine.request(ask, { text: 'slow' }, { ...sending, deadlineMs: 60_000 });
    await begun.opened;
    await server.kill();
    expect(await slow).toMatchObject({ ok: false, error: { code: 'bus-unavailable' } });
    await server.restart();
    await until(() => gateway.connected() && engine.connected(), 'both to be back');
    goOn.open();
    await until(() => ended === 1, 'the handler to end');
    expect(await engine.request(ask, { text: 'next' }, sending)).toEqual(success({ text: 'next' }));
    expect(buses.events.filter(({ kind }) => kind === 'not-permitted')).toEqual([]);
  });
});
