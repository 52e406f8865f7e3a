// A server that does not show an item once (a mailbox that moves, a replica that lags) has not lost it: nothing is deleted
// or made anew on the other side, however the engine came to look.
import { until } from '@lockstep/bus/testing/until';
import type { Side } from '@lockstep/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Operation } from './fakes/fake-side.ts';
import { meeting, Setup } from './fakes/setup.ts';

let setup: Setup;
beforeEach(async () => {
  setup = await Setup.create();
});
afterEach(() => setup.close());

const sides = ['exchange', 'superoffice'] as const;
const otherOf = (side: Side): Side => (side === 'exchange' ? 'superoffice' : 'exchange');

/** A linked pair, both of whose sides the engine has seen settled. */
async function linked(side: Side) {
  const { mailbox } = setup;
  const engine = await setup.engine();
  mailbox[side].userCreates(meeting('There'));
  await setup.inStep(1);
  await setup.quiet(engine);
  const [id, otherId] = [mailbox[side].all()[0]?.id ?? '', mailbox[otherOf(side)].all()[0]?.id ?? ''];
  return { engine, id, otherId, fake: mailbox[side], other: mailbox[otherOf(side)] };
}

/** Each of these calls does not show the item, so many times. */
function blindFor(side: Side, calls: { readonly [O in Operation]?: number }) {
  const left = new Map(Object.entries(calls));
  setup.mailbox[side].blind = (operation) => {
    const count = left.get(operation) ?? 0;
    left.set(operation, count - 1);
    return count > 0;
  };
  return { isOver: () => [...left.values()].every((count) => count <= 0) };
}

type Look = (side: Side, id: string, otherId: string) => Promise<void>;
const looks: readonly (readonly [string, Look])[] = [
  [
    'a reported change of it',
    (side, id) =>
      setup.world.report(setup.mailbox.key, { side, kind: 'appointment', id, vanished: false, version: undefined }),
  ],
  [
    'a reported change of its counterpart',
    (side, _, otherId) =>
      setup.world.report(setup.mailbox.key, {
        side: otherOf(side),
        kind: 'appointment',
        id: otherId,
        vanished: false,
        version: undefined,
      }),
  ],
  ['a full compare', () => setup.world.reportAll(setup.mailbox.key, 'verification')],
];
const polled: Look = (side, id) =>
  setup.world.report(setup.mailbox.key, { side, kind: 'appointment', id, vanished: true, version: undefined });

describe.each(sides)('an item of %s', (side) => {
  it.each([...looks, ['a poll of deletes', polled] as const])(
    'that one read does not show, after %s, while a search by its stamp does, is left alone',
    async (_, look) => {
      const { engine, id, otherId, fake, other } = await linked(side);
      const { isOver } = blindFor(side, { read: 1 });
      await look(side, id, otherId);
      await until(isOver, 'the wrong answer');
      await leftAlone(engine, { fake, other, id, otherId });
    },
  );

  it.each(side === 'superoffice' ? [...looks, ['a poll of deletes', polled] as const] : looks)(
    'that one read and one search do not show, after %s, is left alone',
    async (_, look) => {
      const { engine, id, otherId, fake, other } = await linked(side);
      const { isOver } = blindFor(side, { read: 1, findByStamp: 1 });
      await look(side, id, otherId);
      await until(isOver, 'the wrong answers');
      await leftAlone(engine, { fake, other, id, otherId });
    },
  );

  it('that nothing showed at first and that only reads do not show later is left alone until it is read', async () => {
    const { engine, id, otherId, fake, other } = await linked(side);
    const { isOver } = blindFor(side, { read: 4, findByStamp: 1, list: 1 });
    await setup.world.reportAll(setup.mailbox.key, 'verification');
    await until(isOver, 'the wrong answers');
    await leftAlone(engine, { fake, other, id, otherId });
  });

  it('whose copy is seen while one read does not show it keeps its pair', async () => {
    const { engine, id, otherId, fake, other } = await linked(side);
    const { isOver } = blindFor(side, { read: 0 });
    let hidden = 1;
    fake.blind = (operation, read) => operation === 'read' && read === id && hidden-- > 0;
    const copy = fake.userCopies(id);
    await until(() => isOver() && hidden <= 0, 'the wrong answer');
    await until(() => other.items.size === 2, 'the counterpart of the copy');
    await setup.quiet(engine);
    fake.userChanges(copy, { title: 'The copy' });
    await until(() => other.all().some(({ content }) => content.title === 'The copy'), 'the change of the copy');
    expect(other.get(otherId).content.title).toBe('There');
    expect(fake.items.size).toBe(2);
  });

  it.each(['reported', 'compared'] as const)(
    'that is new, %s, and that one read does not show travels',
    async (how) => {
      const fake = setup.mailbox[side];
      await setup.engine();
      let hidden = 1;
      fake.blind = (operation) => operation === 'read' && hidden-- > 0;
      const report = fake.onTouched;
      if (how === 'compared') fake.onTouched = () => undefined;
      fake.userCreates(meeting('New'));
      fake.onTouched = report;
      if (how === 'compared') await setup.world.reportAll(setup.mailbox.key, 'verification');
      await until(() => hidden <= 0, 'the wrong answer');
      await setup.inStep(1);
    },
  );

  it('that a delete of ours does not find once is deleted all the same', async () => {
    const { fake, other, otherId, engine } = await linked(side);
    const remove = other.remove.bind(other);
    let misses = 1;
    other.remove = (kind, id, version) =>
      misses-- > 0 ? Promise.resolve({ ok: true, value: { kind: 'missing' } }) : remove(kind, id, version);
    fake.userDeletes(fake.all()[0]?.id ?? '');
    await until(() => other.all().every(({ id }) => id !== otherId), 'the delete');
    await until(async () => (await setup.explain(engine)).links === 0, 'the link to be forgotten');
  });
});

it('a pair that nobody shows any more and whose deletes nobody names is forgotten after a second look at both', async () => {
  const { engine, id, otherId, fake, other } = await linked('exchange');
  setup.mailbox.superoffice.deleteRecord = 'unreadable';
  fake.onTouched = other.onTouched = () => undefined;
  fake.userDeletes(id);
  other.userDeletes(otherId);
  await setup.world.reportAll(setup.mailbox.key, 'verification');
  await until(async () => (await setup.explain(engine)).links === 0, 'the link to be forgotten');
  expect(fake.items.size + other.items.size).toBe(0);
});

interface Pair {
  readonly fake: (typeof setup.mailbox)[Side];
  readonly other: (typeof setup.mailbox)[Side];
  readonly id: string;
  readonly otherId: string;
}

/** The pair is as it was, and what a person does next travels. */
async function leftAlone(engine: Awaited<ReturnType<Setup['engine']>>, { fake, other, id, otherId }: Pair) {
  await until(async () => (await setup.explain(engine)).parked.length === 0, 'no suspicion');
  await setup.quiet(engine);
  const effects = [...fake.writes, ...other.writes].filter(({ operation }) => operation !== 'write');
  expect(effects).toHaveLength(1);
  expect((await setup.explain(engine)).links).toBe(1);
  other.userChanges(otherId, { title: 'Still one pair' });
  await until(() => fake.get(id).content.title === 'Still one pair', 'the change to travel');
  await setup.inStep(1);
}
