// The connection test over TLS: every step passes, and each kind of fault is told at its step, with advice, and costs no second try.
import { exchange, type ReplyOf, type TechnicalSettings } from '@lockstep/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { askingOf } from './support/asking.ts';
import { type GatewayUnderTest, startGateway } from './support/gateway-under-test.ts';

let gateway: GatewayUnderTest;
let way: Partial<TechnicalSettings>;
beforeAll(async () => {
  gateway = await startGateway({ tls: true, technical: { incrementalChangeDetectionOnly: true } });
  const trustedAuthorities = await (await fetch(`${gateway.exchange.url}/control/authority.pem`)).text();
  const { path } = (await gateway.control('GET', '/control/oab')) as { readonly path: string };
  const base = gateway.exchange.tlsUrl ?? '';
  way = { ewsUrl: `${base}/EWS/Exchange.asmx`, oabUrl: `${base}${path}`, trustedAuthorities, access: 'impersonation' };
});
afterAll(() => gateway?.stop());
beforeEach(() => use({}));
afterEach(() => gateway.control('POST', '/control/access', { ewsEnabled: true }));
const { lastSeq, log } = askingOf(() => gateway);

async function use(changes: Partial<TechnicalSettings>, password = 'lockstep'): Promise<void> {
  const technical = { ...way, ...changes };
  await gateway.kit.changeSettings({ technical: { ...technical, password: await gateway.seal(password, technical) } });
}

type Steps = ReplyOf<typeof exchange.testConnection>['steps'];
async function run(): Promise<{ readonly ok: boolean; readonly steps: Steps }> {
  const tested = await gateway.ask(exchange.testConnection, { mailbox: gateway.mailboxes.alice });
  if (!tested.ok) throw new Error(JSON.stringify(tested.error));
  return tested.value;
}
const shape = (steps: Steps) =>
  steps.map(({ step, ok, skipped }) => `${step} ${ok ? 'ok' : skipped ? 'skipped' : 'failed'}`);
const failedIn = (steps: Steps) => steps.filter(({ ok, skipped }) => !ok && skipped !== true);

test('every step passes, with the version of EWS', async () => {
  const { ok, steps } = await run();
  expect(shape(steps)).toEqual(
    [
      'settings',
      'dns',
      'tcp',
      'tls',
      'authentication',
      'impersonation',
      'calendar',
      'tasks',
      'contacts',
      'streaming',
      'oab',
    ].map((step) => `${step} ok`),
  );
  expect(ok).toBe(true);
  expect(steps.find(({ step }) => step === 'authentication')?.detail).toMatch(/^EWS 15\.\d+\.\d+\.\d+$/);
});

describe('a fault is told at its step', () => {
  test('a wrong password: sent once a test, and what hangs on it is skipped', async () => {
    await use({}, 'wrong');
    for (let attempt = 0; attempt < 4; attempt++) {
      const before = await lastSeq();
      const { ok, steps } = await run();
      expect(ok).toBe(false);
      expect(failedIn(steps)).toMatchObject([
        { step: 'authentication', code: 'exchange-unauthorized', advice: expect.stringContaining('Password') },
      ]);
      expect(shape(steps).slice(5)).toEqual(
        ['impersonation', 'calendar', 'tasks', 'contacts', 'streaming', 'oab'].map((step) => `${step} skipped`),
      );
      expect(steps.at(-1)?.detail).toBe('not tried, since authentication failed');
      // After two refusals the endpoint is stopped; a test may try all the same.
      expect(await log(before)).toHaveLength(1);
    }
  });

  test('an untrusted certificate: nothing is sent', async () => {
    await use({ trustedAuthorities: '' });
    const before = await lastSeq();
    const { steps } = await run();
    expect(failedIn(steps)).toMatchObject([
      { step: 'tls', code: 'exchange-certificate', advice: expect.stringContaining('trusted certificate authorities') },
    ]);
    expect(await log(before)).toEqual([]);
  });

  test('a name that nobody knows, and a port where nobody listens', async () => {
    await use({ ewsUrl: 'https://nobody.invalid/EWS/Exchange.asmx' });
    expect(failedIn((await run()).steps)).toMatchObject([{ step: 'dns', advice: expect.stringContaining('DNS') }]);
    await use({ ewsUrl: 'https://127.0.0.1:1/EWS/Exchange.asmx' });
    expect(failedIn((await run()).steps)).toMatchObject([
      { step: 'tcp', detail: 'ECONNREFUSED', advice: expect.stringContaining('firewall') },
    ]);
  });

  test('no right to impersonate', async () => {
    const account = (impersonation: boolean) =>
      gateway.control('POST', '/control/seed', {
        accounts: [{ address: 'sync@lockstep.test', password: 'lockstep', impersonation }],
      });
    await account(false);
    try {
      const { steps } = await run();
      expect(failedIn(steps)).toMatchObject([
        {
          step: 'impersonation',
          code: 'exchange-impersonation-denied',
          advice: expect.stringContaining('New-ManagementRoleAssignment'),
        },
      ]);
      // The address book hangs on no mailbox.
      expect(steps.at(-1)).toMatchObject({ step: 'oab', ok: true });
    } finally {
      await account(true);
    }
  });

  test('with delegation, folders that are closed or may only be read', async () => {
    await use({ access: 'delegation' });
    const path = '/control/mailboxes/alice@lockstep.test/folders';
    const give = (folder: string, level: string) =>
      gateway.control('POST', `${path}/${folder}/permissions`, { delegate: 'sync@lockstep.test', level });
    await give('calendar', 'Editor');
    await give('contacts', 'Reviewer');
    const { ok, steps } = await run();
    expect(ok).toBe(false);
    expect(failedIn(steps)).toMatchObject([
      { step: 'tasks', advice: expect.stringContaining('Add-MailboxFolderPermission') },
      { step: 'contacts', code: 'exchange-access-denied', detail: 'missing: create, modify, delete' },
    ]);
    expect(steps.find(({ step }) => step === 'streaming')).toMatchObject({ skipped: true });
  });

  test('EWS that is switched off', async () => {
    await gateway.control('POST', '/control/access', { ewsEnabled: false });
    const { steps } = await run();
    expect(failedIn(steps)).toMatchObject([
      { step: 'authentication', code: 'exchange-blocked', advice: expect.stringContaining('Set-CASMailbox') },
    ]);
  });

  test('an address book that is not there', async () => {
    await use({ oabUrl: `${gateway.exchange.tlsUrl}/OAB/11111111-2222-3333-4444-555555555555/` });
    expect(failedIn((await run()).steps)).toMatchObject([
      { step: 'oab', detail: 'HTTP 404', advice: expect.stringContaining('Update-OfflineAddressBook') },
    ]);
  });
});
