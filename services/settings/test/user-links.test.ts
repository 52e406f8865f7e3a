import { until } from '@lockstep/bus/testing/until';
import { MailboxKey, settingsKeys } from '@lockstep/contracts';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SettingsUnderTest, startSettings } from './settings-under-test.ts';

let settings: SettingsUnderTest;
beforeAll(async () => {
  settings = await startSettings();
});
afterAll(() => settings?.end());

const link = (name: string, associateId: number) => ({
  address: `${name}@example.com`,
  associateId,
  zone: 'Europe/Oslo',
});
const add = (name: string, associateId: number) => settings.call('POST', '/user-links', link(name, associateId));
const listed = async () => (await settings.call('GET', '/user-links?limit=500')).body['userLinks'];

describe('a user link', () => {
  it('gets a mailbox key, is stored where every service reads it, and is told to all', async () => {
    const answer = await add('alice', 1);
    expect(answer.status).toBe(201);
    const { mailbox } = answer.body;
    if (!Value.Check(MailboxKey, mailbox)) throw new Error(`${mailbox} is no mailbox key`);
    expect(answer.headers.get('location')).toBe(`/api/v1/user-links/${mailbox}`);
    expect(answer.body).toMatchObject({ ...link('alice', 1), enabled: true });

    const key = settingsKeys.userLinks(mailbox);
    const chunk = await settings.operator.bucket('settings').get(key, Type.Unknown());
    expect(chunk?.value).toMatchObject({ author: 'administrator', value: { links: [answer.body] } });
    await until(() => settings.kit.settings.userLinks().get(mailbox)?.associateId === 1, 'the kit to read it');
    expect(settings.heard).toContainEqual({ section: 'user-links', revision: chunk?.revision });

    const read = await settings.call('GET', `/user-links/${mailbox}`);
    expect(read.body).toEqual(answer.body);
    expect(read.etag).toBe(answer.etag);
  });

  it.each([
    ['an address that is none', { ...link('x', 9), address: 'alice' }, 'address'],
    ['an address without a domain', { ...link('x', 9), address: 'alice@localhost' }, 'address'],
    ['an address with a space', { ...link('x', 9), address: 'ali ce@example.com' }, 'address'],
    ['an address with two at signs', { ...link('x', 9), address: 'a@b@example.com' }, 'address'],
    ['an address that is linked, in other case', { ...link('x', 9), address: 'ALICE@Example.COM' }, 'address'],
    ['an associate who is linked', link('x', 1), 'associateId'],
    ['associate 0', link('x', 0), 'associateId'],
    ['a zone that does not exist', { ...link('x', 9), zone: 'Europe/Atlantis' }, 'zone'],
    ['a Windows zone', { ...link('x', 9), zone: 'W. Europe Standard Time' }, 'zone'],
    ['an offset for a zone', { ...link('x', 9), zone: '+01:00' }, 'zone'],
    ['a missing zone', { address: 'x@example.com', associateId: 9 }, 'zone'],
    ['a mailbox key of the caller', { ...link('x', 9), mailbox: 'aaaaaaaaaaaaaaaa' }, 'mailbox'],
  ])('is refused with %s, and nothing is changed', async (_, body, field) => {
    const before = await listed();
    const answer = await settings.call('POST', '/user-links', body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'request-invalid', field, retry: 'never' });
    expect(await listed()).toEqual(before);
  });

  it('keeps its mailbox key when the address changes', async () => {
    const { body, etag } = await add('bob', 2);
    const changed = await settings.call('PATCH', `/user-links/${body['mailbox']}`, { address: 'robert@example.com' });
    expect(changed.status).toBe(200);
    expect(changed.body).toEqual({ ...body, address: 'robert@example.com' });
    expect(changed.etag).not.toBe(etag);
    const taken = await settings.call('PATCH', `/user-links/${body['mailbox']}`, { address: 'Alice@example.com' });
    expect(taken.body).toMatchObject({ code: 'request-invalid', field: 'address' });
    const stale = await settings.call(
      'PATCH',
      `/user-links/${body['mailbox']}`,
      { enabled: false },
      { 'if-match': etag },
    );
    expect(stale.status).toBe(412);
    expect(stale.body).toMatchObject({ code: 'settings-conflict' });
  });

  it('may share its associate with a disabled link only', async () => {
    const { body } = await add('carol', 3);
    const path = `/user-links/${body['mailbox']}`;
    expect((await settings.call('PATCH', path, { enabled: false })).body).toMatchObject({ enabled: false });
    expect((await add('carol.new', 3)).status).toBe(201);
    const again = await settings.call('PATCH', path, { enabled: true });
    expect(again.status).toBe(400);
    expect(again.body).toMatchObject({ field: 'associateId' });
  });

  it('is deleted by itself; linked again, the same user gets the same mailbox key', async () => {
    const { body } = await add('dave', 4);
    const path = `/user-links/${body['mailbox']}`;
    const removed = await settings.call('DELETE', path);
    expect(removed.status).toBe(204);
    expect(removed.text).toBe('');
    expect((await settings.call('GET', path)).body).toMatchObject({ code: 'settings-not-found', field: 'mailbox' });
    expect((await settings.call('DELETE', path)).status).toBe(404);
    await until(
      () => ![...settings.kit.settings.userLinks().keys()].includes(body['mailbox'] as MailboxKey),
      'its end',
    );

    const other = await settings.call('POST', '/user-links', { ...link('dave', 44) });
    expect(other.body['mailbox']).not.toBe(body['mailbox']);
    await settings.call('DELETE', `/user-links/${other.body['mailbox']}`);
    const again = await settings.call('POST', '/user-links', { ...link('Dave', 4) });
    expect(again.status).toBe(201);
    expect(again.body['mailbox']).toBe(body['mailbox']);
    expect(await listed()).toEqual(expect.arrayContaining([again.body]));
  });
});

