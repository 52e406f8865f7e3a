// Nothing is there twice: not after everything that we knew is lost, not under another mailbox key, not when a person edits
// while the first compare still runs, and not when a create broke off and its row was edited.
import { until } from '@lockstep/bus/testing/until';
import type { AppointmentContent, Item, LinkId, Side } from '@lockstep/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FakeSide } from './fakes/fake-side.ts';
import { type Engine, meeting, Setup, soon } from './fakes/setup.ts';

let setup: Setup;
beforeEach(async () => {
  setup = await Setup.create();
});
afterEach(() => setup.close());

const sides = ['exchange', 'superoffice'] as const;
const otherOf = (side: Side): Side => (side === 'exchange' ? 'superoffice' : 'exchange');
const timed = (days: number) => ({
  time: { kind: 'timed' as const, start: soon(days), end: soon(days + 0.05), zone: 'UTC' },
});

/** Both sides as they are after the user was linked again: their stamps name a key that nobody has any more. */
function underAnotherKey(): void {
  for (const side of sides) {
    const { items } = setup.mailbox[side];
    for (const [key, held] of items) {
      const { stamp } = held.item;
      if (stamp !== undefined)
        items.set(key, { ...held, item: { ...held.item, stamp: { ...stamp, mailbox: 'bbbbbbbbbbbbbbbb' } } });
    }
  }
}

async function compared(engine: Engine): Promise<void> {
  await setup.world.reportAll(setup.mailbox.key, 'first-load');
  await until(() => setup.firstLoadDone(engine), 'the compare to end');
}

function report(side: Side, item: Item) {
  const touched = { side, kind: item.kind, id: item.id, vanished: false, version: item.version };
  return setup.world.report(setup.mailbox.key, touched);
}

const creates = ({ writes }: FakeSide) => writes.filter(({ operation }) => operation === 'create');

describe('a mailbox whose state is lost and whose key is another one', () => {
  async function lostWith(count: number) {
    const { exchange, superoffice } = setup.mailbox;
    const first = await setup.engine();
    for (let item = 0; item < count; item++) exchange.userCreates(meeting(`Item ${item}`, timed(item * 3)));
    await setup.inStep(count);
    await setup.quiet(first);
    await first.stop();
    await setup.loseState();
    underAnotherKey();
    return { exchange, superoffice, made: creates(superoffice).length };
  }

  it('finds its pairs by their link ids, and stamps them with the present key', async () => {
    const { exchange, superoffice, made } = await lostWith(12);
    const engine = await setup.engine();
    await compared(engine);
    await until(
      () => [...exchange.all(), ...superoffice.all()].every(({ stamp }) => stamp?.mailbox === setup.mailbox.key),
      'the present key on both sides',
    );
    await setup.inStep(12);
    expect((await setup.explain(engine)).links).toBe(12);
    expect([creates(exchange).length, creates(superoffice).length]).toEqual([0, made]);
    for (const { stamp } of exchange.all())
      expect(superoffice.all().filter((row) => row.stamp?.linkId === stamp?.linkId)).toHaveLength(1);
  });

  it('finds a pair whose halves lie far apart in time, and merges what people changed meanwhile', async () => {
    const { exchange, superoffice, made } = await lostWith(3);
    setup.silently(() => exchange.userChanges(exchange.all()[0]?.id ?? '', timed(90)));
    const engine = await setup.engine();
    await compared(engine);
    await setup.inStep(3);
    expect([creates(exchange).length, creates(superoffice).length]).toEqual([0, made]);
  });

  it.each(sides)('finds a pair when a change of %s is reported before the compare', async (side) => {
    const { exchange, superoffice, made } = await lostWith(4);
    const engine = await setup.engine();
    for (const item of setup.mailbox[side].all()) await report(side, item);
    await until(async () => (await setup.explain(engine)).links === 4, 'the links');
    await compared(engine);
    await setup.inStep(4);
    expect([creates(exchange).length, creates(superoffice).length]).toEqual([0, made]);
  });

  it('keeps a copy apart from its original', async () => {
    const { exchange, superoffice } = await lostWith(1);
    setup.silently(() => exchange.userCopies(exchange.all()[0]?.id ?? ''));
    const engine = await setup.engine();
    await compared(engine);
    await setup.inStep(2);
    expect((await setup.explain(engine)).links).toBe(2);
    expect(superoffice.items.size).toBe(2);
  });
});

