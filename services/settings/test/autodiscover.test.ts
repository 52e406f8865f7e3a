// The two buttons that look for addresses: what of the request reaches the gateway, and for which hosts a password is sealed.
import { exchange, type RequestOf, success } from '@lockstep/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sealedPurpose } from '../src/rules/sealing.ts';
import { type SettingsUnderTest, startSettings } from './settings-under-test.ts';

let settings: SettingsUnderTest;
let asked: RequestOf<typeof exchange.autodiscover>[] = [];
const reply = { ok: false, wantsConsent: ['other.test:443'], steps: [] };
beforeAll(async () => {
  settings = await startSettings();
  await settings.call('PATCH', '/settings/technical', { userName: 'sync@example.com' });
  await settings.operator.serve(exchange.autodiscover, { running: 1, waiting: 1 }, async (body) => {
    asked.push(body);
    return success(reply);
  });
});
afterAll(() => settings?.end());
beforeEach(() => {
  asked = [];
});

describe('Autodiscover EWS', () => {
  it('asks for the account when no address is given, and stores nothing', async () => {
    const { status, body } = await settings.call('POST', '/autodiscover/by-address');
    expect([status, body]).toEqual([200, reply]);
    expect(asked).toEqual([{ address: 'sync@example.com', hosts: [] }]);
    expect((await settings.call('GET', '/settings/technical')).body).toMatchObject({ ewsUrl: '', oabUrl: '' });
  });

  it('seals the password for the hosts of the address and those with consent alone', async () => {
    const wish = { address: 'a@sub.example.org', password: 'pass phrase', hosts: ['other.test:443'] };
    expect((await settings.call('POST', '/autodiscover/by-address', wish)).status).toBe(200);
    const [request] = asked;
    if (request?.password === undefined) throw new Error('no password came');
    expect(JSON.stringify(request)).not.toContain('pass phrase');
    expect(sealedPurpose(request.password)).toEqual({
      use: 'exchange',
      account: 'sync@example.com',
      authentication: 'basic',
      hosts: ['sub.example.org:443', 'autodiscover.sub.example.org:443', 'other.test:443'],
    });
  });

  it.each([
    ['address', { address: 'a@com' }],
    ['address', { address: 'nobody' }],
    ['hosts', { hosts: ['https://other.test/'] }],
    ['consent', { consent: true }],
  ])('refuses %s by name and asks nobody', async (field, wish) => {
    const { status, body } = await settings.call('POST', '/autodiscover/by-address', wish);
    expect([status, body['code']]).toEqual([400, 'request-invalid']);
    expect(body['field']).toMatch(new RegExp(`^${field}`));
    expect(asked).toEqual([]);
  });
});

describe('Autodiscover via URL', () => {
  it('names the host of the address as one that may be asked, and seals for it alone', async () => {
    const url = 'https://autodiscover.provider.test/autodiscover/autodiscover.xml';
    expect((await settings.call('POST', '/autodiscover/by-url', { url, password: 'p' })).status).toBe(200);
    const [request] = asked;
    expect(request).toMatchObject({ url, address: 'sync@example.com', hosts: ['autodiscover.provider.test:443'] });
    if (request?.password === undefined) throw new Error('no password came');
    expect(sealedPurpose(request.password)?.hosts).toEqual(['autodiscover.provider.test:443']);
  });

  it('refuses plain http', async () => {
    const { body } = await settings.call('POST', '/autodiscover/by-url', { url: 'http://a.test/' });
    expect(body).toMatchObject({ code: 'request-invalid', field: 'url' });
    expect(asked).toEqual([]);
  });
});
