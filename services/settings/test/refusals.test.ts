import { errorTable } from '@lockstep/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SettingsUnderTest, startSettings } from './settings-under-test.ts';

let settings: SettingsUnderTest;
beforeAll(async () => {
  settings = await startSettings();
});
afterAll(() => settings?.end());

const far = 'http://mail.example.com/EWS/Exchange.asmx';

const bad: readonly (readonly [string, string, unknown, string])[] = [
  ['technical', 'a number below its range', { concurrentRequestLimit: -1 }, 'concurrentRequestLimit'],
  ['technical', 'a number above its range', { concurrentRequestLimit: 1001 }, 'concurrentRequestLimit'],
  ['technical', 'a broken number', { concurrentRequestLimit: 1.5 }, 'concurrentRequestLimit'],
  ['technical', 'a number as text', { concurrentRequestLimit: '5' }, 'concurrentRequestLimit'],
  ['technical', 'no value', { eventsOptimizerMinutes: null }, 'eventsOptimizerMinutes'],
  ['technical', 'text for a switch', { highServerLoad: 'yes' }, 'highServerLoad'],
  ['technical', 'an unknown choice', { authentication: 'kerberos' }, 'authentication'],
  ['technical', 'an unknown field', { concurrentRequestsLimit: 5 }, 'concurrentRequestsLimit'],
  ['technical', 'our own version field', { v: 2 }, 'v'],
  ['technical', 'an empty password', { password: '' }, 'password'],
  ['technical', 'a sealed password', { password: { jwe: 'x', changedAt: 'x' } }, 'password'],
  ['technical', 'a line break in the user name', { userName: 'a\r\nb' }, 'userName'],
  ['technical', 'text that is no address', { ewsUrl: 'mail.example.com' }, 'ewsUrl'],
  ['technical', 'an address of another protocol', { oabUrl: 'file:///etc/passwd' }, 'oabUrl'],
  ['technical', 'an address with a password in it', { ewsUrl: 'https://a:b@mail.example.com/' }, 'ewsUrl'],
  ['technical', 'an address with a fragment', { ewsUrl: 'https://mail.example.com/#a' }, 'ewsUrl'],
  ['technical', 'Basic over plain http to another machine', { ewsUrl: far }, 'ewsUrl'],
  ['technical', 'the same for Autodiscover', { autodiscoverUrl: far }, 'autodiscoverUrl'],
  ['technical', 'Autodiscover by an address that is not given', { autodiscover: 'by-url' }, 'autodiscoverUrl'],
  ['technical', 'a proxy of another protocol', { proxyUrl: 'https://proxy.example.com:3128' }, 'proxyUrl'],
  ['technical', 'a proxy with a path', { proxyUrl: 'http://proxy.example.com:3128/proxy.pac' }, 'proxyUrl'],
  ['technical', 'a proxy with a password in its address', { proxyUrl: 'http://a:b@proxy.example.com' }, 'proxyUrl'],
  ['technical', 'authorities that are none', { trustedAuthorities: 'MIIB' }, 'trustedAuthorities'],
  [
    'technical',
    'an authority that is cut',
    { trustedAuthorities: '-----BEGIN CERTIFICATE-----\nMIIB' },
    'trustedAuthorities',
  ],
  [
    'technical',
    'an authority that is damaged',
    { trustedAuthorities: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----' },
    'trustedAuthorities',
  ],
  [
    'technical',
    'a private key among the authorities',
    { trustedAuthorities: '-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----' },
    'trustedAuthorities',
  ],
  ['technical', 'a sign-in service over plain http', { oauthAuthority: 'http://login.example.com' }, 'oauthAuthority'],
  ['technical', 'an application that has no mailbox', { authentication: 'oauth', access: 'delegation' }, 'access'],
  ['technical', 'an application certificate that is none', { oauthCertificate: 'MIIB' }, 'oauthCertificate'],
  ['superoffice', 'Basic over plain http to another machine', { baseUrl: 'http://crm.example.com/' }, 'baseUrl'],
  ['superoffice', 'an address with a query', { baseUrl: 'https://crm.example.com/?x=1' }, 'baseUrl'],
  ['superoffice', 'a webhook address that is none', { webhookUrl: '/hooks' }, 'webhookUrl'],
  ['superoffice', 'polling without a pause', { pollEveryMs: 0 }, 'pollEveryMs'],
  ['sync', 'a window of no days', { windowForwardDays: 0 }, 'windowForwardDays'],
  ['sync', 'an unknown conflict rule', { conflictRules: { title: 'older' } }, 'conflictRules.title'],
  ['sync', 'a rule for an unknown field group', { conflictRules: { subject: 'newer' } }, 'conflictRules.subject'],
  ['sync', 'a password where there is none', { password: 'x' }, 'password'],
  ['sync', 'a list', [], 'body'],
  ['sync', 'what is no JSON', '{"windowBackDays":', 'body'],
];

describe('a refused write', () => {
  it.each(bad)('of %s with %s names the field and changes nothing', async (section, _, body, field) => {
    const before = await settings.call('GET', `/settings/${section}`);
    for (const method of ['PATCH', 'PUT']) {
      const answer = await settings.call(method, `/settings/${section}`, body);
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({
        code: 'request-invalid',
        field,
        retry: 'never',
        advice: errorTable['request-invalid'].advice,
      });
      expect(answer.body['message']).toContain(field);
    }
    const after = await settings.call('GET', `/settings/${section}`);
    expect(after.etag).toBe(before.etag);
    expect(settings.heard).toEqual([]);
  });

  it('says what is allowed', async () => {
    const message = async (body: unknown) =>
      (await settings.call('PATCH', '/settings/technical', body)).body['message'];
    expect(await message({ concurrentRequestLimit: -1 })).toBe(
      'concurrentRequestLimit must be a whole number from 0 to 1000',
    );
    expect(await message({ access: 'x' })).toBe('access must be one of impersonation, delegation');
    expect(await message({ ewsUrl: far })).toMatch(/https:\/\/.*plain http is accepted only to this machine/);
  });

  it('is not refused when plain http stays on this machine, or NTLM proves the password without sending it', async () => {
    for (const ewsUrl of ['http://127.0.0.1:8090/EWS', 'http://localhost:8090/EWS', 'http://[::1]:8090/EWS'])
      expect((await settings.call('PATCH', '/settings/technical', { ewsUrl })).status).toBe(200);
    const ntlm = await settings.call('PATCH', '/settings/technical', { ewsUrl: far, authentication: 'ntlm' });
    expect(ntlm.status).toBe(200);
    const basic = await settings.call('PATCH', '/settings/technical', { authentication: 'basic' });
    expect(basic.body).toMatchObject({ code: 'request-invalid', field: 'ewsUrl' });
  });

  it('is coded as well when the body has another type, is too large, or the address is unknown', async () => {
    const typed = await settings.call('PATCH', '/settings/sync', '<a/>', { 'content-type': 'text/xml' });
    expect(typed.status).toBe(415);
    expect(typed.body).toMatchObject({ code: 'request-invalid', field: 'content-type', retry: 'never' });
    const large = await settings.call('PATCH', '/settings/sync', { a: 'x'.repeat(1_100_000) });
    expect(large.status).toBe(413);
    expect(large.body).toMatchObject({ code: 'message-too-large' });
    const nowhere = await settings.call('GET', '/settings/other');
    expect(nowhere.status).toBe(404);
    expect(nowhere.body).toMatchObject({ code: 'not-found', advice: errorTable['not-found'].advice });
    const empty = await settings.call('PATCH', '/settings/sync');
    expect(empty.body).toMatchObject({ code: 'request-invalid', field: 'body' });
  });

  it('is counted by its code', async () => {
    const metrics = await (await fetch(`${settings.kit.url}/metrics`)).text();
    expect(metrics).toMatch(/lockstep_settings_refusals_total\{code="request-invalid"\} [1-9]/);
    expect(metrics).toMatch(/lockstep_settings_changes_total\{section="technical"\} [1-9]/);
    expect(metrics).toMatch(/lockstep_settings_answer_seconds_count\{.*route="\/api\/v1\/settings\/technical"/);
  });
});
