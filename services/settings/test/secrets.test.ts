import { until } from '@lockstep/bus/testing/until';
import { Type } from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SettingsUnderTest, startSettings } from './settings-under-test.ts';

let settings: SettingsUnderTest;
beforeAll(async () => {
  settings = await startSettings();
});
afterAll(() => settings?.end());

const technical = '/settings/technical';
const secrets = ['Geheim-Nr-1!', 'geheim nr 2 🙂', 'Geheim-Nr-3!', 'so-secret'];
const account = {
  userName: 'sync@example.com',
  domain: '',
  authentication: 'basic',
  ewsUrl: 'https://mail.example.com/EWS/Exchange.asmx',
  oabUrl: 'https://oab.example.com/OAB/',
};

const storedJwe = async (): Promise<string> => {
  const stored = await until(() => settings.kit.settings.technical().password, 'the kit to read the password');
  return stored.jwe;
};

describe('a password', () => {
  it('goes in as text, is sealed for the service that uses it, and a read tells only that it is set', async () => {
    const answer = await settings.call('PATCH', technical, { ...account, password: secrets[0] });
    expect(answer.status).toBe(200);
    expect(answer.body['password']).toEqual({ set: true, changedAt: expect.stringMatching(/^\d{4}-.*Z$/) });

    const opened = await settings.open('exchange', await storedJwe());
    expect(new TextDecoder().decode(opened.plaintext)).toBe(secrets[0]);
    expect(opened.protectedHeader).toMatchObject({
      alg: 'ECDH-ES+A256KW',
      enc: 'A256GCM',
      purpose: {
        use: 'exchange',
        account: 'sync@example.com',
        authentication: 'basic',
        hosts: ['mail.example.com:443', 'oab.example.com:443'],
      },
    });
    await expect(settings.open('superoffice', await storedJwe())).rejects.toThrow();
  });

  it('of SuperOffice is sealed for the other key, and bound to the tenant', async () => {
    const answer = await settings.call('PATCH', '/settings/superoffice', {
      baseUrl: 'http://127.0.0.1:8100/Cust00001',
      userName: 'SYNC',
      password: secrets[1],
    });
    expect(answer.status).toBe(200);
    const { jwe } = await until(() => settings.kit.settings.superoffice().password, 'the kit to read the password');
    const opened = await settings.open('superoffice', jwe);
    expect(new TextDecoder().decode(opened.plaintext)).toBe(secrets[1]);
    expect(opened.protectedHeader['purpose']).toEqual({
      use: 'superoffice',
      account: 'SYNC',
      authentication: 'basic',
      hosts: ['127.0.0.1:8100'],
    });
  });

  it.each([
    ['host', { ewsUrl: 'https://evil.example.com/EWS/Exchange.asmx' }],
    ['port', { ewsUrl: 'https://mail.example.com:444/EWS/Exchange.asmx' }],
    ['added host', { autodiscoverUrl: 'https://autodiscover.example.com/' }],
    ['account', { userName: 'other@example.com' }],
    ['domain', { domain: 'EXAMPLE' }],
    ['authentication', { authentication: 'ntlm' }],
    ['host, sent with what a read showed', { oabUrl: 'https://b.example.com/', password: { set: true } }],
  ])('is asked for again when the %s changes, and nothing is changed without it', async (_, change) => {
    const before = await settings.call('GET', technical);
    const refused = await settings.call('PATCH', technical, change);
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ code: 'request-invalid', field: 'password', retry: 'never' });
    const after = await settings.call('GET', technical);
    expect(after.body).toEqual(before.body);
    expect(after.etag).toBe(before.etag);
  });

  it('is asked for again by a replacement that leaves the account out', async () => {
    const refused = await settings.call('PUT', technical, { concurrentRequestLimit: 5 });
    expect(refused.body).toMatchObject({ code: 'request-invalid', field: 'password' });
  });

  it('stays when something else changes, or a host is dropped', async () => {
    const before = await storedJwe();
    expect((await settings.call('PATCH', technical, { concurrentRequestLimit: 5 })).status).toBe(200);
    expect((await settings.call('PATCH', technical, { oabUrl: '' })).body).toMatchObject({ password: { set: true } });
    await until(() => settings.kit.settings.technical().oabUrl === '', 'the kit to read the change');
    expect(await storedJwe()).toBe(before);
  });

  it('is accepted together with the change of host and account, and bound to these', async () => {
    const { oabUrl: _, ...moved } = { ...account, domain: 'EXAMPLE', ewsUrl: 'https://new.example.com:8443/EWS' };
    const answer = await settings.call('PATCH', technical, { ...moved, password: secrets[2] });
    expect(answer.status).toBe(200);
    await until(() => settings.kit.settings.technical().domain === 'EXAMPLE', 'the kit to read the change');
    const opened = await settings.open('exchange', await storedJwe());
    expect(opened.protectedHeader['purpose']).toMatchObject({
      account: 'EXAMPLE\\sync@example.com',
      hosts: ['new.example.com:8443'],
    });
  });

  it('that is newer stays when an older revision of the same account and hosts is restored', async () => {
    const old = await settings.call('PATCH', technical, { concurrentRequestLimit: 77 });
    const renewed = await settings.call('PATCH', technical, { password: secrets[3] });
    const restored = await settings.call('POST', `${technical}/revisions/${old.etag.replaceAll('"', '')}/restore`);
    expect(restored.body).toMatchObject({ concurrentRequestLimit: 77, password: renewed.body['password'] });
    const last = (await settings.operator.bucket('settings').history('technical')).at(-1);
    const record = JSON.parse(new TextDecoder().decode(last?.value));
    const opened = await settings.open('exchange', record.value.password.jwe);
    expect(new TextDecoder().decode(opened.plaintext)).toBe(secrets[3]);
  });

  it('of an older account comes back with that account', async () => {
    const listed = await settings.call('GET', `${technical}/revisions`);
    const rows = listed.body['revisions'] as readonly { readonly revision: number }[];
    const first = rows.at(-1)?.revision;
    const restored = await settings.call('POST', `${technical}/revisions/${first}/restore`);
    expect(restored.body).toMatchObject({ userName: 'sync@example.com', domain: '', ewsUrl: account.ewsUrl });
    const last = (await settings.operator.bucket('settings').history('technical')).at(-1);
    const record = JSON.parse(new TextDecoder().decode(last?.value));
    const opened = await settings.open('exchange', record.value.password.jwe);
    expect(new TextDecoder().decode(opened.plaintext)).toBe(secrets[0]);
  });

  it('is removed by null', async () => {
    const removed = await settings.call('PATCH', technical, { password: null, userName: '' });
    expect(removed.body).toMatchObject({ userName: '', password: { set: false } });
  });

  it('cannot be set without an account and a host to bind it to', async () => {
    const noAccount = await settings.call('PATCH', technical, { password: 'so-secret' });
    expect(noAccount.body).toMatchObject({ code: 'request-invalid', field: 'userName' });
    const noHost = await settings.call('PATCH', technical, {
      userName: 'a',
      ewsUrl: '',
      oabUrl: '',
      password: 'so-secret',
    });
    expect(noHost.body).toMatchObject({ code: 'request-invalid', field: 'ewsUrl' });
    const noTenant = await settings.call('PATCH', '/settings/superoffice', { baseUrl: '', password: 'so-secret' });
    expect(noTenant.body).toMatchObject({ code: 'request-invalid', field: 'baseUrl' });
  });

  it('cannot be set where the service has no key, and the answer names the variable', async () => {
    const other = await settings.another({ LOCKSTEP_EXCHANGE_PUBLIC_KEY_FILE: '/nowhere/exchange.jwk' });
    const answer = await other.call('PATCH', technical, { ...account, password: 'so-secret' });
    expect(answer.status).toBe(503);
    expect(answer.body).toMatchObject({ code: 'sealing-key-missing', retry: 'later' });
    expect(answer.text).toContain('LOCKSTEP_EXCHANGE_PUBLIC_KEY_FILE');
  });

  it('never leaves by an answer, a revision, a log line, the metrics or the bucket', async () => {
    const answers = [
      await settings.call('GET', technical),
      await settings.call('GET', `${technical}/revisions`),
      await settings.call('GET', '/settings/superoffice'),
      await settings.call('GET', '/settings/superoffice/revisions'),
      await settings.call('PATCH', technical, { userName: 'x', nonsense: 'so-secret', password: 'so-secret' }),
      await settings.call('PATCH', technical, '{"password":"so-secret"'),
      await settings.call('PATCH', technical, { password: { secret: 'so-secret' } }),
    ].map(({ text }) => text);
    const rows = (await settings.call('GET', `${technical}/revisions`)).body['revisions'] as { revision: number }[];
    for (const { revision } of rows)
      answers.push((await settings.call('GET', `${technical}/revisions/${revision}`)).text);
    const stored = [
      ...(await settings.operator.bucket('settings').history('technical')),
      ...(await settings.operator.bucket('settings').history('superoffice')),
    ].map(({ value }) => new TextDecoder().decode(value));
    const elsewhere = [JSON.stringify(settings.kit.logged), await settings.kit.metrics.metrics()];
    expect(answers.length).toBeGreaterThan(7);
    for (const secret of secrets)
      for (const text of [...answers, ...stored, ...elsewhere]) expect(text).not.toContain(secret);
    for (const text of [...answers, ...elsewhere]) expect(text).not.toMatch(/eyJ|jwe/);
  });

  it('is not logged by a failure either', async () => {
    const bucket = settings.operator.bucket('settings');
    const stored = await bucket.get('technical', Type.Unknown());
    await bucket.update(
      'technical',
      { v: 9, author: 'a', at: '2026-11-22T08:00:00.000Z', value: {} },
      stored?.revision ?? 0,
    );
    const answer = await settings.call('PATCH', technical, { ...account, password: 'so-secret' });
    expect(answer.status).toBe(500);
    expect(answer.body).toMatchObject({ code: 'stored-record-newer', retry: 'never' });
    const logged = JSON.stringify(settings.kit.logged);
    expect(answer.text).not.toContain('so-secret');
    const personal = ['sync@example.com', 'mail.example.com'];
    for (const text of [...secrets, ...personal]) expect(logged).not.toContain(text);
  });
});
