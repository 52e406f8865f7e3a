// What the settings forbade for a while travels once they allow it again, and each thing once.
import { until } from '@lockstep/bus/testing/until';
import type { SyncSettings } from '@lockstep/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Engine, meeting, Setup, soon } from './fakes/setup.ts';

let setup: Setup;
beforeEach(async () => {
  setup = await Setup.create();
});
afterEach(() => setup.close());

const timed = (days: number) => ({
  time: { kind: 'timed' as const, start: soon(days), end: soon(days + 0.05), zone: 'UTC' },
});

/** An engine whose first compare is over, with three pairs. */
async function withThreePairs(): Promise<Engine> {
  const engine = await setup.engine();
  const { exchange } = setup.mailbox;
  for (const days of [1, 2, 3]) exchange.userCreates(meeting(`Item ${days}`, timed(days)));
  await setup.world.reportAll(setup.mailbox.key, 'first-load');
  await until(() => setup.firstLoadDone(engine), 'the first load');
  await setup.inStep(3);
  return engine;
}

async function change(engine: Engine, sync: Partial<SyncSettings>): Promise<void> {
  await engine.kit.changeSettings({ sync });
  await setup.quiet(engine);
}

const titles = (side: 'exchange' | 'superoffice') =>
  setup.mailbox[side]
    .all()
    .map(({ content }) => content.title)
    .sort();

describe('a direction that was off for a while', () => {
  it.each(['off', 'to-superoffice'] as const)('carries over what SuperOffice did meanwhile (%s)', async (meanwhile) => {
    const engine = await withThreePairs();
    await change(engine, { appointments: meanwhile });
    const { exchange, superoffice } = setup.mailbox;
    const [first, second] = superoffice.all();
    superoffice.userChanges(first?.id ?? '', { title: 'Changed meanwhile' });
    superoffice.userDeletes(second?.id ?? '');
    superoffice.userCreates(meeting('Made meanwhile', timed(5)));
    await setup.quiet(engine);
    expect(titles('exchange')).toEqual(['Item 1', 'Item 2', 'Item 3']);

    await engine.kit.changeSettings({ sync: { appointments: 'both' } });
    await until(() => exchange.all().length === 3 && superoffice.all().length === 3, 'three on both sides');
    await setup.inStep(3);
    expect(titles('exchange')).toEqual(['Changed meanwhile', 'Item 3', 'Made meanwhile']);
    await setup.quiet(engine);
    expect((await setup.explain(engine)).links).toBe(3);
  });

  it('carries it over although the engine was started anew meanwhile', async () => {
    const engine = await withThreePairs();
    await change(engine, { appointments: 'off' });
    const { superoffice } = setup.mailbox;
    superoffice.userChanges(superoffice.all()[0]?.id ?? '', { title: 'Changed meanwhile' });
    await setup.quiet(engine);
    await engine.stop();
    await setup.engine({ sync: { appointments: 'both' } });
    await until(() => titles('exchange').includes('Changed meanwhile'), 'the change');
    await setup.inStep(3);
  });
});

describe('a user who was switched off for a while', () => {
  it('gets what happened meanwhile', async () => {
    const engine = await withThreePairs();
    const [user] = setup.world.users;
    if (user === undefined) throw new Error('a world has a user');
    await engine.kit.changeSettings({ userLinks: [{ ...user, enabled: false }] });
    await setup.quiet(engine);
    const { superoffice } = setup.mailbox;
    setup.silently(() => superoffice.userChanges(superoffice.all()[0]?.id ?? '', { title: 'Changed meanwhile' }));
    await engine.kit.changeSettings({ userLinks: [user] });
    await until(() => titles('exchange').includes('Changed meanwhile'), 'the change');
    await setup.inStep(3);
  });
});

describe('a window that was narrower for a while', () => {
  it('gets what came into it', async () => {
    const engine = await withThreePairs();
    await change(engine, { windowForwardDays: 10 });
    const { exchange, superoffice } = setup.mailbox;
    exchange.userCreates(meeting('Far', timed(40)));
    superoffice.userCreates(meeting('Further', timed(50)));
    await setup.quiet(engine);
    expect([exchange.items.size, superoffice.items.size]).toEqual([4, 4]);

    await engine.kit.changeSettings({ sync: { windowForwardDays: 45 } });
    await until(() => titles('superoffice').includes('Far'), 'what is within 45 days');
    await setup.quiet(engine);
    expect(titles('exchange')).not.toContain('Further');
    await engine.kit.changeSettings({ sync: { windowForwardDays: 365 } });
    await setup.inStep(5);
  });
});

describe('settings that allow no more than before', () => {
  it('make no mailbox compare', async () => {
    const engine = await withThreePairs();
    const { exchange, superoffice } = setup.mailbox;
    let lists = 0;
    exchange.fault = superoffice.fault = (operation) => {
      if (operation === 'list') lists++;
      return undefined;
    };
    await change(engine, { windowForwardDays: 20 });
    await change(engine, { appointments: 'to-exchange' });
    await setup.quiet(engine);
    expect(lists).toBe(0);
  });
});
