// No request without a token, none after the session lapsed, none into a pause; and what comes of it when Exchange fails.
import { until } from '@lockstep/bus/testing/until';
import { type AppointmentContent, exchange, exchangeItems, type MailboxKey } from '@lockstep/contracts';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type GatewayUnderTest, startGateway } from './support/gateway-under-test.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGateway({ technical: { incrementalChangeDetectionOnly: true } });
});
afterAll(() => gateway?.stop());
afterEach(async () => {
  const { governor } = gateway;
  Object.assign(governor, { limit: 0, answersHeartbeats: true, grants: true, grantedEpoch: undefined, backOffs: [] });
  await gateway.control('DELETE', '/control/faults');
  // Other credentials for the same account: what was learned about the server is forgotten.
  await gateway.kit.changeSettings({ technical: { password: await gateway.seal('lockstep') } });
  await until(() => valid(), 'a valid session');
});

const inCalendar = (mailbox: MailboxKey = gateway.mailboxes.alice) => ({
  mailbox,
  priority: 'person' as const,
  folder: 'calendar' as const,
});
const appointments = () => ({
  mailbox: gateway.mailboxes.alice,
  priority: 'person' as const,
  kind: 'appointment' as const,
});
const ask = (mailbox?: MailboxKey, deadlineMs = 10_000) =>
  gateway.ask(exchange.getFolder, inCalendar(mailbox), deadlineMs);
const fault = (script: object) => gateway.control('POST', '/control/faults', script);
const valid = async () => /^lockstep_exchange_gateway_session_valid 1$/m.test(await gateway.kit.metrics.metrics());

interface LogRecord {
  readonly seq: number;
  readonly clientRequestId?: string;
  readonly operation?: string;
  readonly closedByClient?: boolean;
  readonly endedMs?: number;
}
const log = async (afterSeq = 0) =>
  ((await gateway.control('GET', `/control/log?afterSeq=${afterSeq}`)) as { records: readonly LogRecord[] }).records;
const lastSeq = async () => (await log()).at(-1)?.seq ?? 0;

const content: AppointmentContent = {
  title: 'x',
  time: { kind: 'timed', start: '2026-03-02T08:00:00.000Z', end: '2026-03-02T09:00:00.000Z' },
  location: '',
  text: { format: 'plain', content: '' },
  busy: 'busy',
  privacy: 'normal',
};
const create = (linkId: string) =>
  gateway.ask(exchangeItems.create, {
    ...appointments(),
    content,
    stamp: { linkId, mailbox: gateway.mailboxes.alice },
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

test('503 pauses everybody', async () => {
  await fault({ match: {}, when: 'before', action: { kind: 'http', status: 503, headers: { 'retry-after': '30' } } });
  expect(await ask()).toMatchObject({ ok: false, error: { code: 'exchange-busy', backOffMs: 30_000 } });
  const before = await lastSeq();
  expect(await ask(gateway.mailboxes.bob)).toMatchObject({ ok: false, error: { code: 'governor-back-off' } });
  expect(await lastSeq()).toBe(before);
});

test('503 that names no pause keeps everybody waiting a moment only, and one call tries again for all', async () => {
  const everybody = () =>
    Promise.all(
      Array.from({ length: 8 }, (_, at) => ask(at % 2 === 0 ? gateway.mailboxes.alice : gateway.mailboxes.bob)),
    );
  await everybody();
  const unavailable = { kind: 'http', status: 503 };
  await fault({ match: { count: null }, when: 'before', action: unavailable });
  const first = await ask();
  expect(first).toMatchObject({ ok: false, error: { code: 'exchange-busy', detail: 'HTTP 503' } });
  expect(first.ok ? undefined : first.error.backOffMs).toBeLessThanOrEqual(1_000);
  for (const attempt of [1, 2]) {
    const before = await lastSeq();
    await until(async () => {
      await everybody();
      return (await lastSeq()) > before;
    }, `attempt ${attempt}`);
    expect(await log(before)).toHaveLength(1);
  }
  await gateway.control('DELETE', '/control/faults');
  await until(async () => (await everybody()).every(({ ok }) => ok), 'everybody again');
});

test('after a pause of the endpoint that another gateway was told, one call tries first here, too', async () => {
  const inFlight = async () => Number(/_calls_in_flight (\d+)$/m.exec(await gateway.kit.metrics.metrics())?.[1]);
  // Credentials that were never accepted are tried by one call alone in any case.
  expect(await ask()).toMatchObject({ ok: true });
  gateway.governor.backOffs = [{ scope: { kind: 'endpoint' }, remainingMs: 1_500 }];
  gateway.governor.sayState();
  await until(async () => !(await ask()).ok, 'the pause');
  gateway.governor.backOffs = [];
  // Whatever comes first hangs until its deadline.
  await fault({ match: { operation: 'GetFolder' }, when: 'before', action: { kind: 'hang' } });
  const asking: Promise<unknown>[] = [];
  const everybody = () => asking.push(...Object.values(gateway.mailboxes).map((mailbox) => ask(mailbox, 3_000)));
  await until(async () => {
    everybody();
    return (await inFlight()) > 0;
  }, 'the end of the pause');
  everybody();
  await until(() => gateway.governor.out.size > 2, 'others with tokens');
  expect(await inFlight()).toBe(1);
  await Promise.all(asking);
  expect(await ask()).toMatchObject({ ok: true });
});

test('two 401 in a row stop everything until the credentials change', async () => {
  await gateway.kit.changeSettings({ technical: { password: await gateway.seal('wrong') } });
  const before = await lastSeq();
  for (let call = 0; call < 5; call++) {
    expect(await ask()).toMatchObject({ ok: false, error: { code: 'exchange-unauthorized' } });
  }
  expect(await log(before)).toHaveLength(2);
  await gateway.kit.changeSettings({ technical: { password: await gateway.seal('lockstep') } });
  expect(await ask()).toMatchObject({ ok: true });
});

test('a wrong password costs two refusals, however many calls wait to be sent', async () => {
  await gateway.kit.changeSettings({ technical: { password: await gateway.seal('wrong') } });
  const before = await lastSeq();
  const asked = Array.from({ length: 12 }, (_, n) => ask(n % 2 ? gateway.mailboxes.bob : gateway.mailboxes.alice));
  for (const outcome of await Promise.all(asked)) {
    expect(outcome).toMatchObject({ ok: false, error: { code: 'exchange-unauthorized' } });
  }
  expect(await log(before)).toHaveLength(2);
  await until(() => gateway.governor.out.size === 0, 'the tokens to come back');
});

test('a password that was sealed for another address is not sent', async () => {
  const before = await lastSeq();
  const sealed = await gateway.seal('lockstep', { ewsUrl: 'https://mail.example.test/EWS/Exchange.asmx' });
  await gateway.kit.changeSettings({ technical: { password: sealed } });
  expect(await ask()).toMatchObject({ ok: false, error: { code: 'credential-host-mismatch' } });
  expect(await lastSeq()).toBe(before);
});

test('a write that broke after its effect is of unknown outcome, is not repeated, and is found by its stamp', async () => {
  await fault({ match: { operation: 'CreateItem' }, when: 'after', action: { kind: 'reset' } });
  const before = await lastSeq();
  expect(await create('broken')).toMatchObject({ ok: false, error: { code: 'exchange-unknown-outcome' } });
  expect((await log(before)).filter((record) => record.operation === 'CreateItem')).toHaveLength(1);
  const found = await gateway.ask(exchangeItems.findByStamp, {
    ...appointments(),
    stamp: { linkId: 'broken', mailbox: gateway.mailboxes.alice },
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
