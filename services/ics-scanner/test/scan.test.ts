// What one scan leads to, on a real nats-server: the right changes in the stream, then the cookie, and nothing lost in between.

import { BusError } from '@lockstep/bus';
import { until } from '@lockstep/bus/testing/until';
import { codedError, failure, type ItemChange, userNames } from '@lockstep/contracts';
import type { Kit } from '@lockstep/service-kit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { firstCookie } from '../src/cookie.ts';
import { cookieKey } from '../src/cookie-store.ts';
import { newMailbox, quick, ScannerWorld, type SeenChange } from './scanner-world.ts';

let world: ScannerWorld;
const anna = newMailbox();
const bert = newMailbox();

beforeEach(async () => {
  world = await ScannerWorld.open();
});
afterEach(() => world.close());

const created = (id: string): ItemChange => ({ kind: 'created', id, version: `${id}-1` });
const updated = (id: string): ItemChange => ({ kind: 'updated', id, version: `${id}-2` });
const deleted = (id: string): ItemChange => ({ kind: 'deleted', id });
const idsOf = (changes: readonly SeenChange[]) =>
  changes.map(({ change }) => (change.kind === 'item' ? change.id : change.reason)).sort();

/** A scanner with Anna linked and her first load behind her. */
async function started(config = quick, wrap?: (kit: Kit) => Kit) {
  await world.link(anna);
  const scanner = await world.scanner(config, wrap);
  await world.caughtUp(anna);
  await world.changes(anna);
  return scanner;
}

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
    const scanner = await started();
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
    const scanner = await started();
    const before = await world.cookie(anna);
    await world.notify(anna);
    await until(() => world.exchange.calls.length === 2, 'the scan');
    await scanner.stop();
    expect(await world.cookie(anna)).toEqual(before);
    expect(await world.changes(anna)).toEqual([]);
    expect(await world.notificationsLeft(anna)).toBe(0);
  });

  test('goes through all pages, also when Exchange repeats itself', async () => {
    await started();
    world.exchange.pageSize = 7;
    world.exchange.repeats = true;
    world.exchange.change(anna, ...Array.from({ length: 40 }, (_, n) => created(`item-${n}`)));
    await world.notify(anna);
    await world.caughtUp(anna);
    expect(new Set(idsOf(await world.changes(anna))).size).toBe(40);
  });

  test('whose cookie Exchange refuses asks for a full comparison and counts the loss', async () => {
    const scanner = await started();
    world.exchange.change(anna, created('a'), created('b'));
    world.exchange.forgetStates(anna);
    await world.notify(anna);
    await world.caughtUp(anna);
    expect(idsOf(await world.changes(anna))).toEqual(['sync-state-lost']);
    expect(await world.metric(scanner, 'cookies_lost_total')).toBe(1);
  });

  test('that fails is tried again until it succeeds, and holds up no other mailbox', async () => {
    await world.link(anna, bert);
    await world.scanner();
    await Promise.all([world.caughtUp(anna), world.caughtUp(bert)]);
    let broken = true;
    world.exchange.before = ({ mailbox }) =>
      broken && mailbox === anna ? codedError('exchange-unreachable') : undefined;
    world.exchange.change(anna, created('a'));
    world.exchange.change(bert, created('b'));
    await world.notify(anna);
    await until(() => world.exchange.callsOf(anna).length >= 4, 'several attempts');
    await world.notify(bert);
    await world.caughtUp(bert);
    broken = false;
    await world.caughtUp(anna);
    expect(idsOf(await world.changes(anna)).filter((id) => id !== 'first-load')).toContain('a');
  });

  test('is not repeated during the pause that Exchange asked for, whoever notifies', async () => {
    await world.link(anna, bert);
    await world.scanner();
    await Promise.all([world.caughtUp(anna), world.caughtUp(bert)]);
    world.exchange.before = ({ mailbox }) =>
      mailbox === anna ? codedError('exchange-busy', { backOffMs: 60_000 }) : undefined;
    const before = world.exchange.callsOf(anna).length;
    await world.notify(anna);
    await until(() => world.exchange.callsOf(anna).length === before + 1, 'the busy answer');
    for (let n = 0; n < 5; n++) {
      await world.notify(anna);
      world.exchange.change(bert, created(`b-${n}`));
      await world.notify(bert);
      await world.caughtUp(bert);
    }
    expect(world.exchange.callsOf(anna)).toHaveLength(before + 1);
  });

  test('that could not store its cookie after publishing loses nothing: it is done again', async () => {
    let refuse = 0;
    const scanner = await started(quick, (kit) =>
      withCookieWrites(kit, async (write) => {
        if (refuse-- > 0) throw new BusError(codedError('bus-unavailable'));
        return write();
      }),
    );
    refuse = 2;
    world.exchange.change(anna, created('a'), deleted('b'));
    await world.notify(anna);
    await world.caughtUp(anna);
    expect(idsOf(await world.changes(anna))).toEqual(['a', 'b']);
    expect(world.exchange.calls.filter((call) => call.syncState === '1:0')).toHaveLength(3);
    await scanner.stop();
    expect(await world.notificationsLeft(anna)).toBe(0);
  });

  test('that could not publish everything keeps its cookie: the changes come later', async () => {
    let refuse = 0;
    const scanner = await started(quick, (kit) => {
      const bus = Object.create(kit.bus) as Kit['bus'];
      bus.publish = async (declared, subject, message, options) =>
        subject.includes('.now.exchange.') && refuse-- > 0
          ? failure('bus-unavailable')
          : kit.bus.publish(declared, subject, message, options);
      return { ...kit, bus };
    });
    refuse = 3;
    world.exchange.change(anna, created('a'), created('b'));
    await world.notify(anna);
    await world.caughtUp(anna);
    expect(idsOf(await world.changes(anna))).toEqual(['a', 'b']);
    expect(await world.metric(scanner, 'scan_failures_total{code="bus-unavailable"')).toBeGreaterThan(0);
  });

  test('whose cookie was damaged asks for a full comparison, and leaves one of a newer version alone', async () => {
    const scanner = await started();
    const cookies = world.bus.bucket('cookies');
    const write = async (value: object) =>
      cookies.update(cookieKey(anna), value, (await cookies.getBytes(cookieKey(anna)))?.revision ?? 0);
    await write({ v: 1, nonsense: true });
    await world.notify(anna);
    await world.caughtUp(anna);
    expect(idsOf(await world.changes(anna))).toEqual(['sync-state-lost']);
    await write({ v: 2, state: 'in a form that is not known yet' });
    const newer = await cookies.getBytes(cookieKey(anna));
    await world.notify(anna);
    await until(async () => (await world.metric(scanner, 'scan_failures_total{code="internal-error"')) > 1, 'attempts');
    expect(await cookies.getBytes(cookieKey(anna))).toEqual(newer);
    expect(await world.changes(anna)).toEqual([]);
  });

  test('happens at once when a user is linked again, from the cookie that is still there', async () => {
    const scanner = await started();
    await world.link();
    await until(() => scanner.kit.settings.userLinks().size === 0, 'the scanner to know');
    world.exchange.change(anna, created('meanwhile'));
    await world.link(anna);
    await world.caughtUp(anna);
    expect(idsOf(await world.changes(anna))).toEqual(['meanwhile']);
  });

  test('whose cookie was written by another meanwhile drops its result and begins from there', async () => {
    const scanner = await started();
    world.exchange.change(anna, created('a'), created('b'));
    let interfered = false;
    world.exchange.before = async () => {
      if (interfered) return undefined;
      interfered = true;
      const cookie = await world.cookie(anna);
      const other = firstCookie('1:1', new Date().toISOString(), world.bus.serverId());
      await world.bus.bucket('cookies').update(cookieKey(anna), other, cookie?.revision ?? 0);
      return undefined;
    };
    await world.notify(anna);
    await world.caughtUp(anna);
    expect(world.exchange.calls.map((call) => call.syncState).slice(-2)).toEqual(['1:0', '1:1']);
    expect(await world.metric(scanner, 'scans_total{outcome="superseded"')).toBe(1);
    expect(idsOf(await world.changes(anna))).toEqual(['a', 'b']);
  });

  test('a notification that cannot be read has its mailbox scanned, is counted and acknowledged', async () => {
    const scanner = await started();
    world.exchange.change(anna, created('a'));
    await world.notify(anna, 'correlation-2', { firstSeenAt: 'yesterday' });
    await world.caughtUp(anna);
    expect(idsOf(await world.changes(anna))).toEqual(['a']);
    expect(await world.metric(scanner, 'unreadable_messages_total')).toBe(1);
    await scanner.stop();
    expect(await world.notificationsLeft(anna)).toBe(0);
  });

  test('a mailbox that is not linked is never scanned and its notification does not stay', async () => {
    const scanner = await started();
    await world.notify(bert);
    await world.notify(anna);
    await until(() => world.exchange.callsOf(anna).length === 2, 'the scan of the other one');
    await scanner.stop();
    expect(world.exchange.callsOf(bert)).toEqual([]);
    expect(await world.notificationsLeft(bert)).toBe(0);
  });

  test('one mailbox is scanned one at a time, and a notification during a scan leads to another', async () => {
    await started();
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

/** The kit with something between the scanner and each write of a cookie. */
function withCookieWrites(kit: Kit, between: <T>(write: () => Promise<T>) => Promise<T>): Kit {
  const bus = Object.create(kit.bus) as Kit['bus'];
  bus.bucket = (name) => {
    const bucket = kit.bus.bucket(name);
    if (name !== 'cookies') return bucket;
    return { ...bucket, update: (key, value, revision) => between(() => bucket.update(key, value, revision)) };
  };
  return { ...kit, bus };
}
