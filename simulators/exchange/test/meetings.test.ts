// Meetings between mailboxes of the same server.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { XmlElement } from '../src/xml/element.ts';
import { all, type EwsClient, first, type ItemId, ids, writeItemId } from './ews-client.ts';
import { allProperties, createAppointment, getItems, hour, remove, setField, sync, update } from './requests.ts';
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

const invited = `<t:Subject>plan</t:Subject>${hour}<t:RequiredAttendees><t:Attendee><t:Mailbox><t:EmailAddress>bob@lockstep.test</t:EmailAddress></t:Mailbox></t:Attendee></t:RequiredAttendees>`;
const send = (request: string): string => request.replaceAll('"SendToNone"', '"SendToAllAndSaveCopy"');

async function meet(): Promise<ItemId> {
  const [id] = ids((await alice.call(send(createAppointment(invited)))).text);
  if (id === undefined) throw new Error('nothing was created');
  return id;
}

async function copies(): Promise<readonly ItemId[]> {
  return ids((await bob.call(sync(undefined))).text);
}

const answer = (kind: string, { Id }: ItemId): string =>
  `<m:CreateItem MessageDisposition="SendAndSaveCopy"><m:Items><t:${kind}><t:ReferenceItemId Id="${Id}"/></t:${kind}></m:Items></m:CreateItem>`;

describe('a meeting', () => {
  it('stands in the calendars of both, with one UID, once the invitation is sent', async () => {
    await alice.call(createAppointment(invited));
    expect(await copies()).toEqual([]);
    const id = await meet();
    const [copy] = await copies();
    const mine = (await alice.call(getItems([id]))).text;
    const his = (await bob.call(getItems([copy ?? id], allProperties))).text;
    expect(first(his, 'UID')).toBe(first(mine, 'UID'));
    expect([first(mine, 'IsMeeting'), first(mine, 'MyResponseType'), first(mine, 'AppointmentState')]).toEqual([
      'true',
      'Organizer',
      '1',
    ]);
    expect([first(his, 'MyResponseType'), first(his, 'AppointmentState'), first(his, 'LegacyFreeBusyStatus')]).toEqual([
      'NoResponseReceived',
      '3',
      'Tentative',
    ]);
    expect(all(his, 'Organizer')[0]?.children[0]?.children[1]?.text).toBe('alice@lockstep.test');
  });

  it('tells the organizer who accepted, who keeps that while nothing of weight changes', async () => {
    const id = await meet();
    const [copy] = await copies();
    expect((await bob.call(answer('AcceptItem', copy ?? id))).codes).toEqual(['NoError']);
    expect(first((await alice.call(getItems([id]))).text, 'ResponseType')).toBe('Accept');
    const elsewhere = setField('calendar:Location', '<t:Location>Room 2</t:Location>');
    await alice.call(send(update(writeItemId(id), elsewhere, 'AlwaysOverwrite')));
    expect(first((await alice.call(getItems([id]))).text, 'ResponseType')).toBe('Accept');
    const his = (await bob.call(getItems(await copies()))).text;
    expect([first(his, 'Location'), first(his, 'MyResponseType'), first(his, 'LegacyFreeBusyStatus')]).toEqual([
      'Room 2',
      'Accept',
      'Busy',
    ]);
  });

  it('that the organizer moves has to be answered anew', async () => {
    const id = await meet();
    await bob.call(answer('AcceptItem', (await copies())[0] ?? id));
    const later = setField('calendar:End', '<t:End>2026-03-02T10:00:00Z</t:End>');
    await alice.call(update(writeItemId(id), later, 'AlwaysOverwrite'));
    expect(first((await alice.call(getItems([id]))).text, 'ResponseType')).toBe('Accept');
    const evenLater = setField('calendar:End', '<t:End>2026-03-02T11:00:00Z</t:End>');
    await alice.call(send(update(writeItemId(id), evenLater, 'AlwaysOverwrite')));
    expect(first((await alice.call(getItems([id]))).text, 'ResponseType')).toBe('Unknown');
    const his = (await bob.call(getItems(await copies()))).text;
    expect([first(his, 'End'), first(his, 'MyResponseType'), first(his, 'LegacyFreeBusyStatus')]).toEqual([
      '2026-03-02T11:00:00Z',
      'NoResponseReceived',
      'Tentative',
    ]);
    expect(his).not.toContain('AppointmentReplyTime');
  });

  it('cannot be moved by an attendee, who may decline it', async () => {
    const id = await meet();
    const [copy] = await copies();
    if (copy === undefined) throw new Error('there is no copy');
    const later = setField('calendar:End', '<t:End>2026-03-02T10:00:00Z</t:End>');
    expect((await bob.call(update(writeItemId(copy), later, 'AlwaysOverwrite'))).codes).toEqual([
      'ErrorCalendarIsNotOrganizer',
    ]);
    await bob.call(answer('DeclineItem', copy));
    expect(await copies()).toEqual([]);
    expect(first((await alice.call(getItems([id]))).text, 'ResponseType')).toBe('Decline');
  });

  it('that is cancelled stays with the attendee, marked', async () => {
    await alice.call(send(remove(await meet())));
    const his = (await bob.call(getItems(await copies()))).text;
    expect([first(his, 'IsCancelled'), first(his, 'Subject')]).toEqual(['true', 'Canceled: plan']);
  });

  it('can be cancelled with a few words, by its organizer alone', async () => {
    const id = await meet();
    const cancel = (item: ItemId): string =>
      `<m:CreateItem MessageDisposition="SendAndSaveCopy"><m:Items><t:CancelCalendarItem><t:ReferenceItemId Id="${item.Id}"/><t:NewBodyContent BodyType="Text">no time</t:NewBodyContent></t:CancelCalendarItem></m:Items></m:CreateItem>`;
    const [copy] = await copies();
    expect(all((await alice.call(getItems([id]))).text, 'CancelCalendarItem')).toHaveLength(1);
    expect((await bob.call(cancel(copy ?? id))).codes).toEqual(['ErrorCalendarIsNotOrganizer']);
    const answered = await alice.call(cancel(id));
    expect([answered.codes, all(answered.text, 'MeetingCancellation')]).toMatchObject([['NoError'], { length: 1 }]);
    expect((await alice.call(getItems([id]))).codes).toEqual(['ErrorItemNotFound']);
    const [told] = await inbox(bob);
    expect([told?.name, text(told, 'Body'), text(told, 'Subject')]).toEqual([
      'MeetingCancellation',
      'no time',
      'Canceled: plan',
    ]);
    await bob.call(answer('RemoveItem', copy ?? id));
    expect(await copies()).toEqual([]);
  });

  it('is told only to those who are new when only they shall know, and to those who are no longer invited', async () => {
    const id = await meet();
    const people = (...names: readonly string[]): string =>
      `<t:RequiredAttendees>${names.map((name) => `<t:Attendee><t:Mailbox><t:EmailAddress>${name}@lockstep.test</t:EmailAddress></t:Mailbox></t:Attendee>`).join('')}</t:RequiredAttendees>`;
    const invite = (...names: readonly string[]): Promise<unknown> =>
      alice.call(
        update(writeItemId(id), setField('calendar:RequiredAttendees', people(...names)), 'AlwaysOverwrite').replace(
          '"SendToNone"',
          '"SendOnlyToChanged"',
        ),
      );
    await invite('bob', 'carol');
    await invite('carol');
    expect((await outbox()).map(({ kind, to }) => [kind, to])).toEqual([
      ['MeetingRequest', ['bob@lockstep.test']],
      ['MeetingRequest', ['carol@lockstep.test']],
      ['MeetingCancellation', ['bob@lockstep.test']],
    ]);
    expect(first((await bob.call(getItems(await copies()))).text, 'IsCancelled')).toBe('true');
  });
});

