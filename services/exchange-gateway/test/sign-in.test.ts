// How the account signs in besides Basic: NTLM, which signs connections in, and OAuth, which needs tokens.
import { exchange, oauthPurpose, type TechnicalSettings } from '@lockstep/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { askingOf } from './support/asking.ts';
import { type GatewayUnderTest, startGateway } from './support/gateway-under-test.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGateway({ technical: { incrementalChangeDetectionOnly: true } });
  await gateway.control('POST', '/control/seed', {
    accounts: [{ address: 'second@lockstep.test', password: 'other', impersonation: true }],
    applications: [{ appId: 'app-1', secret: 'app-secret', account: 'sync@lockstep.test' }],
  });
});
afterAll(() => gateway?.stop());
const { ask, fault, lastSeq } = askingOf(() => gateway);
afterEach(() => gateway.control('DELETE', '/control/faults'));

interface Seen {
  readonly account?: string;
  readonly status?: number;
  readonly clientRequestId?: string;
}
const seen = async (afterSeq: number) =>
  ((await gateway.control('GET', `/control/log?afterSeq=${afterSeq}`)) as { readonly records: readonly Seen[] })
    .records;
const everybody = (calls: number) =>
  Promise.all(Array.from({ length: calls }, (_, n) => ask(n % 2 ? gateway.mailboxes.bob : gateway.mailboxes.alice)));

async function use(changes: Partial<TechnicalSettings>, password = 'lockstep'): Promise<void> {
  await gateway.kit.changeSettings({ technical: { ...changes, password: await gateway.seal(password, changes) } });
}