describe('the list of user links', () => {
  it('comes in pages, each link once, and can be searched', async () => {
    const all = (await listed()) as readonly { readonly mailbox: string; readonly address: string }[];
    expect(all.length).toBeGreaterThanOrEqual(5);
    const paged: unknown[] = [];
    let after = '';
    for (let page = 0; page < all.length; page++) {
      const { body } = await settings.call('GET', `/user-links?limit=2&after=${after}`);
      paged.push(...(body['userLinks'] as unknown[]));
      if (body['next'] === undefined) break;
      after = String(body['next']);
    }
    expect(paged).toEqual(all);
    const found = await settings.call('GET', '/user-links?address=ALICE@example.com');
    expect(found.body['userLinks']).toMatchObject([{ associateId: 1 }]);
    const byAssociate = await settings.call('GET', '/user-links?associateId=3');
    expect(byAssociate.body['userLinks']).toHaveLength(2);
  });

  it('refuses a query that it does not know', async () => {
    const unknown = await settings.call('GET', '/user-links?adress=alice');
    expect(unknown.body).toMatchObject({ code: 'request-invalid', field: 'adress' });
    const limit = await settings.call('GET', '/user-links?limit=0');
    expect(limit.body).toMatchObject({ code: 'request-invalid', field: 'limit' });
    const mailbox = await settings.call('GET', '/user-links/alice');
    expect(mailbox.body).toMatchObject({ code: 'request-invalid', field: 'mailbox' });
  });
});

describe('several administrators who link the same address at the same time, at two replicas', () => {
  it('get one link, and the others are told which field is taken', async () => {
    const other = await settings.another();
    const answers = await Promise.all(
      [50, 51, 52, 53, 54, 55].map((associateId, index) =>
        (index % 2 === 0 ? settings : other).call('POST', '/user-links', link('erin', associateId)),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status === 400);
    expect(refused).toHaveLength(5);
    for (const { body } of refused) expect(body).toMatchObject({ field: 'address' });
    const found = await settings.call('GET', '/user-links?address=erin@example.com');
    expect(found.body['userLinks']).toHaveLength(1);
  });
});
