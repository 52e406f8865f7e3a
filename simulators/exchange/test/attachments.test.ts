// Attachments over EWS: files and items, on everything that is stored, and what they do to the item that they hang on.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, type EwsClient, first, type ItemId, ids } from './ews-client.ts';
import { calendar, createAppointment, getItems, hour, setField, sync, update } from './requests.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let alice: EwsClient;
let bob: EwsClient;
beforeAll(async () => {
  server = await startTestServer();
  alice = server.client();
  bob = server.client({ user: 'bob@lockstep.test' });
});
afterAll(() => server.finish());

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const file = (name: string, text: string, more = ''): string =>
  `<t:FileAttachment><t:Name>${name}</t:Name><t:ContentType>text/plain</t:ContentType>${more}<t:Content>${base64(text)}</t:Content></t:FileAttachment>`;
const itemAttachment = (item: string): string => `<t:ItemAttachment><t:Name>an item</t:Name>${item}</t:ItemAttachment>`;
const list = (attachments: string): string => `<t:Attachments>${attachments}</t:Attachments>`;
const attach = (id: string, attachments: string): string =>
  `<m:CreateAttachment><m:ParentItemId Id="${id}"/><m:Attachments>${attachments}</m:Attachments></m:CreateAttachment>`;
const onAttachments = (operation: string, wanted: readonly string[]): string =>
  `<m:${operation}><m:AttachmentIds>${wanted.map((id) => `<t:AttachmentId Id="${id}"/>`).join('')}</m:AttachmentIds></m:${operation}>`;
const get = (...wanted: readonly string[]): string => onAttachments('GetAttachment', wanted);
const detach = (...wanted: readonly string[]): string => onAttachments('DeleteAttachment', wanted);

async function created(request: string): Promise<ItemId> {
  const { text } = await alice.call(request);
  const [id] = ids(text);
  if (id === undefined) throw new Error(text);
  return id;
}

const attachmentIds = (text: string): readonly string[] =>
  all(text, 'AttachmentId').map(({ attributes }) => attributes['Id'] ?? '');

async function shown(id: string): Promise<{ text: string; attachments: readonly string[]; key: string | undefined }> {
  const { text } = await alice.call(getItems([{ Id: id }]));
  return { text, attachments: attachmentIds(text), key: ids(text)[0]?.ChangeKey };
}

const make = (folder: string, item: string): string =>
  `<m:CreateItem MessageDisposition="SaveOnly" SendMeetingInvitations="SendToNone"><m:SavedItemFolderId><t:DistinguishedFolderId Id="${folder}"/></m:SavedItemFolderId><m:Items>${item}</m:Items></m:CreateItem>`;

const everyKind: readonly (readonly [string, string])[] = [
  ['calendar', `<t:CalendarItem>${hour}</t:CalendarItem>`],
  ['tasks', '<t:Task><t:Subject>to do</t:Subject></t:Task>'],
  ['contacts', '<t:Contact><t:GivenName>Eve</t:GivenName></t:Contact>'],
  ['drafts', '<t:Message><t:Subject>draft</t:Subject></t:Message>'],
];

