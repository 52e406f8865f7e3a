// No request without a token, none after the session lapsed, none into a pause; and what comes of it when Exchange fails.
import { until } from '@lockstep/bus/testing/until';
import { type AppointmentContent, exchangeItems, type LinkId } from '@lockstep/contracts';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { askingOf } from './support/asking.ts';
import { type GatewayUnderTest, startGateway } from './support/gateway-under-test.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGateway({ technical: { incrementalChangeDetectionOnly: true } });
});
afterAll(() => gateway?.stop());
const { ask, fault, log, lastSeq, reset } = askingOf(() => gateway);
afterEach(reset);

const content: AppointmentContent = {
  title: 'x',
  time: { kind: 'timed', start: '2026-03-02T08:00:00.000Z', end: '2026-03-02T09:00:00.000Z' },
  location: '',
  text: { format: 'plain', content: '' },
  busy: 'busy',
  privacy: 'normal',
};
const appointments = () => ({
  mailbox: gateway.mailboxes.alice,
  priority: 'person' as const,
  kind: 'appointment' as const,
});
const create = (linkId: string) =>
  gateway.ask(exchangeItems.create, {
    ...appointments(),
    content,
    stamp: { linkId: linkId as LinkId, mailbox: gateway.mailboxes.alice },
  });

test('never more calls are in flight than there are tokens', async () => {
  gateway.governor.limit = 2;
  gateway.governor.peak = 0;
  await gateway.control('POST', '/control/peaks/reset');
  await gateway.control('POST', '/control/latency', { baseMs: 20 });
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => ask()));
  await gateway.control('POST', '/control/latency', {});
  expect(outcomes.every((outcome) => outcome.ok)).toBe(true);
  const { accounts } = (await gateway.control('GET', '/control/peaks')) as {
    accounts: Readonly<Record<string, { readonly peak: number }>>;
  };
  expect(accounts['sync@lockstep.test']?.peak).toBe(2);
  expect(gateway.governor.peak).toBe(2);
});

test('without a grant nothing is sent, and the request is withdrawn', async () => {
  const before = await lastSeq();
  gateway.governor.grants = false;
  const { length } = gateway.governor.cancelled;
  expect(await ask(undefined, 600)).toMatchObject({ ok: false, error: { code: 'deadline-passed' } });
  await until(() => gateway.governor.cancelled.length > length && gateway.governor.waiting === 0, 'the withdrawal');
  expect(await lastSeq()).toBe(before);
});

test('a grant of another epoch is refused and given back', async () => {
  const before = await lastSeq();
  gateway.governor.grantedEpoch = 99;
  expect(await ask()).toMatchObject({ ok: false, error: { code: 'governor-not-ready' } });
  await until(() => gateway.governor.out.size === 0, 'the tokens to come back');
  expect(gateway.governor.released.at(-1)).toMatchObject({ outcome: 'unsent', latencyMs: 0 });
  expect(await lastSeq()).toBe(before);
});

test('a new leader is recognised, and what waited at the old one is asked again', async () => {
  gateway.governor.grants = false;
  const asked = ask(undefined, 20_000);
  await until(() => gateway.governor.waiting === 1, 'the request to wait');
  gateway.governor.epoch += 1;
  gateway.governor.grants = true;
  gateway.governor.sayState();
  expect(await asked).toMatchObject({ ok: true });
});

test('when the session lapses, what runs is aborted, its socket closed, and nothing more is sent', async () => {
  await fault({ match: { operation: 'GetFolder' }, when: 'before', action: { kind: 'hang' } });
  const before = await lastSeq();
  const asked = ask(undefined, 60_000);
  await until(async () => (await log(before)).length === 1, 'the call to arrive');
  gateway.governor.answersHeartbeats = false;
  expect(await asked).toMatchObject({ ok: false, error: { code: 'exchange-unreachable' } });
  await until(async () => (await log(before))[0]?.closedByClient === true, 'the closing of the socket');
  expect(await ask()).toMatchObject({ ok: false, error: { code: 'governor-lapsed', retry: 'later' } });
  expect(await log(before)).toHaveLength(1);
});

