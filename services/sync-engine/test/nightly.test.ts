// Every mailbox is compared each night: what nobody reported is found, and what was set aside is tried again.
import { until } from '@lockstep/bus/testing/until';
import { changeSubject, streamMessage } from '@lockstep/contracts';
import { Type } from 'typebox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mailboxRecord } from '../src/state/mailbox-record.ts';
import { type Engine, meeting, Setup, soon } from './fakes/setup.ts';

let setup: Setup;
beforeEach(async () => {
  setup = await Setup.create();
});
afterEach(() => setup.close());

const hourMs = 3_600_000;
const ago = (hours: number) => new Date(Date.now() - hours * hourMs).toISOString();
const timed = (days: number) => ({
  time: { kind: 'timed' as const, start: soon(days), end: soon(days + 0.05), zone: 'UTC' },
});

async function stored() {
  const { key } = setup.mailbox;
  const entry = await setup.world.bus.bucket('mailboxes').getBytes(key);
  if (entry === undefined) throw new Error('the mailbox has a record');
  return { record: mailboxRecord.valueOf(key, entry.value), revision: entry.revision };
}

/** What a former engine left, as if it had been compared at another time. */
async function leftBehind(comparedAt: string | undefined): Promise<void> {
  const { record, revision } = await stored();
  const { comparedAt: _now, lookAgainAt: _next, ...kept } = record;
  const value = comparedAt === undefined ? kept : { ...kept, comparedAt, lookAgainAt: ago(1) };
  await setup.world.bus.bucket('mailboxes').update(setup.mailbox.key, value, revision);
}

async function compared(): Promise<Engine> {
  const engine = await setup.engine();
  const { exchange } = setup.mailbox;
  for (let day = 1; day <= 6; day++) exchange.userCreates(meeting(`Item ${day}`, timed(day)));
  await setup.world.reportAll(setup.mailbox.key);
  await until(() => setup.firstLoadDone(engine), 'the first load');
  await setup.inStep(6);
  return engine;
}

/** Calls of a kind from now on. */
function counted(operation: string): () => number {
  let count = 0;
  const { exchange, superoffice } = setup.mailbox;
  exchange.fault = superoffice.fault = (called) => {
    if (called === operation) count++;
    return undefined;
  };
  return () => count;
}

describe('a mailbox whose night has come', () => {
  it('finds what nobody reported, what came into the window, and what can be read again', async () => {
    const engine = await compared();
    const { exchange, superoffice } = setup.mailbox;
    const bad = exchange.userCreates(meeting('Cannot be read', timed(8)));
    exchange.unreadable.set(bad, 'exchange-item-unreadable');
    await until(async () => (await setup.explain(engine)).parked.length === 1, 'the item to be parked');
    await setup.quiet(engine);
    await engine.stop();
    setup.silently(() => {
      exchange.userChanges(exchange.all()[2]?.id ?? '', { title: 'Changed in silence' });
      superoffice.userCreates(meeting('Came into the window', timed(364)));
    });
    exchange.unreadable.clear();
    await leftBehind(ago(40));
    const next = await setup.engine({ config: { writeLimitMs: 300 } });
    await setup.inStep(8);
    await setup.quiet(next);
    const { record } = await stored();
    expect(Date.parse(record.comparedAt ?? '')).toBeGreaterThan(Date.now() - hourMs);
    const isTomorrow = (at = '') => Date.parse(at) > Date.now() + 11 * hourMs;
    await until(async () => isTomorrow((await stored()).record.lookAgainAt), 'the next night to be set');
    expect((await setup.explain(next)).parked).toEqual([]);
  });

  it('is compared once, although the engine is started again at night', async () => {
    await (await compared()).stop();
    await leftBehind(ago(40));
    const lists = counted('list');
    const first = await setup.engine();
    await until(() => lists() > 0, 'the compare');
    await setup.quiet(first);
    const once = lists();
    await first.stop();
    const second = await setup.engine();
    await setup.quiet(second);
    expect(lists()).toBe(once);
  });
});

describe('a pair that the direction keeps out of step', () => {
  it('is told once, not every night', async () => {
    const engine = await setup.engine({ sync: { appointments: 'to-superoffice' } });
    const { exchange, superoffice, key } = setup.mailbox;
    exchange.userCreates(meeting('Led by Exchange'));
    await setup.inStep(1);
    superoffice.userChanges(superoffice.all()[0]?.id ?? '', { title: 'Edited where nobody follows' });
    const told = async () =>
      (await setup.world.history(key)).filter(({ decision }) => decision === 'changed, but the direction forbids it');
    await until(async () => (await told()).length === 1, 'the decision');
    for (let nights = 0; nights < 3; nights++) {
      await setup.world.reportAll(key, 'verification');
      await setup.quiet(engine);
    }
    expect(await told()).toHaveLength(1);
    expect(exchange.all()[0]?.content.title).toBe('Led by Exchange');
  });
});

describe('a mailbox whose night has not come', () => {
  it('is not compared', async () => {
    await (await compared()).stop();
    const lists = counted('list');
    await setup.quiet(await setup.engine());
    expect(lists()).toBe(0);
  });

  it('gets its nights where the first release left it without', async () => {
    await (await compared()).stop();
    await leftBehind(undefined);
    const lists = counted('list');
    await setup.engine();
    await until(async () => (await stored()).record.lookAgainAt !== undefined, 'its next night');
    expect((await stored()).record.comparedAt).toBeDefined();
    expect(lists()).toBe(0);
  });

  it('is left alone while its user is switched off', async () => {
    await (await compared()).stop();
    await leftBehind(ago(40));
    const reads = counted('read');
    const engine = await setup.engine({ userLinks: setup.world.users.map((user) => ({ ...user, enabled: false })) });
    const isRemembered = async () => Object.keys((await stored()).record.covered ?? { all: true }).length === 0;
    await until(isRemembered, 'the settings to be followed');
    const { revision } = await stored();
    await setup.quiet(engine);
    expect((await stored()).revision).toBe(revision);
    expect(reads()).toBe(0);
  });
});

describe('a change that cannot be read', () => {
  it('makes its mailbox compare, and comes no second time', async () => {
    const engine = await compared();
    const { exchange, superoffice, key } = setup.mailbox;
    setup.silently(() => superoffice.userCreates(meeting('Its message is damaged', timed(9))));
    const subject = changeSubject(
      {
        v: 1,
        kind: 'item',
        item: 'appointment',
        mailbox: key,
        side: 'superoffice',
        id: 'x',
        vanished: false,
        firstSeenAt: ago(0),
      },
      'now',
    );
    const damaged = streamMessage('CHANGE', Type.Object({ v: Type.String() }));
    await setup.world.bus.publish(damaged, subject, { v: 'damaged' }, { correlationId: 'damaged', deadlineMs: 10_000 });
    await until(() => exchange.all().some(({ content }) => content.title === 'Its message is damaged'), 'the compare');
    await setup.inStep(7);
    await setup.quiet(engine);
    expect(engine.kit.logged.filter(({ msg }) => String(msg).startsWith('unreadable change'))).toHaveLength(1);
  });
});
