// Each way to Exchange and each way to sign in: a change of either side travels to the other.
import { type ProxyUnderTest, startProxy } from '@lockstep/service-kit/testing/proxy';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePorts } from '../../scripts/system/ports.ts';
import { call } from '../../scripts/system/provision.ts';
import { samplePassword, synchronizer } from '../../scripts/system/sample-people.ts';
import { bothSides } from './support/control.ts';
import { eventually } from './support/eventually.ts';
import { type Person, type RunningSystem, startSystem } from './support/running-system.ts';

const withinMs = 30_000;

let running: RunningSystem;
let proxy: ProxyUnderTest;
let plain: string;
let secure: string;
let authority: string;
beforeAll(async () => {
  const [tlsPort = 0] = await freePorts(1);
  proxy = await startProxy('through:the wall');
  running = await startSystem({
    extraEnvironment: { 'exchange-simulator': { LOCKSTEP_EXCHANGE_SIMULATOR_TLS_PORT: String(tlsPort) } },
  });
  plain = running.system.simulatorUrl('exchange');
  secure = `https://127.0.0.1:${tlsPort}`;
  authority = await (await fetch(`${plain}/control/authority.pem`)).text();
  await control('POST', '/control/seed', {
    applications: [{ appId: 'lockstep-app', secret: 'app-secret', account: synchronizer.address }],
  });
});
afterAll(async () => {
  await running?.stop();
  await proxy?.close();
});
beforeEach(() => use({}));
afterEach(async () => {
  expect(await running.audit.report()).toMatchObject({ withoutGrant: [], grantsUsedTwice: [] });
});

function control<T>(method: string, path: string, body?: unknown): Promise<T> {
  return call<T>(method, `${plain}${path}`, body);
}

/** The settings of `npm start` but for these, and a server that takes this way of signing in alone. */
async function use(technical: Record<string, unknown>, scheme: 'Basic' | 'NTLM' | 'Bearer' = 'Basic'): Promise<void> {
  await control('POST', '/control/access', { schemes: [scheme] });
  await running.api('PATCH', '/settings/technical', {
    userName: synchronizer.address,
    password: samplePassword,
    authentication: 'basic',
    access: 'impersonation',
    ewsUrl: `${plain}/EWS/Exchange.asmx`,
    oabUrl: `${plain}/OAB/`,
    trustedAuthorities: '',
    proxyUrl: '',
    proxyUserName: '',
    proxyPassword: null,
    oauthClientSecret: null,
    ...technical,
  });
}

const overTls = () => ({
  ewsUrl: `${secure}/EWS/Exchange.asmx`,
  oabUrl: `${secure}/OAB/`,
  trustedAuthorities: authority,
});

let hour = 0;
/** One appointment from each side arrives at the other. */
async function changesTravelBothWays(person: Person, name: string): Promise<void> {
  const { exchange, superoffice } = person;
  const at = new Date(Date.UTC(2026, 11, 1) + hour * 3_600_000);
  hour += 2;
  const times = { start: at.toISOString(), end: new Date(at.getTime() + 1_800_000).toISOString() };
  await exchange.create({ subject: `${name} from Outlook`, ...times });
  await superoffice.create({ title: `${name} from SuperOffice`, ...times });
  const inBoth = async (title: string) => {
    const sides = await bothSides(exchange, superoffice);
    for (const side of [sides.exchange, sides.superoffice])
      expect(side.filter((shown) => shown.title === title)).toHaveLength(1);
  };
  await eventually(withinMs, () => inBoth(`${name} from Outlook`));
  await eventually(withinMs, () => inBoth(`${name} from SuperOffice`));
}

describe('changes travel both ways', () => {
  it('with Basic over TLS, by an authority of one’s own', async () => {
    await use(overTls());
    await changesTravelBothWays(running.people.alice, 'Basic');
  });

  it('through a proxy that has an account of its own', async () => {
    await use({ ...overTls(), proxyUrl: proxy.url, proxyUserName: 'through', proxyPassword: 'the wall' });
    await changesTravelBothWays(running.people.bob, 'Proxy');
    expect(new Set(proxy.asked.map(({ target }) => target))).toEqual(new Set([new URL(secure).host]));
  });

  it('with NTLM', async () => {
    await use({ ...overTls(), authentication: 'ntlm', domain: 'LOCKSTEP' }, 'NTLM');
    await changesTravelBothWays(running.people.carol, 'NTLM');
    await use({ domain: '' });
  });

  it('with OAuth', async () => {
    await use(
      {
        ...overTls(),
        authentication: 'oauth',
        password: null,
        oauthTenant: 'lockstep.test',
        oauthClientId: 'lockstep-app',
        oauthAuthority: secure,
        oauthClientSecret: 'app-secret',
      },
      'Bearer',
    );
    await changesTravelBothWays(running.people.dave, 'OAuth');
  });
});

