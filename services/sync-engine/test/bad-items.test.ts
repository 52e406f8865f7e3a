// Single items that cannot be synchronized as they are: they hold up nothing else, and the history says what they lack.
import { until } from '@lockstep/bus/testing/until';
import { changeMessage, changeSubject } from '@lockstep/contracts';
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
const key = () => setup.mailbox.key;
const about = (id: string) => ({ side: 'exchange' as const, kind: 'appointment' as const, id, vanished: false });
const decisions = async () => (await setup.world.history(setup.mailbox.key)).map(({ decision }) => decision);

describe('an item that cannot be read', () => {
  it('is parked with its reason, ends no first load, and is taken up when it can be read', async () => {
    const { exchange, superoffice, key } = setup.mailbox;
    let bad = '';
    setup.silently(() => {
      for (let day = 1; day <= 30; day++) {
        const id = exchange.userCreates(meeting(`Item ${day}`, timed(day)));
        if (day === 4) bad = id;
      }
    });
    exchange.unreadable.set(bad, 'exchange-item-unreadable');
    const engine = await setup.engine();
    await setup.world.reportAll(key);
    await until(() => setup.firstLoadDone(engine), 'the first load');
    expect(superoffice.items.size).toBe(29);
    const reason = 'exchange-item-unreadable: ErrorCorruptData';
    expect((await setup.explain(engine)).parked).toMatchObject([{ exchangeId: bad, reason }]);
    expect((await decisions()).filter((decision) => decision === `parked: ${reason}`)).toHaveLength(1);
    exchange.unreadable.clear();
    exchange.userChanges(bad, { title: 'Mended' });
    await setup.inStep(30);
    await until(async () => (await setup.explain(engine)).parked.length === 0, 'the item to be taken up');
  });

  it('is not doubled when it is only slow to be read, and the other side holds it already', async () => {
    const { exchange, superoffice, key } = setup.mailbox;
    setup.silently(() => {
      for (let day = 1; day <= 6; day++) {
        superoffice.userCreates(meeting(`Item ${day}`, timed(day)));
        exchange.unreadable.set(exchange.userCreates(meeting(`Item ${day}`, timed(day))), 'exchange-transient');
      }
    });
    let reads = 0;
    exchange.fault = (operation) => {
      if (operation === 'read' && ++reads > 3) exchange.unreadable.clear();
      return undefined;
    };
    const engine = await setup.engine();
    await setup.world.reportAll(key);
    await until(() => setup.firstLoadDone(engine), 'the first load');
    await setup.inStep(6);
    expect((await setup.explain(engine)).links).toBe(6);
  });

  it('is parked as a pair when it was read last before our own write, and its message does not come again', async () => {
    const { exchange, superoffice } = setup.mailbox;
    const engine = await setup.engine();
    const onTouched = exchange.onTouched;
    exchange.onTouched = () => undefined;
    superoffice.userCreates(meeting('Written by us'));
    await setup.inStep(1);
    await setup.quiet(engine);
    exchange.onTouched = onTouched;
    const id = exchange.all()[0]?.id ?? '';
    exchange.unreadable.set(id, 'exchange-item-unreadable');
    await setup.world.report(key(), { ...about(id), version: exchange.get(id).version });
    await setup.quiet(engine);
    const { parked } = await setup.explain(engine);
    expect(parked).toMatchObject([{ exchangeId: id, reason: 'exchange-item-unreadable' }]);
    exchange.unreadable.clear();
    superoffice.userChanges(superoffice.all()[0]?.id ?? '', { title: 'Goes on' });
    await setup.inStep(1);
    await until(async () => (await setup.explain(engine)).parked.length === 0, 'the pair to be taken up');
  });
});

describe('a read that fails as a whole', () => {
  it.each(['linked', 'new'])(
    'parks no %s item, however it fails, and the change travels once it is over',
    async (which) => {
      const engine = await setup.engine();
      const { exchange, superoffice } = setup.mailbox;
      const first = exchange.userCreates(meeting('First'));
      await setup.inStep(1);
      await setup.quiet(engine);
      let refused = 0;
      exchange.fault = (operation) => {
        if (operation !== 'read' || refused >= 3) return undefined;
        refused++;
        return { when: 'before', code: 'credential-host-mismatch' };
      };
      if (which === 'linked') exchange.userChanges(first, { title: 'Changed' });
      else exchange.userCreates(meeting('Second'));
      await until(() => refused === 3, 'the failures');
      await setup.inStep(which === 'linked' ? 1 : 2);
      expect(superoffice.all().map(({ content }) => content.title)).toContain(
        which === 'linked' ? 'Changed' : 'Second',
      );
      const records = await decisions();
      expect(records.filter((decision) => decision.startsWith('parked'))).toEqual([]);
    },
  );
});

describe('a text that no message can hold', () => {
  it('is left alone and told so, once a version, while everything else of its item goes on', async () => {
    const engine = await setup.engine();
    const { exchange, superoffice, key } = setup.mailbox;
    const id = exchange.userCreates(meeting('Long minutes'));
    await setup.inStep(1);
    const cut = { text: { format: 'plain' as const, content: 'The beginning', truncated: true } };
    exchange.userChanges(id, { title: 'Longer minutes', ...cut });
    await until(() => superoffice.all()[0]?.content.title === 'Longer minutes', 'the title');
    await setup.quiet(engine);
    expect(superoffice.all()[0]?.content.text).toEqual(meeting('').text);
    await setup.world.reportAll(key, 'verification');
    await setup.quiet(engine);
    const told = (await decisions()).filter((decision) => decision.startsWith('left alone, too long'));
    expect(told).toEqual(['left alone, too long to be compared: text']);
    expect((await setup.explain(engine)).parked).toEqual([]);
    superoffice.userChanges(superoffice.all()[0]?.id ?? '', { location: 'Elsewhere' });
    await until(() => exchange.get(id).content.location === 'Elsewhere', 'the place');
    expect(exchange.get(id).content.text).toEqual(cut.text);
  });
});

describe('an item of a kind that a later release knows', () => {
  it('is parked in the history', async () => {
    const engine = await setup.engine();
    const { key } = setup.mailbox;
    const firstSeenAt = new Date().toISOString();
    const change = {
      ...{ v: 1, kind: 'item' as const, item: 'later-kind', mailbox: key, side: 'exchange' as const },
      ...{ id: 'n1', vanished: false, firstSeenAt },
    };
    const options = { correlationId: 'later', deadlineMs: 20_000 };
    await setup.world.bus.publish(changeMessage, changeSubject(change, 'now'), change, options);
    await until(async () => (await decisions()).includes('parked: kind-unknown'), 'the history');
    await setup.quiet(engine);
  });
});
