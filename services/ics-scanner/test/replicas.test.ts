// Who scans: shares of the partitions, handing over, the sequential sweep, restarts of NATS.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from '@lockstep/bus/testing/until';
import { codedError, leaseKeys, type MailboxKey, partitions } from '@lockstep/contracts';
import { Type } from 'typebox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cookieKey } from '../src/cookies/cookie-store.ts';
import { created, newMailbox, quick, type ScannerUnderTest, ScannerWorld } from './scanner-world.ts';

let world: ScannerWorld;
let child: ChildProcess | undefined;

beforeEach(async () => {
  world = await ScannerWorld.open();
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await world.close();
});

const owned = (scanner: ScannerUnderTest) => world.metric(scanner, 'partitions_owned');
const holderOf = async (key: string) =>
  (await world.bus.bucket('leases').get(key, Type.Object({ holder: Type.String() })))?.value.holder;
const itemIds = async (mailbox: MailboxKey) =>
  (await world.changes(mailbox)).flatMap(({ change }) => (change.kind === 'item' ? [change.id] : []));

describe('replicas of the scanner', () => {
  test('a single one owns every partition when it is ready', async () => {
    expect(await owned(await world.scanner())).toBe(partitions.length);
  });

  test('two share the partitions, and the one that stays takes over what the other gives up', async () => {
    const mailboxes = Array.from({ length: 20 }, newMailbox);
    await world.link(...mailboxes);
    const first = await world.scanner();
    await Promise.all(mailboxes.map((mailbox) => world.caughtUp(mailbox)));
    const second = await world.scanner();
    await until(
      async () => (await owned(first)) + (await owned(second)) === 64 && (await owned(second)) > 10,
      'shares',
    );
    expect(await owned(first)).toBeGreaterThan(10);
    const round = async (id: string) => {
      for (const mailbox of mailboxes) world.exchange.change(mailbox, created(id));
      await Promise.all(mailboxes.map((mailbox) => world.notify(mailbox)));
    };
    await round('both');
    await first.stop();
    await round('alone');
    await Promise.all(mailboxes.map((mailbox) => world.caughtUp(mailbox)));
    expect(await owned(second)).toBe(64);
    for (const mailbox of mailboxes) expect(new Set(await itemIds(mailbox))).toEqual(new Set(['both', 'alone']));
    expect(world.exchange.together).toBe(1);
  });

  test('one that is killed with -9 in the middle of a scan loses nothing', async () => {
    const anna = newMailbox();
    await world.link(anna);
    const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
    const env = { ...process.env, NATS_URL: world.server.url, LOCKSTEP_PORT: '0', LOCKSTEP_INSTANCE: 'to-be-killed' };
    child = spawn(process.execPath, [main], { env, stdio: 'ignore' });
    await world.caughtUp(anna);
    world.exchange.pageSize = 3;
    world.exchange.change(anna, ...Array.from({ length: 8 }, (_, n) => created(`item-${n}`)));
    // The second page is answered never, until the process that asked is dead.
    const dead = once(child, 'exit');
    world.exchange.before = async ({ syncState }) => {
      if (syncState === '1:3') await dead;
      return undefined;
    };
    await world.notify(anna);
    await until(() => world.exchange.calls.at(-1)?.syncState === '1:3', 'the second page to be asked for');
    child.kill('SIGKILL');
    await dead;
    await world.scanner();
    await until(
      async () => (await world.cookie(anna))?.value.syncState === world.exchange.newest(anna),
      'the end',
      40_000,
    );
    expect(new Set(await itemIds(anna)).size).toBe(8);
  });

  test('after a restart of NATS every mailbox is asked from the older cookie', async () => {
    const anna = newMailbox();
    const young = newMailbox();
    await world.link(anna, young);
    await world.scanner();
    await Promise.all([world.caughtUp(anna), world.caughtUp(young)]);
    world.exchange.change(anna, created('a'), created('b'));
    await world.notify(anna);
    await world.caughtUp(anna);
    const cookie = await world.cookie(anna);
    const older = { syncState: '1:1', validAt: '2026-11-22T08:00:00.000Z' };
    await world.bus
      .bucket('cookies')
      .update(cookieKey(anna, 'calendar'), { ...cookie?.value, older }, cookie?.revision ?? 0);
    await Promise.all([world.changes(anna), world.changes(young)]);
    const serverId = world.bus.serverId();
    const before = world.exchange.calls.length;
    await world.server.restart();
    await until(() => world.bus.connected() && world.bus.serverId() !== serverId, 'NATS to be back');
    const asked = (mailbox: MailboxKey) => world.exchange.calls.slice(before).find((call) => call.mailbox === mailbox);
    await until(() => asked(anna) !== undefined && asked(young) !== undefined, 'both to be asked');
    expect([asked(anna)?.syncState, asked(young)?.syncState]).toEqual(['1:1', null]);
    await until(async () => (await world.cookie(anna))?.value.serverId === world.bus.serverId(), 'the new record');
    expect(await itemIds(anna)).toEqual(['b']);
  });
});