describe('with delegation', () => {
  const rights = (address: string, method: 'POST' | 'DELETE') => {
    const path = `/control/mailboxes/${address}/folders/calendar/permissions`;
    const body = { delegate: synchronizer.address, level: 'Editor', viewPrivate: true };
    return method === 'POST'
      ? control('POST', path, body)
      : control('DELETE', `${path}/${encodeURIComponent(synchronizer.address)}`);
  };
  beforeAll(async () => {
    // Nothing but the rights that each mailbox gives.
    await control('POST', '/control/seed', {
      accounts: [{ address: synchronizer.address, password: samplePassword, impersonation: false }],
    });
    for (const { address } of Object.values(running.people)) await rights(address, 'POST');
  });

  it('changes travel both ways, without subscriptions', async () => {
    await use({ access: 'delegation' });
    await changesTravelBothWays(running.people.alice, 'Delegation');
  });

  it('a mailbox that may not be opened says so, stops no other, and goes on when it may', async () => {
    const { bob, carol } = running.people;
    await rights(bob.address, 'DELETE');
    await use({ access: 'delegation' });
    const times = { start: '2026-12-24T09:00:00Z', end: '2026-12-24T10:00:00Z' };
    await bob.exchange.create({ subject: 'Closed', ...times });
    await changesTravelBothWays(carol, 'Beside a closed mailbox');
    const { userLinks } = await running.api<{ userLinks: { mailbox: string; address: string }[] }>(
      'GET',
      '/user-links?limit=100',
    );
    const mailbox = userLinks.find(({ address }) => address === bob.address)?.mailbox ?? '';
    await eventually(withinMs, async () => {
      const explained = await running.api<Record<string, unknown>>('GET', `/mailboxes/${mailbox}/explain`);
      expect(explained).toMatchObject({ trouble: { code: 'exchange-folder-missing' } });
    });
    expect((await bob.superoffice.rows()).filter(({ title }) => title === 'Closed')).toEqual([]);
    await rights(bob.address, 'POST');
    await running.api('POST', `/mailboxes/${mailbox}/sync-now`);
    await eventually(withinMs, async () => {
      expect((await bob.superoffice.rows()).filter(({ title }) => title === 'Closed')).toHaveLength(1);
    });
  });
});

describe('before anything travels', () => {
  interface Step {
    readonly step: string;
    readonly ok: boolean;
    readonly skipped?: boolean;
    readonly code?: string;
    readonly advice?: string;
  }
  const test = () => running.api<{ readonly ok: boolean; readonly steps: readonly Step[] }>('POST', '/test-connection');
  /** A change of the settings takes effect within a second: the test is run until it tells of the new ones. */
  const fails = (steps: readonly object[]) =>
    eventually(withinMs, async () => {
      const told = (await test()).steps.filter(({ ok, skipped }) => !ok && skipped !== true);
      expect(told).toHaveLength(steps.length);
      expect(told).toMatchObject(steps);
    });
  const impersonating = (impersonation: boolean) =>
    control('POST', '/control/seed', {
      accounts: [{ address: synchronizer.address, password: samplePassword, impersonation }],
    });
  const oauth = () => ({
    ...overTls(),
    authentication: 'oauth',
    password: null,
    oauthTenant: 'lockstep.test',
    oauthClientId: 'lockstep-app',
    oauthAuthority: secure,
    oauthClientSecret: 'app-secret',
  });
  beforeAll(() => impersonating(true));

  it('Autodiscover finds the addresses over TLS, with which the connection stands', async () => {
    await use(overTls());
    const asked = { url: `${secure}/autodiscover/autodiscover.xml`, address: running.people.alice.address };
    const found = await running.api<{ readonly ewsUrl: string; readonly oabUrl: string }>(
      'POST',
      '/autodiscover/by-url',
      { ...asked, password: samplePassword },
    );
    expect(found).toMatchObject({ ok: true, ewsUrl: `${secure}/EWS/Exchange.asmx` });
    await use({ ...overTls(), ewsUrl: found.ewsUrl, oabUrl: found.oabUrl });
    await eventually(withinMs, async () => expect((await test()).steps.filter(({ ok }) => !ok)).toEqual([]));
  });

  it('the test passes with NTLM, OAuth and through the proxy', async () => {
    await use({ ...overTls(), oabUrl: '', authentication: 'ntlm' }, 'NTLM');
    await fails([]);
    await use(oauth(), 'Bearer');
    await fails([]);
    await use({ ...overTls(), oabUrl: '', proxyUrl: proxy.url, proxyUserName: 'through', proxyPassword: 'the wall' });
    await fails([]);
  });

  it('the test names the step at fault and what mends it', async () => {
    await use({ ...overTls(), oabUrl: '', password: 'wrong' });
    await fails([{ step: 'authentication', code: 'exchange-unauthorized' }]);
    await use({ ...overTls(), oabUrl: '', trustedAuthorities: '' });
    await fails([{ step: 'tls', code: 'exchange-certificate' }]);
    await use({ ...overTls(), oabUrl: '' });
    await control('POST', '/control/access', { ewsEnabled: false });
    await fails([
      { step: 'authentication', code: 'exchange-blocked', advice: expect.stringContaining('Set-CASMailbox') },
    ]);
    await control('POST', '/control/access', { ewsEnabled: true });
    await impersonating(false);
    const advice = expect.stringContaining('New-ManagementRoleAssignment');
    await fails([{ step: 'impersonation', advice }]);
    await impersonating(true);
  });
});
