// What all mailboxes share: a server that is not available pauses everybody, and an account that it refuses stops everything.
import { until } from '@lockstep/bus/testing/until';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { askingOf } from './support/asking.ts';
import { type GatewayUnderTest, startGateway } from './support/gateway-under-test.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGateway({ technical: { incrementalChangeDetectionOnly: true } });
});
afterAll(() => gateway?.stop());
const { ask, fault, log, lastSeq, metric, reset } = askingOf(() => gateway);
afterEach(reset);

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
    return (await metric('calls_in_flight')) > 0;
  }, 'the end of the pause');
  everybody();
  await until(() => gateway.governor.out.size > 2, 'others with tokens');
  expect(await metric('calls_in_flight')).toBe(1);
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