test('heartbeats report what is out', async () => {
  await fault({ match: { operation: 'GetFolder' }, when: 'before', action: { kind: 'delay', ms: 3_000 } });
  const asked = ask();
  const held = await until(() => gateway.governor.heartbeats.at(-1)?.held[0], 'a heartbeat with the token');
  expect(held).toMatchObject({ pool: 'call', payer: gateway.mailboxes.alice });
  expect(gateway.governor.out.has(held.token)).toBe(true);
  await asked;
  await until(() => gateway.governor.heartbeats.at(-1)?.held.length === 0, 'a heartbeat without it');
});

test.each(['impersonation', 'delegation'] as const)(
  'with %s the governor is told for which mailbox a token is, so that it can share fairly',
  async (access) => {
    await gateway.kit.changeSettings({ technical: { access } });
    await Promise.all([ask(gateway.mailboxes.alice), ask(gateway.mailboxes.bob)]);
    await gateway.kit.changeSettings({ technical: { access: 'impersonation' } });
    const { alice, bob } = gateway.mailboxes;
    const paid = access === 'delegation' ? ['account', 'account'] : [alice, bob];
    const wanted = gateway.governor.granted.slice(-2).map(({ request }) => request);
    expect(wanted.map(({ mailbox }) => mailbox).sort()).toEqual([alice, bob].sort());
    expect(wanted.map(({ payer }) => payer).sort()).toEqual(paid.sort());
  },
);

test('busy pauses the mailbox that paid, at once and here, and no other', async () => {
  await fault({
    match: { mailbox: 'alice@lockstep.test' },
    when: 'before',
    action: { kind: 'fault', code: 'ErrorServerBusy', backOffMs: 30_000 },
  });
  expect(await ask()).toMatchObject({ ok: false, error: { code: 'exchange-busy', backOffMs: 30_000 } });
  await until(() => gateway.governor.released.at(-1)?.outcome === 'busy', 'the release');
  expect(gateway.governor.released.at(-1)).toMatchObject({
    backOff: { scope: { kind: 'mailbox', mailbox: gateway.mailboxes.alice }, remainingMs: 30_000 },
  });
  const before = await lastSeq();
  const granted = gateway.governor.granted.length;
  const paused = await ask();
  expect(paused).toMatchObject({ ok: false, error: { code: 'governor-back-off', retry: 'busy' } });
  expect(await lastSeq()).toBe(before);
  expect(gateway.governor.granted).toHaveLength(granted);
  expect(await ask(gateway.mailboxes.bob)).toMatchObject({ ok: true });
});

test('a pause that the governor announces is obeyed', async () => {
  gateway.governor.backOffs = [{ scope: { kind: 'mailbox', mailbox: gateway.mailboxes.bob }, remainingMs: 20_000 }];
  gateway.governor.sayState();
  await until(async () => !(await ask(gateway.mailboxes.bob)).ok, 'the pause');
  expect(await ask(gateway.mailboxes.bob)).toMatchObject({ ok: false, error: { code: 'governor-back-off' } });
  expect(await ask(gateway.mailboxes.alice)).toMatchObject({ ok: true });
});

test('a leader that only counts yet is told the pauses in force, one that grants is not', async () => {
  const pause = { scope: { kind: 'mailbox' as const, mailbox: gateway.mailboxes.bob }, remainingMs: 60_000 };
  gateway.governor.backOffs = [pause];
  gateway.governor.sayState();
  await until(async () => !(await ask(gateway.mailboxes.bob)).ok, 'the pause');
  // The next leader knows of nothing.
  Object.assign(gateway.governor, { backOffs: [], phase: 'counting', epoch: gateway.governor.epoch + 1 });
  gateway.governor.sayState();
  const told = await until(() => gateway.governor.heartbeats.at(-1)?.backOffs, 'a heartbeat with pauses');
  expect(told).toMatchObject([{ scope: pause.scope, remainingMs: expect.any(Number) }]);
  gateway.governor.phase = 'granting';
  await until(() => gateway.governor.heartbeats.at(-1)?.backOffs === undefined, 'a heartbeat without them');
});

