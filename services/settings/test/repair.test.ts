// What is stored and cannot be read: by another release, or damaged. The API says so, and repairs what is damaged.
import { settingsKeys } from '@lockstep/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SettingsUnderTest, startSettings } from './settings-under-test.ts';

let settings: SettingsUnderTest;
beforeEach(async () => {
  settings = await startSettings();
});
afterEach(() => settings?.end());

const at = '2026-11-22T08:00:00.000Z';
const sections = ['technical', 'superoffice', 'sync'] as const;
const aField = { technical: 'domain', superoffice: 'userName', sync: 'windowBackDays' } as const;
const written = { technical: 'EXAMPLE', superoffice: 'SYNC', sync: 7 } as const;

/** Puts something else in the place of what is stored. */
async function lay(key: string, value: unknown): Promise<void> {
  const bucket = settings.operator.bucket('settings');
  const stored = await bucket.getBytes(key);
  const result =
    stored === undefined ? await bucket.create(key, value) : await bucket.update(key, value, stored.revision);
  expect(result.kind).toBe('written');
}

async function laid(key: string): Promise<Record<string, unknown>> {
  const stored = await settings.operator.bucket('settings').getBytes(key);
  return JSON.parse(Buffer.from(stored?.value ?? []).toString('utf8')) as Record<string, unknown>;
}

describe.each(sections)('the section %s', (section) => {
  const path = `/settings/${section}`;

  it('of an earlier release has the defaults of what that release did not know', async () => {
    const defaults = await settings.call('GET', path);
    await lay(section, { v: 1, author: 'old', at, value: { v: 1, [aField[section]]: written[section] } });
    const { status, body } = await settings.call('GET', path);
    expect(status).toBe(200);
    expect(body).toEqual({ ...defaults.body, [aField[section]]: written[section] });
    const amended = await settings.call('PATCH', path, { [aField[section]]: written[section] });
    expect(amended.status).toBe(200);
  });

  it('keeps what only a later release knows, whether it is amended or replaced', async () => {
    await lay(section, { v: 1, author: 'new', at, value: { v: 1, later: { deep: true } } });
    await settings.call('PATCH', path, { [aField[section]]: written[section] });
    expect((await laid(section))['value']).toMatchObject({
      later: { deep: true },
      [aField[section]]: written[section],
    });
    await settings.call('PUT', path, {});
    expect((await laid(section))['value']).toMatchObject({ later: { deep: true } });
  });

  it.each([
    ['no JSON object', 'rubbish'],
    ['a field of the wrong type', { v: 1, author: 'x', at, value: { v: 1, [aField[section]]: { a: 1 } } }],
    ['no author', { v: 1, value: { v: 1 } }],
  ])('that is damaged (%s) says so, is not amended, and is repaired by PUT', async (_, damage) => {
    await lay(section, damage);
    const read = await settings.call('GET', path);
    expect(read.status).toBe(500);
    expect(read.body).toMatchObject({ code: 'stored-record-damaged', detail: section, advice: expect.any(String) });
    const amended = await settings.call('PATCH', path, { [aField[section]]: written[section] });
    expect(amended.body).toMatchObject({ code: 'stored-record-damaged' });
    const replaced = await settings.call('PUT', path, { [aField[section]]: written[section] });
    expect(replaced.status).toBe(200);
    expect((await settings.call('GET', path)).body).toMatchObject({ [aField[section]]: written[section] });
  });

  it('that is damaged is repaired by restoring an older revision', async () => {
    const good = await settings.call('PUT', path, { [aField[section]]: written[section] });
    await lay(section, { v: 1, value: 'broken' });
    const listed = await settings.call('GET', `${path}/revisions`);
    expect(listed.body['revisions']).toHaveLength(1);
    const restored = await settings.call('POST', `${path}/revisions/${good.etag.replaceAll('"', '')}/restore`);
    expect(restored.status).toBe(200);
    expect(restored.body).toEqual(good.body);
  });

  it('of a newer version is left alone', async () => {
    const newer = { v: 1, author: 'new', at, value: { v: 2, anything: 1 } };
    await lay(section, newer);
    for (const [method, body] of [
      ['GET', undefined],
      ['PUT', {}],
      ['PATCH', {}],
    ] as const) {
      const answer = await settings.call(method, path, body);
      expect(answer.body).toMatchObject({ code: 'stored-record-newer', detail: section });
    }
    expect(await laid(section)).toEqual(newer);
  });
});

describe('user links', () => {
  const link = { address: 'alice@lockstep.test', associateId: 5, zone: 'Europe/Oslo' };

  it('in a damaged chunk come back by the repair, with their keys, and all others stay', async () => {
    const made = await settings.call('POST', '/user-links', link);
    const other = await settings.call('POST', '/user-links', { ...link, address: 'bob@lockstep.test', associateId: 6 });
    const key = settingsKeys.userLinks(made.body['mailbox'] as never);
    await lay(key, { v: 1, author: 'x', at, value: { v: 1, links: 'none' } });
    const listed = await settings.call('GET', '/user-links');
    expect(listed.body).toMatchObject({ code: 'stored-record-damaged', detail: key });
    const repaired = await settings.call('POST', '/user-links/repair');
    expect(repaired.status).toBe(200);
    expect(repaired.body).toMatchObject({ chunks: 1 });
    const { body } = await settings.call('GET', '/user-links');
    expect(body['userLinks']).toEqual(expect.arrayContaining([made.body, other.body]));
    expect((await settings.call('POST', '/user-links/repair')).body).toEqual({ chunks: 0, links: 0 });
  });

  it('that never could be read are left as they are', async () => {
    await lay('user-links.3', 'rubbish');
    const answer = await settings.call('POST', '/user-links/repair');
    expect(answer.body).toMatchObject({ code: 'stored-record-damaged', detail: 'user-links.3' });
    expect(await laid('user-links.3')).toBe('rubbish');
  });
});
