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

describe('a section of the settings', () => {
  it('has the defaults, and revision 0, as long as nothing was stored', async () => {
    const { status, etag, body } = await settings.call('GET', technical);
    expect(status).toBe(200);
    expect(etag).toBe('"0"');
    expect(body).toEqual({
      userName: '',
      domain: '',
      authentication: 'basic',
      autodiscover: 'off',
      autodiscoverUrl: '',
      ewsUrl: '',
      oabUrl: '',
      access: 'impersonation',
      eventsOptimizerMinutes: 60,
      highServerLoad: false,
      incrementalChangeDetectionOnly: false,
      concurrentRequestLimit: 0,
      streamingConnectionLimit: 3,
      trustedAuthorities: '',
      proxyUrl: '',
      proxyUserName: '',
      proxyPassword: { set: false },
      oauthTenant: '',
      oauthClientId: '',
      oauthAuthority: 'https://login.microsoftonline.com',
      oauthClientSecret: { set: false },
      oauthCertificate: '',
      oauthPrivateKey: { set: false },
      password: { set: false },
    });
    const revisions = await settings.call('GET', `${technical}/revisions`);
    expect(revisions.body).toEqual({ revisions: [] });
  });

  it('is amended field by field, with author and time, stored as every service reads it, and told to all', async () => {
    const before = settings.heard.length;
    const answer = await settings.call(
      'PATCH',
      technical,
      { concurrentRequestLimit: 20 },
      { 'x-lockstep-author': 'Ærø' },
    );
    expect(answer.status).toBe(200);
    expect(answer.body['concurrentRequestLimit']).toBe(20);
    expect(answer.body['eventsOptimizerMinutes']).toBe(60);

    const stored = await settings.operator.bucket('settings').get('technical', Type.Unknown());
    expect(stored?.value).toMatchObject({ v: 1, author: 'Ærø', value: { v: 1, concurrentRequestLimit: 20 } });
    expect(answer.etag).toBe(`"${stored?.revision}"`);
    await until(() => settings.heard.length > before, 'the broadcast');
    expect(settings.heard.slice(before)).toEqual([{ section: 'technical', revision: stored?.revision }]);
    await until(() => settings.kit.settings.technical().concurrentRequestLimit === 20, 'the kit to read it');
  });

  it('is not stored again, and nobody is told, when a change changes nothing', async () => {
    const before = await settings.call('GET', technical);
    const heard = settings.heard.length;
    const same = await settings.call('PATCH', technical, { concurrentRequestLimit: 20 });
    expect(same.status).toBe(200);
    expect(same.etag).toBe(before.etag);
    const changed = await settings.call('PATCH', '/settings/sync', { windowBackDays: 31 });
    await until(() => settings.heard.some(({ revision }) => `"${revision}"` === changed.etag), 'the later broadcast');
    expect(settings.heard.slice(heard).map(({ section }) => section)).toEqual(['sync']);
  });

  it('is replaced as a whole: what is left out becomes the default', async () => {
    await settings.call('PATCH', technical, { concurrentRequestLimit: 7, highServerLoad: true });
    const replaced = await settings.call('PUT', technical, { highServerLoad: true });
    expect(replaced.body).toMatchObject({ concurrentRequestLimit: 0, highServerLoad: true });
  });

  it('is amended within an object too', async () => {
    const answer = await settings.call('PATCH', '/settings/sync', { conflictRules: { title: 'exchange' } });
    expect(answer.body['conflictRules']).toEqual({
      title: 'exchange',
      time: 'newer',
      text: 'newer',
      place: 'newer',
      busy: 'newer',
      privacy: 'newer',
    });
  });

  it('takes back what a read gave', async () => {
    for (const section of ['technical', 'superoffice', 'sync']) {
      const read = await settings.call('GET', `/settings/${section}`);
      const written = await settings.call('PUT', `/settings/${section}`, read.body, { 'if-match': read.etag });
      expect(written.body, section).toEqual(read.body);
      expect(written.etag, section).toBe(read.etag);
    }
  });
});

describe('the revisions of a section', () => {
  it('show who changed which fields, newest first, and can be read and restored', async () => {
    const first = await settings.call('PUT', technical, { concurrentRequestLimit: 1 }, { 'x-lockstep-author': 'Anna' });
    const second = await settings.call('PATCH', technical, { concurrentRequestLimit: 2, domain: 'EXAMPLE' });
    const revision = (etag: string) => Number(etag.replaceAll('"', ''));

    const listed = await settings.call('GET', `${technical}/revisions`);
    expect(listed.body['revisions']).toMatchObject([
      { revision: revision(second.etag), author: 'administrator', changed: ['domain', 'concurrentRequestLimit'] },
      { revision: revision(first.etag), author: 'Anna' },
      {},
      {},
      {},
    ]);

    const old = await settings.call('GET', `${technical}/revisions/${revision(first.etag)}`);
    expect(old.body).toMatchObject({ author: 'Anna', settings: { concurrentRequestLimit: 1, domain: '' } });

    const restored = await settings.call('POST', `${technical}/revisions/${revision(first.etag)}/restore`);
    expect(restored.status).toBe(200);
    expect(restored.body).toEqual(first.body);
    expect(revision(restored.etag)).toBeGreaterThan(revision(second.etag));
  });

  it('that do not exist are 404', async () => {
    for (const [method, path] of [
      ['GET', `${technical}/revisions/999999`],
      ['POST', `${technical}/revisions/999999/restore`],
    ] as const) {
      const answer = await settings.call(method, path);
      expect(answer.status).toBe(404);
      expect(answer.body).toMatchObject({ code: 'settings-not-found', retry: 'never', field: 'revision' });
    }
  });
});

describe('writers at the same time', () => {
  it('with If-Match: one is stored, the others are told settings-conflict', async () => {
    const { etag } = await settings.call('GET', technical);
    const limits = [101, 102, 103, 104, 105, 106];
    const answers = await Promise.all(
      limits.map((limit) => settings.call('PATCH', technical, { concurrentRequestLimit: limit }, { 'if-match': etag })),
    );
    const won = answers.filter(({ status }) => status === 200);
    const lost = answers.filter(({ status }) => status === 412);
    expect(won).toHaveLength(1);
    expect(lost).toHaveLength(limits.length - 1);
    for (const { body } of lost) expect(body).toMatchObject({ code: 'settings-conflict', retry: 'later' });
    const now = await settings.call('GET', technical);
    expect(now.etag).toBe(won[0]?.etag);
    expect(now.body['concurrentRequestLimit']).toBe(won[0]?.body['concurrentRequestLimit']);
  });

  it('without If-Match: every change of another field is kept', async () => {
    const changes = [
      { highServerLoad: true },
      { eventsOptimizerMinutes: 5 },
      { access: 'delegation' },
      { domain: 'X' },
    ];
    const other = await settings.another();
    const answers = await Promise.all(
      changes.map((change, index) => (index % 2 === 0 ? settings : other).call('PATCH', technical, change)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await settings.call('GET', technical)).body).toMatchObject(Object.assign({}, ...changes));
  });

  it('that name no real ETag are told so', async () => {
    const answer = await settings.call('PATCH', technical, { highServerLoad: false }, { 'if-match': '"a" "b"' });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'request-invalid', field: 'if-match' });
    const any = await settings.call('PATCH', technical, { highServerLoad: false }, { 'if-match': '*' });
    expect(any.status).toBe(200);
  });
});