interface Sent {
  readonly kind: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly response?: string;
}

async function outbox(): Promise<readonly Sent[]> {
  return ((await server.control('GET', 'outbox')) as { readonly messages: readonly Sent[] }).messages;
}

const text = (item: XmlElement | undefined, name: string): string | undefined =>
  item?.children.find((child) => child.name === name)?.text;

/** What lies in a folder, newest first, in full. */
async function lying(who: EwsClient, folder: string): Promise<readonly XmlElement[]> {
  const found = ids((await who.call(sync(undefined, 512, `<t:DistinguishedFolderId Id="${folder}"/>`))).text);
  if (found.length === 0) return [];
  return all((await who.call(getItems(found))).text, 'Items').flatMap((each) => each.children);
}
const inbox = (who: EwsClient): Promise<readonly XmlElement[]> => lying(who, 'inbox');

describe('the messages of a meeting', () => {
  it('are in the inbox of the attendee, in Sent Items of the organizer, and in the outbox', async () => {
    const id = await meet();
    const [request] = await inbox(bob);
    const [copy] = await copies();
    expect([request?.name, text(request, 'ItemClass'), text(request, 'MeetingRequestType')]).toEqual([
      'MeetingRequest',
      'IPM.Schedule.Meeting.Request',
      'NewMeetingRequest',
    ]);
    expect(request?.children.find((each) => each.name === 'AssociatedCalendarItemId')?.attributes['Id']).toBe(copy?.Id);
    expect([text(request, 'Start'), text(request, 'UID')]).toEqual([
      '2026-03-02T08:00:00Z',
      first((await alice.call(getItems([id]))).text, 'UID'),
    ]);
    expect((await lying(alice, 'sentitems')).map((each) => each.name)).toEqual(['MeetingRequest']);
    expect(await outbox()).toMatchObject([
      { kind: 'MeetingRequest', from: 'alice@lockstep.test', to: ['bob@lockstep.test'], subject: 'plan' },
    ]);
  });

  it('leave no copy behind when none was asked for', async () => {
    await alice.call(createAppointment(invited).replace('"SendToNone"', '"SendOnlyToAll"'));
    expect(await lying(alice, 'sentitems')).toEqual([]);
    expect(await inbox(bob)).toHaveLength(1);
  });

  it('are noted for people without a mailbox too, and for nobody with SendToNone', async () => {
    const outside = invited.replace('bob@lockstep.test', 'eve@elsewhere.test');
    const [id] = ids((await alice.call(createAppointment(outside))).text);
    if (id === undefined) throw new Error('nothing was created');
    await alice.call(update(writeItemId(id), setField('item:Subject', '<t:Subject>x</t:Subject>'), 'AlwaysOverwrite'));
    await alice.call(remove(id));
    expect(await outbox()).toEqual([]);
    await alice.call(send(createAppointment(outside)));
    expect(await outbox()).toMatchObject([{ kind: 'MeetingRequest', to: ['eve@elsewhere.test'] }]);
  });

  it('answer a request from the inbox, which leaves it', async () => {
    const id = await meet();
    const [request] = await inbox(bob);
    const requestId = request?.children.find((each) => each.name === 'ItemId')?.attributes['Id'] ?? '';
    const accepted = await bob.call(answer('AcceptItem', { Id: requestId, ChangeKey: '' }));
    expect(accepted.codes).toEqual(['NoError']);
    expect(all(accepted.text, 'Items')[0]?.children.map((each) => each.name)).toEqual([
      'MeetingResponse',
      'CalendarItem',
      'MeetingRequest',
    ]);
    expect(await inbox(bob)).toEqual([]);
    const mine = (await alice.call(getItems([id]))).text;
    expect([first(mine, 'ResponseType'), first(mine, 'LastResponseTime')]).toEqual(['Accept', expect.any(String)]);
    const [response] = await inbox(alice);
    expect([
      response?.name,
      text(response, 'ItemClass'),
      text(response, 'Subject'),
      text(response, 'ResponseType'),
    ]).toEqual(['MeetingResponse', 'IPM.Schedule.Meeting.Resp.Pos', 'Accepted: plan', 'Accept']);
    expect((await outbox()).at(-1)).toMatchObject({
      kind: 'MeetingResponse',
      to: ['alice@lockstep.test'],
      response: 'Accept',
    });
  });

  it('are not sent by an answer that is saved only', async () => {
    const id = await meet();
    const [copy] = await copies();
    await bob.call(answer('AcceptItem', copy ?? id).replace('SendAndSaveCopy', 'SaveOnly'));
    expect(first((await bob.call(getItems(await copies()))).text, 'MyResponseType')).toBe('Accept');
    expect(first((await alice.call(getItems([id]))).text, 'ResponseType')).not.toBe('Accept');
    expect(await inbox(alice)).toEqual([]);
    expect(await outbox()).toHaveLength(1);
  });

  it.each(['not an address', '', 'a@b@c', 'bob'])('are refused for %j, and nothing is saved', async (address) => {
    const wrong = invited.replace('bob@lockstep.test', address);
    const refused = await alice.call(send(createAppointment(wrong)));
    expect(refused.codes).toEqual([address === '' ? 'ErrorSchemaValidation' : 'ErrorInvalidRecipients']);
    expect(ids((await alice.call(sync(undefined))).text)).toEqual([]);
    expect(await outbox()).toEqual([]);
  });

  it('are sent as plain messages too, to people who exist and others', async () => {
    const message = (to: string): string =>
      `<m:CreateItem MessageDisposition="SendAndSaveCopy"><m:Items><t:Message><t:Subject>hello</t:Subject><t:ToRecipients><t:Mailbox><t:EmailAddress>${to}</t:EmailAddress></t:Mailbox></t:ToRecipients></t:Message></m:Items></m:CreateItem>`;
    expect((await alice.call(message('bob@lockstep.test'))).codes).toEqual(['NoError']);
    expect((await alice.call(message('nobody'))).codes).toEqual(['ErrorInvalidRecipients']);
    expect((await inbox(bob)).map((each) => [each.name, text(each, 'Subject')])).toEqual([['Message', 'hello']]);
    expect(await outbox()).toMatchObject([{ kind: 'Message', to: ['bob@lockstep.test'] }]);
  });
});
