// The secrets beside the password: of the proxy and of the application that signs in with OAuth. Each is bound to the host that gets it.
import { until } from '@lockstep/bus/testing/until';
import type { SealedSecret, TechnicalSettings } from '@lockstep/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeApplicationCertificate } from './application-certificate.ts';
import { type SettingsUnderTest, startSettings } from './settings-under-test.ts';

let settings: SettingsUnderTest;
let certificate: string;
let privateKey: string;
beforeAll(async () => {
  settings = await startSettings();
  ({ certificate, privateKey } = await makeApplicationCertificate());
});
afterAll(() => settings?.end());

const technical = '/settings/technical';
const ewsUrl = 'https://outlook.office365.com/EWS/Exchange.asmx';
const application = { authentication: 'oauth', ewsUrl, oauthTenant: 'contoso.test', oauthClientId: 'app' };
const proxy = { proxyUrl: 'http://proxy.example.com:3128', proxyUserName: 'lockstep' };

async function sealedPurposeOf(field: keyof TechnicalSettings, text: string): Promise<unknown> {
  const sealed = await until(
    () => settings.kit.settings.technical()[field] as SealedSecret | undefined,
    `the kit to read ${field}`,
  );
  const opened = await settings.open('exchange', sealed.jwe);
  expect(new TextDecoder().decode(opened.plaintext)).toBe(text);
  return opened.protectedHeader['purpose'];
}

describe('the secrets of proxy and application', () => {
  it('are sealed each for its own host and use, and a read tells only that they are set', async () => {
    const answer = await settings.call('PATCH', technical, {
      ...application,
      ...proxy,
      proxyPassword: 'through',
      oauthClientSecret: 'app-secret',
      oauthCertificate: certificate,
      oauthPrivateKey: privateKey,
    });
    expect(answer.status, answer.text).toBe(200);
    for (const field of ['proxyPassword', 'oauthClientSecret', 'oauthPrivateKey'])
      expect(answer.body[field]).toEqual({ set: true, changedAt: expect.stringMatching(/Z$/) });
    expect(answer.text).not.toMatch(/app-secret|through|PRIVATE KEY|jwe/);
    expect(await sealedPurposeOf('proxyPassword', 'through')).toEqual({
      ...{ use: 'exchange', account: 'lockstep', authentication: 'proxy' },
      hosts: ['proxy.example.com:3128'],
    });
    const hosts = ['login.microsoftonline.com:443', 'outlook.office365.com:443'];
    const account = 'app@contoso.test';
    expect(await sealedPurposeOf('oauthClientSecret', 'app-secret')).toEqual({
      ...{ use: 'exchange', account, authentication: 'oauth-secret', hosts },
    });
    expect(await sealedPurposeOf('oauthPrivateKey', privateKey)).toEqual({
      ...{ use: 'exchange', account, authentication: 'oauth-key', hosts },
    });
  });

  it.each([
    ['proxyPassword', { proxyUrl: 'http://evil.example.com:3128' }],
    ['proxyPassword', { proxyUserName: 'other' }],
    ['oauthClientSecret', { oauthTenant: 'evil.test' }],
    ['oauthClientSecret', { oauthClientId: 'other' }],
    ['oauthClientSecret', { oauthAuthority: 'https://login.evil.test' }],
    ['oauthClientSecret', { ewsUrl: 'https://evil.test/EWS/Exchange.asmx' }],
    ['oauthPrivateKey', { oauthTenant: 'evil.test', oauthClientSecret: null }],
  ])('%s is asked for again by %j, and nothing is changed without it', async (field, change) => {
    const before = await settings.call('GET', technical);
    const refused = await settings.call('PATCH', technical, change);
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ code: 'request-invalid', field });
    expect((await settings.call('GET', technical)).etag).toBe(before.etag);
  });

  it('stay when something else changes, and go one by one', async () => {
    expect((await settings.call('PATCH', technical, { concurrentRequestLimit: 3 })).status).toBe(200);
    const without = await settings.call('PATCH', technical, { oauthClientSecret: null });
    expect(without.body).toMatchObject({ oauthClientSecret: { set: false }, proxyPassword: { set: true } });
    const noProxy = await settings.call('PATCH', technical, { proxyPassword: null, proxyUserName: '', proxyUrl: '' });
    expect(noProxy.body).toMatchObject({ proxyPassword: { set: false }, oauthPrivateKey: { set: true } });
  });

  it('come back with an older revision, each where it fits', async () => {
    const old = await settings.call('PATCH', technical, { ...proxy, proxyPassword: 'older' });
    await settings.call('PATCH', technical, { proxyUrl: 'http://other.example.com:3128', proxyPassword: 'newer' });
    const restored = await settings.call('POST', `${technical}/revisions/${old.etag.replaceAll('"', '')}/restore`);
    expect(restored.body).toMatchObject({ ...proxy, proxyPassword: old.body['proxyPassword'] });
    await until(() => settings.kit.settings.technical().proxyUrl === proxy.proxyUrl, 'the kit to read the old one');
    expect(await sealedPurposeOf('proxyPassword', 'older')).toMatchObject({ hosts: ['proxy.example.com:3128'] });
  });

  it.each([
    ['proxyUrl', { ...proxy, proxyUrl: '', proxyPassword: 'so-secret' }],
    ['proxyUserName', { proxyUserName: '', proxyPassword: 'so-secret' }],
    ['oauthClientId', { oauthClientId: '', oauthPrivateKey: null, oauthClientSecret: 'so-secret' }],
    ['oauthTenant', { oauthTenant: '', oauthPrivateKey: null, oauthClientSecret: 'so-secret' }],
  ])('need %s to be bound to', async (field, change) => {
    const refused = await settings.call('PATCH', technical, change);
    expect(refused.body).toMatchObject({ code: 'request-invalid', field });
  });
});

describe('the key of an application', () => {
  it('is refused when it is none, or not that of the certificate, and is not repeated', async () => {
    const other = await makeApplicationCertificate();
    for (const key of ['so-secret', certificate, other.privateKey]) {
      const refused = await settings.call('PATCH', technical, { oauthPrivateKey: key });
      expect(refused.body).toMatchObject({ code: 'request-invalid', field: 'oauthPrivateKey' });
      expect(refused.text).not.toMatch(/so-secret|BEGIN [A-Z ]*KEY-/);
    }
    const alone = await settings.call('PATCH', technical, { oauthCertificate: '', oauthPrivateKey: privateKey });
    expect(alone.body).toMatchObject({ field: 'oauthPrivateKey' });
  });

  it('has to be RSA, since the sign-in service takes no other', async () => {
    const elliptic = await makeApplicationCertificate('EC');
    const refused = await settings.call('PATCH', technical, { oauthCertificate: elliptic.certificate });
    expect(refused.body).toMatchObject({ field: 'oauthCertificate' });
  });
});

it('several authorities are accepted, with whatever stands between them', async () => {
  const text = `Root\n${certificate}\n# and another\n${certificate}\n`;
  const answer = await settings.call('PATCH', technical, { trustedAuthorities: text });
  expect(answer.body).toMatchObject({ trustedAuthorities: text });
});