describe('a file', () => {
  it.each(everyKind)('hangs on what lies in %s, is read and taken away', async (folder, item) => {
    const before = await created(make(folder, item));
    const answer = await alice.call(attach(before.Id, file('a.txt', 'Ærø') + file('b.txt', 'two')));
    expect(answer.codes).toEqual(['NoError', 'NoError']);
    const [a = '', b = ''] = attachmentIds(answer.text);
    const roots = all(answer.text, 'AttachmentId').map(({ attributes }) => attributes);
    expect(roots.map((each) => each['RootItemId'])).toEqual([before.Id, before.Id]);
    const now = await shown(before.Id);
    expect(now.attachments).toEqual([a, b]);
    expect(now.key).toBe(roots[1]?.['RootItemChangeKey']);
    expect(now.key).not.toBe(before.ChangeKey);
    expect(first(now.text, 'HasAttachments')).toBe('true');
    expect(first(now.text, 'Content')).toBeUndefined();
    const read = await alice.call(get(b, a));
    expect(all(read.text, 'Content').map((each) => each.text)).toEqual([base64('two'), base64('Ærø')]);
    expect(all(read.text, 'FileAttachment')[1]?.children.map(({ name }) => name)).toEqual([
      'AttachmentId',
      'Name',
      'ContentType',
      'Size',
      'LastModifiedTime',
      'IsInline',
      'IsContactPhoto',
      'Content',
    ]);
    const gone = await alice.call(detach(a));
    const root = all(gone.text, 'RootItemId')[0]?.attributes;
    const left = await shown(before.Id);
    expect(root).toEqual({ RootItemId: before.Id, RootItemChangeKey: left.key });
    expect(left.attachments).toEqual([b]);
    expect((await alice.call(get(a))).codes).toEqual(['ErrorInvalidAttachmentId']);
    expect((await alice.call(detach(b))).codes).toEqual(['NoError']);
    const bare = await shown(before.Id);
    expect([first(bare.text, 'HasAttachments'), all(bare.text, 'Attachments').length]).toEqual(['false', 0]);
  });

  it('given at creation is there, and one that is inline alone does not count as an attachment', async () => {
    const inline = file('i.png', 'pixels', '<t:ContentId>pic1</t:ContentId><t:IsInline>true</t:IsInline>');
    const id = await created(createAppointment(list(inline) + hour));
    const { text } = await shown(id.Id);
    expect([first(text, 'ContentId'), first(text, 'IsInline'), first(text, 'HasAttachments')]).toEqual([
      'pic1',
      'true',
      'false',
    ]);
  });

  it('never gets the id of one that was deleted', async () => {
    const id = await created(createAppointment(list(file('a', '1')) + hour));
    const [old = ''] = (await shown(id.Id)).attachments;
    await alice.call(detach(old));
    await alice.call(attach(id.Id, file('b', '2')));
    expect((await alice.call(get(old))).codes).toEqual(['ErrorInvalidAttachmentId']);
  });

  it('goes along when its item is copied or moved, under another id', async () => {
    const id = await created(createAppointment(list(file('a', 'mine')) + hour));
    const ask = (operation: string): string =>
      `<m:${operation}><m:ToFolderId><t:DistinguishedFolderId Id="deleteditems"/></m:ToFolderId><m:ItemIds><t:ItemId Id="${id.Id}"/></m:ItemIds></m:${operation}>`;
    const [before = ''] = (await shown(id.Id)).attachments;
    const copy = await created(ask('CopyItem'));
    const moved = await created(ask('MoveItem'));
    for (const { Id } of [copy, moved]) {
      const [now = ''] = (await shown(Id)).attachments;
      expect(now).not.toBe(before);
      expect(first((await alice.call(get(now))).text, 'Content')).toBe(base64('mine'));
    }
    expect((await alice.call(get(before))).codes).toEqual(['ErrorItemNotFound']);
  });

  it('is told as an update of its item, in the cookie and as an event', async () => {
    const id = await created(createAppointment(hour));
    let state = '';
    for (let more = true; more; ) {
      const { text } = await alice.call(sync(state === '' ? undefined : state));
      state = first(text, 'SyncState') ?? '';
      more = first(text, 'IncludesLastItemInRange') === 'false';
    }
    const pull = `<m:Subscribe><m:PullSubscriptionRequest><t:FolderIds>${calendar}</t:FolderIds><t:EventTypes><t:EventType>ModifiedEvent</t:EventType></t:EventTypes><t:Timeout>10</t:Timeout></m:PullSubscriptionRequest></m:Subscribe>`;
    const { text: subscribed } = await alice.call(pull);
    await alice.call(attach(id.Id, file('a', '1')));
    const { text } = await alice.call(sync(state));
    expect(all(text, 'Update').flatMap((each) => each.children[0]?.children[0]?.attributes['Id'])).toEqual([id.Id]);
    const events = await alice.call(
      `<m:GetEvents><m:SubscriptionId>${first(subscribed, 'SubscriptionId')}</m:SubscriptionId><m:Watermark>${first(subscribed, 'Watermark')}</m:Watermark></m:GetEvents>`,
    );
    expect(all(events.text, 'ModifiedEvent').length).toBeGreaterThan(0);
    expect(ids(events.text).map(({ Id }) => Id)).toContain(id.Id);
  });

  it('needs the rights that its item needs', async () => {
    const id = await created(createAppointment(list(file('a', 'secret')) + hour));
    const [wanted = ''] = (await shown(id.Id)).attachments;
    expect((await bob.call(get(wanted))).codes).toEqual(['ErrorItemNotFound']);
    const permissions = 'mailboxes/alice@lockstep.test/folders/calendar/permissions';
    await server.control('POST', permissions, { delegate: 'bob@lockstep.test', level: 'Reviewer' });
    expect(first((await bob.call(get(wanted))).text, 'Content')).toBe(base64('secret'));
    expect((await bob.call(detach(wanted))).codes).toEqual(['ErrorAccessDenied']);
    expect((await bob.call(attach(id.Id, file('b', '2')))).codes).toEqual(['ErrorAccessDenied']);
    await server.control('DELETE', `${permissions}/bob@lockstep.test`);
    expect((await shown(id.Id)).attachments).toEqual([wanted]);
  });
});