test('a grant that comes into a pause is given back unused', async () => {
  gateway.governor.grants = false;
  const before = await lastSeq();
  const asked = ask(undefined, 20_000);
  await until(() => gateway.governor.waiting === 1, 'the request to wait');
  gateway.governor.backOffs = [{ scope: { kind: 'endpoint' }, remainingMs: 20_000 }];
  const { length } = gateway.governor.heartbeats;
  await until(() => gateway.governor.heartbeats.length > length + 1, 'the gateway to know');
  gateway.governor.grants = true;
  gateway.governor.turn();
  expect(await asked).toMatchObject({ ok: false, error: { code: 'governor-back-off' } });
  await until(() => gateway.governor.out.size === 0, 'the token to come back');
  expect(gateway.governor.released.at(-1)).toMatchObject({ outcome: 'unsent' });
  expect(await lastSeq()).toBe(before);
});

test('an address that no header can hold pauses nobody', async () => {
  const linked = [...gateway.kit.settings.userLinks().values()];
  const odd = linked.map((link) =>
    link.mailbox === gateway.mailboxes.alice ? { ...link, address: 'łucja@x.test' } : link,
  );
  await gateway.kit.changeSettings({ userLinks: odd });
  expect(await ask()).toMatchObject({ ok: false, error: { code: 'exchange-mailbox-missing' } });
  expect(await ask(gateway.mailboxes.bob)).toMatchObject({ ok: true });
  await gateway.kit.changeSettings({ userLinks: linked });
});

test('a write that broke after its effect is of unknown outcome, is not repeated, and is found by its stamp', async () => {
  await fault({ match: { operation: 'CreateItem' }, when: 'after', action: { kind: 'reset' } });
  const before = await lastSeq();
  expect(await create('broken')).toMatchObject({ ok: false, error: { code: 'exchange-unknown-outcome' } });
  expect((await log(before)).filter((record) => record.operation === 'CreateItem')).toHaveLength(1);
  const found = await gateway.ask(exchangeItems.findByStamp, {
    ...appointments(),
    stamp: { linkId: 'broken' as LinkId, mailbox: gateway.mailboxes.alice },
  });
  expect(found).toMatchObject({ ok: true, value: { rows: [expect.anything()] } });
});

test('a write is of unknown outcome when its answer is no answer', async () => {
  for (const action of [
    { kind: 'http', status: 500, body: '<html>Server Error</html>' },
    { kind: 'http', status: 200, body: '<html>Sign in</html>' },
    { kind: 'fault', code: 'ErrorInternalServerError' },
  ]) {
    await fault({ match: { operation: 'CreateItem' }, when: 'after', action });
    expect(await create('odd')).toMatchObject({ ok: false, error: { code: 'exchange-unknown-outcome' } });
  }
});

test('a read whose kept-alive connection is dead is sent again, under a token of its own', async () => {
  expect(await ask()).toMatchObject({ ok: true });
  await fault({ match: { operation: 'GetFolder' }, when: 'before', action: { kind: 'reset' } });
  const before = await lastSeq();
  expect(await ask()).toMatchObject({ ok: true });
  const tokens = (await log(before)).map((record) => record.clientRequestId);
  expect(new Set(tokens).size).toBe(2);
});

test('a call that takes too long ends in time, and its token comes back after the socket closed', async () => {
  await fault({ match: { operation: 'GetFolder' }, when: 'before', action: { kind: 'hang' } });
  const before = await lastSeq();
  const { length } = gateway.governor.released;
  expect(await ask(undefined, 1_000)).toMatchObject({ ok: false });
  await until(() => gateway.governor.released.length > length, 'the release');
  expect(gateway.governor.released.at(-1)).toMatchObject({ outcome: 'timeout' });
  await until(async () => (await log(before))[0]?.closedByClient === true, 'the closing of the socket');
});

test('nothing personal is logged', () => {
  const logged = JSON.stringify(gateway.kit.logged);
  for (const secret of ['alice@', 'lockstep.test', 'Basic ', 'c3luY0']) expect(logged).not.toContain(secret);
});
