// What one scan leads to, on a real nats-server: the right changes in the stream, then the cookie.
import { until } from '@lockstep/bus/testing/until';
import { codedError, notifiedSubject, userNames } from '@lockstep/contracts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { created, deleted, idsOf, newMailbox, noting, quick, ScannerWorld, updated } from './scanner-world.ts';

let world: ScannerWorld;
const anna = newMailbox();
const bert = newMailbox();

beforeEach(async () => {
  world = await ScannerWorld.open();
});
afterEach(() => world.close());

describe('a scan', () => {
  test('of a newly linked mailbox happens at once and asks for one full comparison, not for every item', async () => {
    world.exchange.change(anna, ...Array.from({ length: 25 }, (_, n) => created(`item-${n}`)));
    world.exchange.pageSize = 10;
    await world.scanner();
    expect(world.exchange.calls).toEqual([]);
    await world.link(anna);
    await world.caughtUp(anna);
    const changes = await world.changes(anna);
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({
      subject: expect.stringMatching(/\.bulk\.exchange\.all$/),
      change: { kind: 'all', mailbox: anna, side: 'exchange', reason: 'first-load' },
    });
    expect(world.exchange.calls.map((call) => call.syncState)).toEqual([null, '1:10', '1:20']);
    expect(world.exchange.calls.every((call) => call.priority === 'first-load')).toBe(true);
  });

  test('after a notification publishes what changed since the cookie, with its cause, and then moves the cookie', async () => {
    const scanner = await world.started(anna);
    world.exchange.change(anna, created('a'), updated('b'), deleted('c'));
    const { firstSeenAt } = await world.notify(anna, 'correlation-1');
    await world.caughtUp(anna);
    const changes = await world.changes(anna);
    expect(changes.map(({ change }) => change)).toEqual(
      expect.arrayContaining([
        {
          v: 1,
          kind: 'item',
          side: 'exchange',
          mailbox: anna,
          item: 'appointment',
          firstSeenAt,
          id: 'a',
          version: 'a-1',
          vanished: false,
        },
        {
          v: 1,
          kind: 'item',
          side: 'exchange',
          mailbox: anna,
          item: 'appointment',
          firstSeenAt,
          id: 'b',
          version: 'b-2',
          vanished: false,
        },
        {
          v: 1,
          kind: 'item',
          side: 'exchange',
          mailbox: anna,
          item: 'appointment',
          firstSeenAt,
          id: 'c',
          vanished: true,
        },
      ]),
    );
    expect(changes).toHaveLength(3);
    expect(changes.every(({ subject }) => subject.includes('.now.exchange.'))).toBe(true);
    expect(changes.every(({ correlationId }) => correlationId === 'correlation-1')).toBe(true);
    expect(world.exchange.calls.at(-1)).toMatchObject({ priority: 'change', syncState: '1:0' });
    await scanner.stop();
    expect(await world.notificationsLeft(anna)).toBe(0);
  });

  test('that finds nothing publishes nothing and writes nothing', async () => {
    const scanner = await world.started(anna);
    const before = await world.cookie(anna);
    await world.notify(anna);
    await until(() => world.exchange.calls.length === 2, 'the scan');
    await scanner.stop();
    expect(await world.cookie(anna)).toEqual(before);
    expect(await world.changes(anna)).toEqual([]);
    expect(await world.notificationsLeft(anna)).toBe(0);
  });

  test('goes through all pages, also when Exchange repeats itself', async () => {
    await world.started(anna);
    world.exchange.pageSize = 7;
    world.exchange.repeats = true;
    world.exchange.change(anna, ...Array.from({ length: 40 }, (_, n) => created(`item-${n}`)));
    await world.notify(anna);
    await world.caughtUp(anna);
    expect(new Set(idsOf(await world.changes(anna))).size).toBe(40);
  });

  test('happens at once when a user is linked again, from the cookie that is still there', async () => {
    const scanner = await world.started(anna);
    await world.link();
    await until(() => scanner.kit.settings.userLinks().size === 0, 'the scanner to know');
    world.exchange.change(anna, created('meanwhile'));
    await world.link(anna);
    await world.caughtUp(anna);
    expect(idsOf(await world.changes(anna))).toEqual(['meanwhile']);
  });

  test('a notification that cannot be read has its mailbox scanned, is counted and acknowledged', async () => {
    const scanner = await world.started(anna);
    world.exchange.change(anna, created('a'));
    await world.notify(anna, 'correlation-2', { firstSeenAt: 'yesterday' });
    await world.caughtUp(anna);
    expect(idsOf(await world.changes(anna))).toEqual(['a']);
    expect(await world.metric(scanner, 'unreadable_messages_total')).toBe(1);
    await scanner.stop();
    expect(await world.notificationsLeft(anna)).toBe(0);
  });

  test('a mailbox that is not linked is never scanned and its notification does not stay', async () => {
    const seen = { fetched: [] as string[], acknowledged: [] as string[] };
    await world.link(anna);
    const scanner = await world.scanner({ ...quick, unknownLinkMs: 50 }, (kit) => noting(kit, seen));
    await world.caughtUp(anna);
    await world.notify(bert);
    await until(() => seen.acknowledged.includes(notifiedSubject(bert)), 'the notification to be given up');
    await scanner.stop();
    expect(seen.fetched.filter((subject) => subject === notifiedSubject(bert))).toHaveLength(2);
    expect(world.exchange.callsOf(bert)).toEqual([]);
    expect(await world.notificationsLeft(bert)).toBe(0);
  });

  test('one mailbox is scanned one at a time, and a notification during a scan leads to another', async () => {
    await world.started(anna);
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const before = world.exchange.calls.length;
    world.exchange.before = async () => {
      await gate;
      return undefined;
    };
    await world.notify(anna);
    await until(() => world.exchange.calls.length === before + 1, 'the first scan');
    await world.notify(anna);
    world.exchange.change(anna, created('late'));
    open();
    await world.caughtUp(anna);
    await until(() => world.exchange.calls.length >= before + 2, 'the second scan');
    expect(world.exchange.together).toBe(1);
  });
});

