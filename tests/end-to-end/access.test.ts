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