describe('an attached item', () => {
  it('comes back with everything but a place, and what hangs on it is reached too', async () => {
    const inner = `<t:CalendarItem><t:Subject>inner</t:Subject>${list(file('deep.txt', 'deep'))}${hour}</t:CalendarItem>`;
    const id = await created(createAppointment(hour));
    const answer = await alice.call(attach(id.Id, itemAttachment(inner)));
    const [outer = ''] = attachmentIds(answer.text);
    const { text } = await alice.call(get(outer));
    expect([first(text, 'Subject'), first(text, 'Start')]).toEqual(['inner', '2026-03-02T08:00:00Z']);
    expect([all(text, 'ItemId').length, all(text, 'ParentFolderId').length]).toEqual([0, 0]);
    const [, deep = ''] = attachmentIds(text);
    expect(first((await alice.call(get(deep))).text, 'Content')).toBe(base64('deep'));
    expect(all((await alice.call(detach(deep))).text, 'RootItemId')[0]?.attributes['RootItemId']).toBe(id.Id);
    expect((await alice.call(get(deep))).codes).toEqual(['ErrorInvalidAttachmentId']);
    expect((await alice.call(get(outer))).codes).toEqual(['NoError']);
  });

  it.each(everyKind.map(([, item]) => item))('can be %s', async (item) => {
    const id = await created(createAppointment(hour));
    const [attached = ''] = attachmentIds((await alice.call(attach(id.Id, itemAttachment(item)))).text);
    const { text } = await alice.call(get(attached));
    expect(`<t:${all(text, 'ItemAttachment')[0]?.children.at(-1)?.name}>`).toBe(item.slice(0, item.indexOf('>') + 1));
  });

  it('is refused when it is missing, a meeting message, or more than ten deep', async () => {
    const id = await created(createAppointment(hour));
    const nested = (levels: number): string =>
      itemAttachment(`<t:Message>${levels > 1 ? list(nested(levels - 1)) : ''}</t:Message>`);
    const codes = async (attachment: string): Promise<readonly string[]> =>
      (await alice.call(attach(id.Id, attachment))).codes;
    expect(await codes(itemAttachment(''))).toEqual(['ErrorMissingItemForCreateItemAttachment']);
    expect(await codes(itemAttachment('<t:MeetingRequest/>'))).toEqual([
      'ErrorInvalidItemForOperationCreateItemAttachment',
    ]);
    expect(await codes(nested(11))).toEqual(['ErrorAttachmentNestLevelLimitExceeded']);
    expect((await shown(id.Id)).attachments).toEqual([]);
    expect(await codes(nested(10))).toEqual(['NoError']);
  });
});

describe('an occurrence', () => {
  it('becomes an exception with attachments of its own, beside those of its series', async () => {
    const recurrence =
      '<t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence><t:NumberedRecurrence><t:StartDate>2026-03-02</t:StartDate><t:NumberOfOccurrences>3</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>';
    const master = await created(createAppointment(list(file('all.txt', 'all')) + hour + recurrence));
    const occurrence = (index: number): string =>
      `<m:GetItem><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:ItemIds><t:OccurrenceItemId RecurringMasterId="${master.Id}" InstanceIndex="${index}"/></m:ItemIds></m:GetItem>`;
    const { text: second } = await alice.call(occurrence(2));
    const [inherited = ''] = attachmentIds(second);
    const answer = await alice.call(attach(ids(second)[0]?.Id ?? '', file('mine.txt', 'mine')));
    const [mine = ''] = attachmentIds(answer.text);
    const { text } = await alice.call(occurrence(2));
    expect(first(text, 'CalendarItemType')).toBe('Exception');
    expect([first(text, 'Start'), first(text, 'End')]).toEqual(['2026-03-03T08:00:00Z', '2026-03-03T09:00:00Z']);
    expect(attachmentIds(text)).toEqual([inherited, mine]);
    expect((await shown(master.Id)).attachments).toHaveLength(1);
    expect(attachmentIds((await alice.call(occurrence(3))).text)).toHaveLength(1);
    const id = `<t:ItemId Id="${ids(text)[0]?.Id}" ChangeKey="${ids(text)[0]?.ChangeKey}"/>`;
    await alice.call(update(id, setField('item:Subject', '<t:Subject>changed</t:Subject>')));
    await alice.call(detach(inherited));
    const { text: left } = await alice.call(occurrence(2));
    expect([first(left, 'Subject'), ...attachmentIds(left)]).toEqual(['changed', mine]);
    expect((await shown(master.Id)).attachments).toHaveLength(1);
  });
});

describe('an id', () => {
  it('of no attachment is refused by code', async () => {
    const { Id } = await created(createAppointment(hour));
    expect((await alice.call(get(Id, '', 'bm9uc2Vuc2U='))).codes).toEqual([
      'ErrorInvalidAttachmentId',
      'ErrorInvalidIdEmpty',
      'ErrorInvalidIdMalformed',
    ]);
    const [attached = ''] = attachmentIds((await alice.call(attach(Id, file('a', '1')))).text);
    expect((await alice.call(getItems([{ Id: attached }]))).codes).toEqual(['ErrorInvalidIdMalformed']);
  });
});
