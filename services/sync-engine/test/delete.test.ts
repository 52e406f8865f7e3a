// Deletes need proof, are braked, and give way to changes.
import { until } from '@lockstep/bus/testing/until';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { meeting, Setup } from './fakes/setup.ts';

let setup: Setup;
beforeEach(async () => {
  setup = await Setup.create();
});
afterEach(() => setup.close());

async function linkedItems(count: number) {
  const { exchange, superoffice } = setup.mailbox;
  const ids = Array.from({ length: count }, (_, index) => exchange.userCreates(meeting(`Item ${index}`)));
  await setup.inStep(count);
  return { exchange, superoffice, ids, first: ids[0] ?? '' };
}

describe('a delete', () => {
  it('in SuperOffice without a readable log is carried over only after a second look', async () => {
    const engine = await setup.engine();
    const { exchange, superoffice } = await linkedItems(1);
    superoffice.deleteRecord = 'unreadable';
    superoffice.userDeletes(superoffice.all()[0]?.id ?? '');
    await until(async () => (await setup.explain(engine)).parked[0]?.state === 'suspected-delete', 'the suspicion');
    expect(exchange.items.size).toBe(1);
    await until(() => exchange.items.size === 0, 'the delete to be carried over');
    await until(async () => (await setup.explain(engine)).links === 0, 'the link to be forgotten');
  });

  it('that was suspected is none when the item is seen again', async () => {
    const engine = await setup.engine();
    const { exchange, superoffice } = await linkedItems(1);
    const [item] = superoffice.all();
    superoffice.deleteRecord = 'none';
    const held = superoffice.items.get(`appointment:${item?.id}`);
    superoffice.userDeletes(item?.id ?? '');
    await until(async () => (await setup.explain(engine)).parked.length === 1, 'the suspicion');
    if (held !== undefined) superoffice.items.set(`appointment:${held.item.id}`, held);
    await until(async () => (await setup.explain(engine)).parked.length === 0, 'the suspicion to be dropped');
    expect(exchange.items.size).toBe(1);
  });

  it('is not believed while we cannot read the folder, and is when we can again', async () => {
    await setup.engine();
    const { exchange, superoffice, first } = await linkedItems(1);
    exchange.mayRead = false;
    exchange.userDeletes(first);
    const before = exchange.calls;
    await until(() => exchange.calls > before + 8, 'some tries');
    expect(superoffice.items.size).toBe(1);
    exchange.mayRead = true;
    await until(() => superoffice.items.size === 0, 'the delete to be carried over');
  });

  it('is not believed where the user link names another place, until an item of ours is seen there', async () => {
    const engine = await setup.engine();
    const { exchange, superoffice } = await linkedItems(2);
    const [user] = setup.world.users;
    if (user === undefined) throw new Error('a world has a user');
    await engine.kit.changeSettings({ userLinks: [{ ...user, associateId: user.associateId + 1 }] });
    const [gone, kept] = superoffice.all();
    const before = superoffice.calls;
    superoffice.userDeletes(gone?.id ?? '');
    await until(() => superoffice.calls > before + 8, 'some tries');
    expect(exchange.items.size).toBe(2);
    superoffice.userChanges(kept?.id ?? '', { title: 'Seen in the new place' });
    await until(() => exchange.items.size === 1, 'the delete to be carried over');
  });

  it('is not concluded from reads that fail', async () => {
    await setup.engine();
    const { exchange, superoffice, first } = await linkedItems(1);
    exchange.fault = (operation) => (operation === 'read' ? { when: 'before', code: 'exchange-transient' } : undefined);
    const before = exchange.calls;
    await setup.world.report(setup.mailbox.key, {
      ...{ side: 'exchange', kind: 'appointment', id: first, vanished: true, version: undefined },
    });
    await until(() => exchange.calls > before + 3, 'some tries');
    exchange.fault = () => undefined;
    await setup.inStep(1);
    expect(superoffice.writes.filter(({ operation }) => operation === 'remove')).toEqual([]);
  });

  it('gives way to a change of the other side', async () => {
    const calm = await setup.engine();
    const { exchange, superoffice, first } = await linkedItems(1);
    await calm.stop();
    exchange.userDeletes(first);
    superoffice.userChanges(superoffice.all()[0]?.id ?? '', { title: 'Still needed' });
    const engine = await setup.engine();
    await setup.inStep(1);
    await until(async () => setup.quiet(engine), 'quiet');
    expect(exchange.all()[0]?.content.title).toBe('Still needed');
    expect((await setup.explain(engine)).links).toBe(1);
    expect(superoffice.writes.filter(({ operation }) => operation === 'remove')).toEqual([]);
  });

  it('on both sides forgets the link', async () => {
    const calm = await setup.engine();
    const { exchange, superoffice, first } = await linkedItems(1);
    await calm.stop();
    exchange.userDeletes(first);
    superoffice.userDeletes(superoffice.all()[0]?.id ?? '');
    const engine = await setup.engine();
    await until(async () => (await setup.explain(engine)).links === 0, 'the link to be forgotten');
  });
});

describe('the delete brake', () => {
  it('holds all deletes beyond twenty, and only deletes', async () => {
    const engine = await setup.engine();
    const { exchange, superoffice, ids } = await linkedItems(26);
    for (const id of ids.slice(0, 25)) exchange.userDeletes(id);
    await until(async () => (await setup.explain(engine)).heldDeletes === 5, 'five held deletes');
    expect(superoffice.items.size).toBe(6);
    const last = ids.at(-1) ?? '';
    exchange.userChanges(last, { title: 'Still carried over' });
    await until(() => superoffice.all().some(({ content }) => content.title === 'Still carried over'), 'the change');
    expect(superoffice.items.size).toBe(6);
    await engine.stop();
    const next = await setup.engine();
    await setup.world.reportAll(setup.mailbox.key, 'verification');
    await until(async () => setup.firstLoadDone(next), 'the compare to end');
    expect(superoffice.items.size).toBe(6);
    expect((await setup.explain(next)).heldDeletes).toBe(5);

    const released = await setup.releaseDeletes();
    expect(released).toEqual({ released: 5, held: 0 });
    await until(() => superoffice.items.size === 1, 'the released deletes');
    expect((await setup.explain(next)).heldDeletes).toBe(0);
  });
});

describe('the loop breaker', () => {
  it('parks an appointment that a side changes after each of our writes, and goes on with the others', async () => {
    const engine = await setup.engine();
    const { exchange, superoffice, first } = await linkedItems(1);
    let spins = 0;
    // A side that "corrects" whatever we wrote a moment later, in our own name.
    for (const side of [exchange, superoffice]) {
      const report = side.onTouched;
      const correct = (id: string) => {
        const held = side.items.get(`appointment:${id}`);
        if (held?.item.modifiedByUs !== true || !String(held.item.content.title).startsWith('Loop')) return;
        const content = { ...held.item.content, title: `Loop ${++spins}` };
        side.items.set(`appointment:${id}`, { ...held, item: { ...held.item, version: `spin ${spins}`, content } });
        report({ side: side.side, kind: 'appointment', id, vanished: false, version: undefined });
      };
      side.onTouched = (touched) => {
        report(touched);
        setImmediate(correct, touched.id);
      };
    }
    exchange.userChanges(first, { title: 'Loop' });
    await until(
      async () => (await setup.explain(engine)).parked.some(({ reason }) => reason === 'loop'),
      'the loop to be parked',
    );
    expect(spins).toBeLessThan(10);
    exchange.userCreates(meeting('Another'));
    await until(() => superoffice.all().some(({ content }) => content.title === 'Another'), 'the other item');
  });
});
