// Full compares: first loads, lost state, crashes in the middle, and what the window leaves alone.
import { until } from '@lockstep/bus/testing/until';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { meeting, Setup, soon } from './fakes/setup.ts';

let setup: Setup;
beforeEach(async () => {
  setup = await Setup.create();
});
afterEach(() => setup.close());

const timed = (days: number) => ({
  time: { kind: 'timed' as const, start: soon(days), end: soon(days + 0.05), zone: 'UTC' },
});

describe('a full compare', () => {
  it('carries over what both sides hold within the window, the nearest first, and pairs what is equal', async () => {
    const { exchange, superoffice, key } = setup.mailbox;
    setup.silently(() => {
      for (let day = 1; day < 300; day += 9) exchange.userCreates(meeting(`Exchange ${day}`, timed(day)));
      for (let day = -20; day < 0; day += 4) superoffice.userCreates(meeting(`SuperOffice ${day}`, timed(day)));
      exchange.userCreates(meeting('Both', { ...timed(3), location: 'Room 1' }));
      superoffice.userCreates(meeting('Both', { ...timed(3), location: 'Room 2' }));
      exchange.userCreates(meeting('Too old', timed(-200)));
      superoffice.userCreates(meeting('Too far', timed(600)));
      exchange.userCreates(meeting('Series', timed(2)), { shape: 'series' });
    });
    const engine = await setup.engine();
    await setup.world.reportAll(key);
    await until(() => setup.firstLoadDone(engine), 'the compare to end');
    const inBoth = 34 + 5 + 1;
    expect(exchange.items.size).toBe(inBoth + 2);
    expect(superoffice.items.size).toBe(inBoth + 1);
    const state = await setup.explain(engine);
    expect(state).toMatchObject({ links: inBoth, openIntents: 0, parked: [{ reason: 'shape-series' }] });
    expect(exchange.all().filter(({ content }) => content.title === 'Both')).toHaveLength(1);
    const created = superoffice.writes.filter(({ operation }) => operation === 'create').map(({ id }) => id);
    expect(superoffice.get(created[0] ?? '').content.title).toBe('Exchange 1');
  });

  it('makes nothing twice when the engine dies in the middle and another one goes on', async () => {
    const { exchange, superoffice, key } = setup.mailbox;
    setup.silently(() => {
      for (let item = 0; item < 120; item++) exchange.userCreates(meeting(`Item ${item}`, timed(item / 2)));
    });
    const config = { compareSliceItems: 5, writeLimitMs: 500 };
    const first = await setup.engine({ config });
    await setup.world.reportAll(key);
    await until(() => superoffice.items.size > 30, 'the compare to be under way');
    await first.abandon();
    await setup.expireLeases();
    const second = await setup.engine({ config });
    await until(() => setup.firstLoadDone(second), 'the compare to end');
    await setup.inStep(120);
    await until(async () => (await setup.explain(second)).openIntents === 0, 'no open creates');
    expect((await setup.explain(second)).links).toBe(120);
  });

  it('rebuilds every link from the stamps when all our state is lost', async () => {
    const { exchange, superoffice, key } = setup.mailbox;
    const first = await setup.engine();
    for (let item = 0; item < 10; item++) exchange.userCreates(meeting('The same', timed(3)));
    for (let item = 0; item < 10; item++) superoffice.userCreates(meeting('The same', timed(4)));
    await setup.inStep(20);
    await first.stop();
    await setup.loseState();
    const second = await setup.engine();
    await setup.world.reportAll(key, 'requested');
    await until(() => setup.firstLoadDone(second), 'the compare to end');
    await setup.inStep(20);
    expect((await setup.explain(second)).links).toBe(20);
    for (const item of exchange.all()) {
      const pair = superoffice.all().filter(({ stamp }) => stamp?.linkId === item.stamp?.linkId);
      expect(pair).toHaveLength(1);
    }
  });

  it('finds deletes and changes that nobody reported, and lets a change of the same mailbox go first', async () => {
    const { exchange, superoffice, key } = setup.mailbox;
    const engine = await setup.engine({ config: { compareSliceItems: 3 } });
    const ids = Array.from({ length: 12 }, (_, item) => exchange.userCreates(meeting(`Item ${item}`, timed(item))));
    await setup.inStep(12);
    setup.silently(() => {
      exchange.userDeletes(ids[3] ?? '');
      exchange.userChanges(ids[7] ?? '', { title: 'Changed in silence' });
    });
    await setup.world.reportAll(key, 'verification');
    exchange.userCreates(meeting('In between'));
    await until(() => setup.firstLoadDone(engine), 'the compare to end');
    await setup.inStep(12);
    expect(superoffice.all().some(({ content }) => content.title === 'Changed in silence')).toBe(true);
    expect(superoffice.all().some(({ content }) => content.title === 'Item 3')).toBe(false);
  });

  it.each([1, 7])('asks again for what does not fit into one reply, %i of 25 at a time', async (fitting) => {
    const { exchange, superoffice, key } = setup.mailbox;
    setup.silently(() => {
      for (let item = 0; item < 40; item++) exchange.userCreates(meeting(`Item ${item}`, timed(1)));
      for (let item = 0; item < 20; item++) superoffice.userCreates(meeting(`Item ${item}`, timed(1)));
    });
    exchange.fitting = superoffice.fitting = fitting;
    const engine = await setup.engine();
    await setup.world.reportAll(key);
    await until(() => setup.firstLoadDone(engine), 'the compare to end');
    await setup.inStep(40);
    expect((await setup.explain(engine)).links).toBe(40);
    expect([exchange.items.size, superoffice.items.size]).toEqual([40, 40]);
  });
});
