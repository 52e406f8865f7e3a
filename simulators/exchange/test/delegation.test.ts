// Rights in the folders of another person, pull subscriptions, and affinity.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { all, type EwsClient, first, ids, writeItemId } from './ews-client.ts';
import { createAppointment, getFolder, getItems, hour, remove, setField, subscribe, sync, update } from './requests.ts';
import { people, startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let alice: EwsClient;
let bob: EwsClient;
beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await server.control('POST', 'reset');
  await server.control('POST', 'seed', people);
  alice = server.client();
  bob = server.client({ user: 'bob@lockstep.test' });
});
afterAll(() => server.finish());

const alices =
  '<t:DistinguishedFolderId Id="calendar"><t:Mailbox><t:EmailAddress>alice@lockstep.test</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>';

const allow = (level: string, viewPrivate = false): Promise<unknown> =>
  server.control('POST', 'mailboxes/alice@lockstep.test/folders/calendar/permissions', {
    delegate: 'bob@lockstep.test',
    level,
    viewPrivate,
  });

describe('a delegate', () => {
  it('may do what his level says, and ids work without naming the mailbox again', async () => {
    const [id] = ids((await alice.call(createAppointment(hour))).text);
    if (id === undefined) throw new Error('nothing was created');
    const subject = update(writeItemId(id), setField('item:Subject', '<t:Subject>x</t:Subject>'), 'AlwaysOverwrite');
    expect((await bob.call(getItems([id]))).codes).toEqual(['ErrorItemNotFound']);
    await allow('Reviewer');
    expect((await bob.call(getItems([id]))).codes).toEqual(['NoError']);
    expect((await bob.call(subject)).codes).toEqual(['ErrorAccessDenied']);
    expect((await bob.call(createAppointment(hour, alices))).codes).toEqual(['ErrorCreateItemAccessDenied']);
    await allow('Author');
    const [own] = ids((await bob.call(createAppointment(hour, alices))).text);
    expect((await bob.call(subject)).codes).toEqual(['ErrorAccessDenied']);
    expect((await bob.call(remove(own ?? id))).codes).toEqual(['NoError']);
    await allow('Editor');
    expect((await bob.call(subject)).codes).toEqual(['NoError']);
    const rights = all((await bob.call(getFolder(alices))).text, 'EffectiveRights')[0]?.children ?? [];
    expect(Object.fromEntries(rights.map((each) => [each.name, each.text]))).toMatchObject({
      CreateContents: 'true',
      Modify: 'true',
      ViewPrivateItems: 'false',
    });
  });

  it('does not see private items without the right to', async () => {
    const [id] = ids((await alice.call(createAppointment(`<t:Sensitivity>Private</t:Sensitivity>${hour}`))).text);
    await allow('Editor');
    expect((await bob.call(getItems([id ?? { Id: '' }]))).codes).toEqual(['ErrorItemNotFound']);
    expect(ids((await bob.call(sync(undefined, 10, alices))).text)).toEqual([]);
    await allow('Editor', true);
    expect(ids((await bob.call(sync(undefined, 10, alices))).text)).toEqual([id]);
  });

  it('cannot subscribe', async () => {
    await allow('Editor');
    expect((await bob.call(subscribe(['CreatedEvent'], alices))).codes).toEqual([
      'ErrorSubscriptionDelegateAccessNotSupported',
    ]);
  });

  it('is listed by GetDelegate', async () => {
    await allow('Editor', true);
    const answer = await alice.call(
      '<m:GetDelegate IncludePermissions="true"><m:Mailbox><t:EmailAddress>alice@lockstep.test</t:EmailAddress></m:Mailbox></m:GetDelegate>',
    );
    expect(first(answer.text, 'PrimarySmtpAddress')).toBe('bob@lockstep.test');
    expect(first(answer.text, 'CalendarFolderPermissionLevel')).toBe('Editor');
    expect(first(answer.text, 'ContactsFolderPermissionLevel')).toBe('None');
    expect(first(answer.text, 'ViewPrivateItems')).toBe('true');
  });
});

describe('a pull subscription', () => {
  const pull =
    '<m:Subscribe><m:PullSubscriptionRequest><t:FolderIds><t:DistinguishedFolderId Id="calendar"/></t:FolderIds><t:EventTypes><t:EventType>CreatedEvent</t:EventType></t:EventTypes><t:Timeout>10</t:Timeout></m:PullSubscriptionRequest></m:Subscribe>';
  const events = (id: string, mark: string): string =>
    `<m:GetEvents><m:SubscriptionId>${id}</m:SubscriptionId><m:Watermark>${mark}</m:Watermark></m:GetEvents>`;

  it('gives news after a watermark, again until a later one is shown, and a status without news', async () => {
    const { text } = await alice.call(pull);
    const id = first(text, 'SubscriptionId') ?? '';
    const start = first(text, 'Watermark') ?? '';
    expect(all((await alice.call(events(id, start))).text, 'StatusEvent')).toHaveLength(1);
    await alice.call(createAppointment(hour));
    await alice.call(createAppointment(hour));
    const once = (await alice.call(events(id, start))).text;
    const twice = (await alice.call(events(id, start))).text;
    expect(all(once, 'CreatedEvent')).toHaveLength(2);
    expect(ids(twice)).toEqual(ids(once));
    const last = all(once, 'Watermark').at(-1)?.text ?? '';
    expect(all((await alice.call(events(id, last))).text, 'CreatedEvent')).toHaveLength(0);
    expect((await alice.call(events(id, 'AAAA'))).codes).toEqual(['ErrorInvalidWatermark']);
  });

  it('ends when nobody asks for so long', async () => {
    const { text } = await alice.call(pull);
    await server.control('POST', 'clock', { advanceMs: 10 * 60_000 });
    const late = await alice.call(events(first(text, 'SubscriptionId') ?? '', first(text, 'Watermark') ?? ''));
    expect(late.codes).toEqual(['ErrorSubscriptionNotFound']);
  });
});

describe('affinity', () => {
  it('is offered as a cookie, and without it a subscription is not found on another back end', async () => {
    await server.control('POST', 'access', { strictAffinity: true });
    const prefer = { 'X-PreferServerAffinity': 'true', 'X-AnchorMailbox': 'alice@lockstep.test' };
    const answer = await alice.call(subscribe(), { headers: prefer });
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^X-BackEndOverrideCookie=EXCH0\d~\d+; path=\/; secure; HttpOnly$/);
    const id = first(answer.text, 'SubscriptionId') ?? '';
    const unsubscribe = `<m:Unsubscribe><m:SubscriptionId>${id}</m:SubscriptionId></m:Unsubscribe>`;
    const astray = { ...prefer, Cookie: 'X-BackEndOverrideCookie=EXCH09~1' };
    expect((await alice.call(unsubscribe, { headers: astray })).codes).toEqual(['ErrorSubscriptionNotFound']);
    const home = await alice.call(unsubscribe, { headers: { ...prefer, Cookie: cookie.split(';')[0] ?? '' } });
    expect(home.codes).toEqual(['NoError']);
    expect(home.headers.get('set-cookie')).toBeNull();
  });
});
