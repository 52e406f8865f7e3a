// Scans in trouble, on a real nats-server: nothing is lost between the stream and the cookie, and no mailbox holds up another.
import { BusError } from '@lockstep/bus';
import { until } from '@lockstep/bus/testing/until';
import { codedError, failure } from '@lockstep/contracts';
import type { Kit } from '@lockstep/service-kit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { firstCookie } from '../src/cookies/cookie.ts';
import { cookieKey } from '../src/cookies/cookie-store.ts';
import { created, deleted, idsOf, newMailbox, noting, quick, ScannerWorld } from './scanner-world.ts';

let world: ScannerWorld;
const anna = newMailbox();
const bert = newMailbox();

beforeEach(async () => {
  world = await ScannerWorld.open();
});
afterEach(() => world.close());

describe('a notification', () => {
  test('of a mailbox whose link is not known yet is kept, also for the next owner', async () => {
    const seen = { fetched: [] as string[], acknowledged: [] as string[] };
    const scanner = await world.started(anna, (kit) => noting(kit, seen));
    await world.link();
    await until(() => scanner.kit.settings.userLinks().size === 0, 'the link to be gone');
    world.exchange.change(anna, created('a'));
    const before = seen.fetched.length;
    await world.notify(anna);
    await until(() => seen.fetched.length > before, 'the notification to be fetched');
    await scanner.stop();
    await world.link(anna);
    await world.scanner();
    await world.caughtUp(anna);
    expect(idsOf(await world.changes(anna))).toEqual(['a']);
  });
});

describe('a scan', () => {
  test('whose cookie Exchange refuses asks for a full comparison and counts the loss', async () => {
    const scanner = await world.started(anna);
    world.exchange.change(anna, created('a'), created('b'));
    world.exchange.forgetStates(anna);
    await world.notify(anna);
    await world.caughtUp(anna);
    expect(idsOf(await world.changes(anna))).toEqual(['sync-state-lost']);
    expect(await world.metric(scanner, 'cookies_lost_total')).toBe(1);
  });

  test('of a mailbox that may not be opened has the engine look, and goes on when it may', async () => {
    await world.started(anna);
    let closed = true;
    let attempts = 0;
    // A trouble of another kind comes first, as when access is set up anew.
    const trouble = () => codedError(attempts++ === 0 ? 'exchange-unauthorized' : 'exchange-folder-missing');
    world.exchange.before = () => (closed ? trouble() : undefined);
    world.exchange.change(anna, created('a'));
    await world.notify(anna);
    await until(() => attempts >= 4, 'some attempts');
    expect(idsOf(await world.changes(anna))).toEqual(['verification']);
    // The engine looked when it might; then it may not again.
    const before = attempts;
    await until(() => attempts >= before + 3, 'some more attempts');
    expect(idsOf(await world.changes(anna))).toEqual(['verification']);
    closed = false;
    await world.caughtUp(anna);
    expect(idsOf(await world.changes(anna))).toContain('a');
  });

  test('that would wait for minutes is done at once when Exchange is reached in another way', async () => {
    const longAgainMs = 3_600_000;
    const retry = { ...quick.retry, maxMs: longAgainMs, maxHintMs: longAgainMs };
    await world.started(anna, undefined, { ...quick, retry });
    let refused = 0;
    world.exchange.before = () => {
      refused++;
      return codedError('exchange-unauthorized', { backOffMs: longAgainMs });
    };
    world.exchange.change(anna, created('a'));
    await world.notify(anna);
    await until(() => refused > 0, 'the refusal');
    world.exchange.before = () => undefined;
    await world.technical({ userName: 'another' });
    await world.caughtUp(anna);
    expect(idsOf(await world.changes(anna))).toEqual(['a']);
  });

  test('whose changes do not end is a defect that is told at once, and tried again later', async () => {
    const scanner = await world.started(anna);
    world.exchange.isStuck = true;
    const before = world.exchange.callsOf(anna).length;
    await world.notify(anna);
    const told = () => scanner.kit.logged.some(({ detail }) => detail === 'the changes of a folder do not end');
    await until(told, 'the defect');
    expect(world.exchange.callsOf(anna).length - before).toBe(1);
    world.exchange.isStuck = false;
    world.exchange.change(anna, created('a'));
    await world.caughtUp(anna);
    expect(idsOf(await world.changes(anna))).toEqual(['a']);
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

  test('of many users who are being linked warns of nobody whom the gateway has not heard of yet', async () => {
    const scanner = await world.started(anna);
    const linked = Array.from({ length: 20 }, () => newMailbox());
    const unheard = new Set(linked);
    // The gateway answers each first call as it does before it has read the new links.
    world.exchange.before = ({ mailbox }) => (unheard.delete(mailbox) ? codedError('mailbox-not-linked') : undefined);
    await world.link(anna, ...linked);
    await Promise.all(linked.map((mailbox) => world.caughtUp(mailbox)));
    expect(unheard.size).toBe(0);
    expect(scanner.kit.logged.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  test('of a mailbox that the gateway does not come to know is warned of', async () => {
    const scanner = await world.started(anna, undefined, { ...quick, unknownLinkMs: 100 });
    world.exchange.before = ({ mailbox }) => (mailbox === anna ? codedError('mailbox-not-linked') : undefined);
    await world.notify(anna);
    const warned = () =>
      scanner.kit.logged.some(({ code, msg }) => code === 'mailbox-not-linked' && msg === 'scan failed');
    await until(warned, 'the warning');
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
    const scanner = await world.started(anna, (kit) =>
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
    const scanner = await world.started(anna, (kit) => {
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

  test('whose cookie was damaged asks for a full comparison, and stops at one of a newer release', async () => {
    const scanner = await world.started(anna);
    const cookies = world.bus.bucket('cookies');
    const write = async (value: object) =>
      cookies.update(
        cookieKey(anna, 'calendar'),
        value,
        (await cookies.getBytes(cookieKey(anna, 'calendar')))?.revision ?? 0,
      );
    await write({ v: 1, nonsense: true });
    await world.notify(anna);
    await world.caughtUp(anna);
    expect(idsOf(await world.changes(anna))).toEqual(['sync-state-lost']);
    await write({ v: 2, state: 'in a form that is not known yet' });
    const newer = await cookies.getBytes(cookieKey(anna, 'calendar'));
    await world.notify(anna);
    await until(
      () => scanner.kit.gaveUp.some(({ message }) => message.includes('this release reads up to')),
      'it to give up',
    );
    expect(await cookies.getBytes(cookieKey(anna, 'calendar'))).toEqual(newer);
    expect(await world.changes(anna)).toEqual([]);
  });

  test('whose cookie was written by another meanwhile drops its result and begins from there', async () => {
    const scanner = await world.started(anna);
    world.exchange.change(anna, created('a'), created('b'));
    let interfered = false;
    world.exchange.before = async () => {
      if (interfered) return undefined;
      interfered = true;
      const cookie = await world.cookie(anna);
      const other = firstCookie('1:1', new Date().toISOString(), world.bus.serverId());
      await world.bus.bucket('cookies').update(cookieKey(anna, 'calendar'), other, cookie?.revision ?? 0);
      return undefined;
    };
    await world.notify(anna);
    await world.caughtUp(anna);
    expect(world.exchange.calls.map((call) => call.syncState).slice(-2)).toEqual(['1:0', '1:1']);
    expect(await world.metric(scanner, 'scans_total{outcome="superseded"')).toBe(1);
    expect(idsOf(await world.changes(anna))).toEqual(['a', 'b']);
  });
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