describe('NTLM', () => {
  // Straight to the simulator: what stands between has connections of its own.
  const way = (): Partial<TechnicalSettings> => ({
    authentication: 'ntlm',
    ewsUrl: `${gateway.exchange.url}/EWS/Exchange.asmx`,
  });
  beforeAll(() => gateway.control('POST', '/control/access', { schemes: ['NTLM'] }));

  test('signs a connection in once, and calls ride on it afterwards', async () => {
    await use(way());
    const before = await lastSeq();
    for (let call = 0; call < 3; call++) expect(await ask()).toMatchObject({ ok: true });
    const requests = await seen(before);
    expect(requests.map(({ status }) => status)).toEqual([401, 200, 200, 200]);
    // The handshake goes out with the token of the call that needed it.
    expect(requests[0]?.clientRequestId).toBe(requests[1]?.clientRequestId);
    expect(new Set(requests.map(({ clientRequestId }) => clientRequestId)).size).toBe(3);
  });

  test('takes a domain, a domain in the user name, and an address', async () => {
    for (const account of [
      { userName: 'CORP\\sync@lockstep.test' },
      { domain: 'CORP' },
      { userName: 'sync@lockstep.test' },
    ]) {
      await use({ ...way(), userName: 'sync@lockstep.test', domain: '', ...account });
      expect(await ask(), JSON.stringify(account)).toMatchObject({ ok: true });
    }
    await gateway.kit.changeSettings({ technical: { domain: '' } });
  });

  test('never counts a handshake as a refusal, however many connections are opened', async () => {
    await use({ ...way(), domain: '' });
    for (const outcome of await everybody(24)) expect(outcome).toMatchObject({ ok: true });
    expect(await gateway.kit.metrics.metrics()).toMatch(/authentication_stopped 0/);
  });

  test('with a wrong password is refused twice, then nothing more is sent', async () => {
    await use(way(), 'wrong');
    const before = await lastSeq();
    for (const outcome of await everybody(12))
      expect(outcome).toMatchObject({ ok: false, error: { code: 'exchange-unauthorized' } });
    // Two attempts of two messages each.
    expect((await seen(before)).map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    await use(way());
    expect(await ask()).toMatchObject({ ok: true });
  });

  test('never gives a connection of one account to another', async () => {
    await use(way());
    await everybody(4);
    const before = await lastSeq();
    await use({ ...way(), userName: 'second@lockstep.test' }, 'other');
    for (const outcome of await everybody(4)) expect(outcome).toMatchObject({ ok: true });
    const accounts = new Set((await seen(before)).flatMap(({ account }) => account ?? []));
    expect(accounts).toEqual(new Set(['second@lockstep.test']));
  });

  test('signs in again when the server has forgotten the logon, for a write too', async () => {
    await use({ ...way(), userName: 'sync@lockstep.test' });
    expect(await ask()).toMatchObject({ ok: true });
    await fault({ match: { count: 1 }, when: 'before', action: { kind: 'http', status: 401 } });
    const before = await lastSeq();
    expect(await ask()).toMatchObject({ ok: true });
    expect((await seen(before)).map(({ status }) => status)).toEqual([401, 401, 200]);
    expect(await ask()).toMatchObject({ ok: true });
  });

  test('with a server that does not offer it is a refusal, told as one', async () => {
    await gateway.control('POST', '/control/access', { schemes: ['Basic'] });
    await use({ ...way(), userName: 'sync@lockstep.test' });
    expect(await ask()).toMatchObject({ ok: false, error: { code: 'exchange-unauthorized' } });
    await gateway.control('POST', '/control/access', { schemes: ['NTLM'] });
  });
});

describe('OAuth', () => {
  const way = (): Partial<TechnicalSettings> => ({
    authentication: 'oauth',
    userName: '',
    ewsUrl: `${gateway.between.url}/EWS/Exchange.asmx`,
    oauthTenant: 'contoso.test',
    oauthClientId: 'app-1',
    oauthAuthority: gateway.between.url,
  });
  const useOAuth = async (changes: Partial<TechnicalSettings> = {}, secret = 'app-secret') => {
    const technical = { ...way(), ...changes };
    const purposeOf = (settings: TechnicalSettings) => oauthPurpose(settings, 'oauth-secret');
    const oauthClientSecret = await gateway.seal(secret, technical, purposeOf);
    gateway.between.asked.length = 0;
    await gateway.kit.changeSettings({ technical: { ...technical, oauthClientSecret } });
  };
  const tokenRequests = () => gateway.between.asked.filter((body) => body.startsWith('grant_type='));
  beforeAll(() => gateway.control('POST', '/control/access', { schemes: ['Bearer'] }));

  test('asks for one token, for the host of EWS, and all calls use it', async () => {
    await useOAuth();
    for (const outcome of await everybody(12)) expect(outcome).toMatchObject({ ok: true });
    expect(tokenRequests()).toHaveLength(1);
    expect(new URLSearchParams(tokenRequests()[0]).get('scope')).toBe('https://127.0.0.1/.default');
  });

  test('gets another token when Exchange refuses the one it has, and the call succeeds', async () => {
    await useOAuth();
    await everybody(4);
    await fault({ match: { count: 1 }, when: 'before', action: { kind: 'http', status: 401 } });
    expect(await ask()).toMatchObject({ ok: true });
    expect(tokenRequests()).toHaveLength(2);
    await fault({ match: { count: 8 }, when: 'before', action: { kind: 'http', status: 401 } });
    for (const outcome of await everybody(8)) expect(outcome).toMatchObject({ ok: true });
    expect(tokenRequests().length).toBeLessThanOrEqual(4);
  });

  test('of which Exchange says that it has ended is replaced once for all calls', async () => {
    await useOAuth();
    await everybody(4);
    await gateway.control('POST', '/control/clock', { advanceMs: 3_600_001 });
    for (const outcome of await everybody(12)) expect(outcome).toMatchObject({ ok: true });
    expect(tokenRequests()).toHaveLength(2);
    expect(await gateway.kit.metrics.metrics()).toMatch(/authentication_stopped 0/);
  });

  test('stops after two refusals of new tokens', async () => {
    await useOAuth();
    await fault({ match: { count: null }, when: 'before', action: { kind: 'http', status: 401 } });
    const before = await lastSeq();
    for (let call = 0; call < 5; call++)
      expect(await ask()).toMatchObject({ ok: false, error: { code: 'exchange-unauthorized' } });
    expect(await seen(before)).toHaveLength(4);
  });

  test('tells what the sign-in service says, and does not ask again with each call', async () => {
    await useOAuth({}, 'wrong');
    for (const outcome of await everybody(6))
      expect(outcome).toMatchObject({ ok: false, error: { code: 'oauth-refused', detail: 'invalid_client' } });
    expect(tokenRequests()).toHaveLength(1);
    const tested = await gateway.ask(exchange.testConnection, {});
    expect(tested).toMatchObject({ ok: true, value: { ok: false } });
  });

  test('never shows the client secret to another sign-in service', async () => {
    await useOAuth();
    await gateway.kit.changeSettings({ technical: { oauthAuthority: 'https://login.example.test' } });
    expect(await ask()).toMatchObject({ error: { code: 'credential-host-mismatch', field: 'oauthClientSecret' } });
    await useOAuth();
    await gateway.kit.changeSettings({ technical: { oauthTenant: 'other.test' } });
    expect(await ask()).toMatchObject({ error: { code: 'credential-host-mismatch' } });
    expect(tokenRequests()).toEqual([]);
  });

  test('reaches Exchange without a mailbox of its own', async () => {
    await useOAuth();
    expect(await gateway.ask(exchange.testConnection, {})).toMatchObject({ ok: true, value: { ok: true } });
  });
});