describe('equal items', () => {
  it('are paired although they bear stamps whose other half is gone', async () => {
    const { exchange, superoffice } = setup.mailbox;
    setup.silently(() => {
      const stampOf = (linkId: string) => ({ stamp: { linkId: linkId as LinkId, mailbox: setup.mailbox.key } });
      for (let item = 0; item < 5; item++) {
        exchange.userCreates(meeting(`Item ${item}`, timed(item)), stampOf(`exchange ${item}`));
        superoffice.userCreates(meeting(`Item ${item}`, timed(item)), stampOf(`superoffice ${item}`));
      }
    });
    const engine = await setup.engine();
    await compared(engine);
    await setup.inStep(5);
    expect((await setup.explain(engine)).links).toBe(5);
    expect([...creates(exchange), ...creates(superoffice)]).toEqual([]);
  });

  it('that are stamped are not paired while the other half of one of them lives', async () => {
    const { exchange, superoffice } = setup.mailbox;
    const stampOf = (linkId: string) => ({ stamp: { linkId: linkId as LinkId, mailbox: setup.mailbox.key } });
    setup.silently(() => {
      exchange.userCreates(meeting('Same', timed(1)), stampOf('far'));
      superoffice.userCreates(meeting('Same', timed(60)), stampOf('far'));
      superoffice.userCreates(meeting('Same', timed(1)));
    });
    const engine = await setup.engine();
    await compared(engine);
    await setup.inStep(2);
    expect((await setup.explain(engine)).links).toBe(2);
    expect(creates(superoffice)).toEqual([]);
  });

  it('made on both sides in the last minutes become pairs, although their changes overtake the first compare', async () => {
    const { exchange, superoffice } = setup.mailbox;
    setup.silently(() => {
      for (let item = 0; item < 40; item++) {
        const content = meeting(item % 4 === 0 ? 'Jour fixe' : `Item ${item}`, timed(1 + Math.floor(item / 8)));
        exchange.userCreates(content);
        superoffice.userCreates(content);
      }
    });
    for (const row of superoffice.all()) await report('superoffice', row);
    for (const item of exchange.all().slice(0, 20)) await report('exchange', item);
    const engine = await setup.engine();
    await compared(engine);
    await setup.inStep(40);
    expect((await setup.explain(engine)).links).toBe(40);
    expect([...creates(exchange), ...creates(superoffice)]).toEqual([]);
  });
});

describe('a create in SuperOffice that broke off before its foreign key, and whose row a person edits', () => {
  const config = { writeLimitMs: 300, settleMarginMs: 300 };

  it.each([1, 3])('is adopted with the edit (%i at once)', async (count) => {
    const { exchange, superoffice } = setup.mailbox;
    let broken = 0;
    superoffice.fault = (operation) => {
      if (operation !== 'create' || broken >= count) return undefined;
      const content = exchange.all()[broken]?.content as AppointmentContent;
      const id = superoffice.makeUnstamped(content);
      setImmediate(() => superoffice.userChanges(id, { title: `${content.title}, edited`, location: 'Elsewhere' }));
      broken++;
      return { when: 'before', code: 'superoffice-unknown-outcome' };
    };
    const engine = await setup.engine({ config });
    for (let item = 0; item < count; item++) {
      exchange.userCreates(meeting(`Half made ${item}`, timed(item + 1)));
      await until(() => broken > item, 'the create that breaks off');
    }
    await until(async () => (await setup.explain(engine)).openIntents === 0, 'the creates to be settled');
    await setup.inStep(count);
    await setup.quiet(engine);
    const titles = Array.from({ length: count }, (_, item) => `Half made ${item}, edited`);
    for (const side of sides)
      expect(
        setup.mailbox[side]
          .all()
          .map(({ content }) => content.title)
          .sort(),
      ).toEqual(titles);
    expect((await setup.explain(engine)).links).toBe(count);
    expect(setup.mailbox[otherOf('superoffice')].writes.filter(({ operation }) => operation === 'remove')).toEqual([]);
  });

  it('is no reason to wait for a row that a person made in the same minute', async () => {
    const { exchange, superoffice } = setup.mailbox;
    superoffice.fault = (operation, count) =>
      operation === 'create' && count === 1 ? { when: 'before', code: 'superoffice-unknown-outcome' } : undefined;
    const slow = { writeLimitMs: 30_000, settleMarginMs: 30_000 };
    const engine = await setup.engine({ config: slow });
    exchange.userCreates(meeting('Not made'));
    await until(async () => (await setup.explain(engine)).openIntents === 1, 'the open create');
    superoffice.userCreates(meeting('A person made this'));
    await until(() => exchange.all().some(({ content }) => content.title === 'A person made this'), 'the other item');
  });
});
