// Meetings between mailboxes of the same server.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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

  it('tells the organizer who accepted, and changes with the organizer', async () => {
    const id = await meet();
    const [copy] = await copies();
    expect((await bob.call(answer('AcceptItem', copy ?? id))).codes).toEqual(['NoError']);
    expect(first((await alice.call(getItems([id]))).text, 'ResponseType')).toBe('Accept');
    const later = setField('calendar:End', '<t:End>2026-03-02T10:00:00Z</t:End>');
    await alice.call(send(update(writeItemId(id), later, 'AlwaysOverwrite')));
    const his = (await bob.call(getItems(await copies()))).text;
    expect([first(his, 'End'), first(his, 'MyResponseType'), first(his, 'LegacyFreeBusyStatus')]).toEqual([
      '2026-03-02T10:00:00Z',
      'Accept',
      'Busy',
    ]);
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
});