describe('the folders of a mailbox', () => {
  const tasksToo = { tasks: 'both' } as const;

  test('are watched when their kind is switched on, and what changes there bears that kind', async () => {
    await world.started(anna);
    expect(world.exchange.calls.every(({ folder }) => folder === 'calendar')).toBe(true);
    await world.sync(tasksToo);
    await until(async () => (await world.cookie(anna, 'tasks')) !== undefined, 'the cookie of the tasks');
    expect((await world.changes(anna)).map(({ change }) => change)).toMatchObject([
      { kind: 'all', reason: 'first-load' },
    ]);
    world.exchange.changeIn('tasks', anna, created('a'));
    world.exchange.change(anna, created('a'));
    await world.notify(anna);
    await world.caughtUp(anna);
    await until(async () => (await world.cookie(anna, 'tasks'))?.value.syncState === '1:1', 'the newer cookie');
    const changes = await world.changes(anna);
    expect(changes.map(({ change }) => change.kind === 'item' && change.item).sort()).toEqual(['appointment', 'task']);
    expect(new Set(changes.map(({ subject }) => subject)).size).toBe(2);
  });

  test('that fail hold up no other, and are tried again', async () => {
    await world.sync(tasksToo);
    await world.started(anna);
    await until(async () => (await world.cookie(anna, 'tasks')) !== undefined, 'the cookie of the tasks');
    let refusals = 0;
    world.exchange.before = ({ folder }) =>
      folder === 'tasks' && ++refusals <= 3 ? codedError('exchange-folder-missing') : undefined;
    world.exchange.changeIn('tasks', anna, created('t'));
    world.exchange.change(anna, created('a'));
    await world.notify(anna);
    await world.caughtUp(anna);
    await until(async () => (await world.cookie(anna, 'tasks'))?.value.syncState === '1:1', 'the tasks in the end');
    expect(refusals).toBeGreaterThan(3);
  });
});

test('with the permissions of its own NATS user it does all of this', async () => {
  const users = Object.fromEntries(userNames.map((user) => [user, `password-of-${user}`]));
  const restricted = await ScannerWorld.open({ users });
  try {
    const scanner = await restricted.scanner();
    await restricted.link(anna);
    const first = 'scans_total{outcome="first-load"';
    await until(async () => (await restricted.metric(scanner, first)) === 1, 'the first load');
    restricted.exchange.change(anna, created('a'));
    await restricted.notify(anna);
    await until(
      async () => (await restricted.metric(scanner, 'changes_published_total{class="now"')) === 1,
      'the change',
    );
    await restricted.technical({ incrementalChangeDetectionOnly: true });
    await until(async () => (await restricted.metric(scanner, 'sweep_visits_total')) > 1, 'the sweep');
    expect(scanner.kit.busEvents.filter((event) => event.kind === 'not-permitted')).toEqual([]);
  } finally {
    await restricted.close();
  }
});