describe('with incremental change detection only', () => {
  test('the linked users are visited in order, one at a time, round after round', async () => {
    const mailboxes = [newMailbox(), newMailbox(), newMailbox()];
    await world.link(...mailboxes);
    await world.technical({ incrementalChangeDetectionOnly: true });
    await world.scanner();
    await until(() => world.exchange.calls.length >= 7, 'two rounds');
    const order = world.exchange.calls.slice(0, 7).map((call) => call.mailbox);
    expect(order).toEqual([...mailboxes, ...mailboxes, mailboxes[0]]);
    expect(world.exchange.togetherAll).toBe(1);
    expect(world.exchange.calls.slice(3, 7).every((call) => call.priority === 'sweep')).toBe(true);
  });

  test('what the sweep finds is published as bulk, and notifications wait until it is switched off', async () => {
    const [anna, bert] = [newMailbox(), newMailbox()];
    await world.link(anna, bert);
    const scanner = await world.scanner();
    await Promise.all([world.caughtUp(anna), world.caughtUp(bert)]);
    await scanner.kit.changeSettings({ technical: { incrementalChangeDetectionOnly: true } });
    await until(() => world.exchange.calls.at(-1)?.priority === 'sweep', 'the sweep to begin');
    await Promise.all([world.changes(anna), world.changes(bert)]);
    world.exchange.change(anna, created('a'));
    await world.notify(anna);
    await world.caughtUp(anna);
    const [change, ...more] = await world.changes(anna);
    expect(more).toEqual([]);
    expect(change?.subject).toContain('.bulk.exchange.');
    expect(world.exchange.calls.slice(2).every((call) => call.priority === 'sweep')).toBe(true);
    await scanner.kit.changeSettings({ technical: { incrementalChangeDetectionOnly: false } });
    await until(() => world.exchange.calls.at(-1)?.priority === 'change', 'the notification to be taken');
    const visits = await world.metric(scanner, 'sweep_visits_total');
    world.exchange.change(bert, created('b'));
    await world.notify(bert);
    await world.caughtUp(bert);
    expect((await world.changes(bert)).at(-1)?.subject).toContain('.now.exchange.');
    expect(await world.metric(scanner, 'sweep_visits_total')).toBe(visits);
  });

  test('only the holder of the sweep visits, and the other goes on when it stops', async () => {
    const mailboxes = [newMailbox(), newMailbox()];
    await world.link(...mailboxes);
    await world.technical({ incrementalChangeDetectionOnly: true });
    const scanners = [
      await world.scanner({ ...quick, sweepPauseMs: 20 }),
      await world.scanner({ ...quick, sweepPauseMs: 20 }),
    ];
    await until(() => world.exchange.calls.length >= 6, 'some rounds');
    expect(world.exchange.togetherAll).toBe(1);
    const holder = await holderOf(leaseKeys.sweep);
    await scanners.find((scanner) => scanner.kit.instance === holder)?.stop();
    const before = world.exchange.calls.length;
    await until(() => world.exchange.calls.length >= before + 4, 'the other one');
    expect(world.exchange.togetherAll).toBe(1);
  });
});

describe('with delegation, for which Exchange has no notifications', () => {
  test('everybody is visited round after round, several at a time, and one in trouble holds up no other', async () => {
    const mailboxes = Array.from({ length: 12 }, newMailbox);
    const [troubled, ...others] = mailboxes as [MailboxKey, ...MailboxKey[]];
    await world.link(...mailboxes);
    await world.technical({ access: 'delegation' });
    world.exchange.before = ({ mailbox }) => (mailbox === troubled ? codedError('exchange-folder-missing') : undefined);
    const scanner = await world.scanner({ ...quick, pacedTogether: 3 });
    const visits = (mailbox: MailboxKey) => world.exchange.calls.filter((call) => call.mailbox === mailbox).length;
    await until(() => others.every((mailbox) => visits(mailbox) >= 2), 'the first round');
    world.exchange.togetherAll = 0;
    await until(() => others.every((mailbox) => visits(mailbox) >= 5), 'some rounds');
    expect(world.exchange.togetherAll).toBeGreaterThan(1);
    expect(world.exchange.togetherAll).toBeLessThanOrEqual(3);
    const [first = troubled] = others;
    world.exchange.change(first, created('a'));
    await until(async () => (await itemIds(first)).includes('a'), 'the change to be found');
    // Notifications of people who ask for a look are taken all the same.
    await scanner.kit.changeSettings({ technical: { access: 'impersonation' } });
    const calls = world.exchange.calls.length;
    await world.notify(first);
    await until(() => world.exchange.calls.slice(calls).some((call) => call.priority === 'change'), 'the notification');
  });
});
