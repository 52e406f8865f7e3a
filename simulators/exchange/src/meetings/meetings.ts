// Meetings between mailboxes of this server: the organizer's item, and a copy in the calendar of each attendee that shares its UID.
// Copies follow only when invitations are sent; with SendToNone each person is alone with his own item.

import type { CallContext } from '../caller/call-context.ts';
import { EwsError } from '../soap/ews-error.ts';
import type { Item } from '../store/folder.ts';
import { type ItemView, viewOf } from '../store/item-view.ts';
import type { Mailbox } from '../store/mailbox.ts';
import { uidOf } from '../store/uid.ts';
import type { PropertyValue } from '../store/values.ts';
import { branch, leaf, type Tree } from '../xml/tree.ts';

export type ResponseType = 'Accept' | 'Tentative' | 'Decline';

const attendeeLists = ['RequiredAttendees', 'OptionalAttendees', 'Resources'];
/** What an attendee may not change in his copy. */
const organizersOwn = ['Start', 'End', 'IsAllDayEvent', 'Recurrence', ...attendeeLists];
/** What stays each person's own when the organizer sends an update. */
const personal = [
  'ReminderIsSet',
  'ReminderMinutesBeforeStart',
  'Categories',
  'MyResponse',
  'LegacyFreeBusyStatus',
  'Sensitivity',
  'ReplyTimeMs',
];

function treeOf(value: PropertyValue | undefined): Tree | undefined {
  return typeof value === 'object' && 'name' in value ? value : undefined;
}

function attendeesOf(item: Item, context: CallContext): readonly Mailbox[] {
  const entries = attendeeLists.flatMap((name) => treeOf(item.values[name])?.children ?? []);
  const addresses = new Set(entries.map((entry) => leaf(branch(entry, 'Mailbox'), 'EmailAddress') ?? ''));
  return [...addresses].flatMap((address) => context.directory.mailbox(address) ?? []);
}

function copyIn(mailbox: Mailbox, uid: string): Item | undefined {
  for (const item of mailbox.folder('calendar').items.values()) {
    if (item.values['UID'] === uid) return item;
  }
  return undefined;
}

function organizerTree({ identity }: Mailbox): Tree {
  const children = [
    { name: 'Name', text: identity.displayName },
    { name: 'EmailAddress', text: identity.address },
  ];
  return { name: 'Mailbox', children };
}

/** Puts or renews the copies of the attendees. Nothing happens with SendToNone, or without attendees. */
export function sendInvitations({ mailbox, item }: ItemView, how: string | undefined, context: CallContext): void {
  if (how === undefined || how === 'SendToNone' || item.values['OrganizerMailbox'] !== undefined) return;
  const attendees = attendeesOf(item, context).filter((each) => each !== mailbox);
  if (attendees.length === 0) return;
  const sequence = item.values['RequestSent'] === true ? Number(item.values['Sequence'] ?? 0) + 1 : 0;
  item.values = { ...item.values, RequestSent: true, Sequence: sequence };
  const uid = uidOf(mailbox.identity.guid, item);
  const values = { ...item.values, UID: uid, OrganizerMailbox: organizerTree(mailbox), Sequence: sequence };
  for (const attendee of attendees) invite(attendee, uid, values, item, mailbox.identity.displayName);
}

function invite(attendee: Mailbox, uid: string, values: Item['values'], source: Item, author: string): void {
  const copy = copyIn(attendee, uid);
  if (copy === undefined) {
    const fresh = { ...values, MyResponse: 'NoResponseReceived', LegacyFreeBusyStatus: 'Tentative' };
    attendee.create(
      attendee.folder('calendar'),
      { kind: 'CalendarItem', values: fresh, extended: source.extended },
      author,
    );
    return;
  }
  const kept = Object.fromEntries(
    personal.flatMap((name) => (copy.values[name] === undefined ? [] : [[name, copy.values[name]]])),
  );
  const { exceptions, deletions } = source;
  attendee.change(
    copy,
    {
      values: { ...values, ...kept },
      extended: copy.extended,
      exceptions,
      deletions,
      touched: ['Start', 'End', 'Subject'],
    },
    author,
  );
}

/** Marks the copies of the attendees as cancelled. */
export function sendCancellations({ mailbox, item }: ItemView, how: string | undefined, context: CallContext): void {
  if (how === undefined || how === 'SendToNone' || item.values['RequestSent'] !== true) return;
  const uid = uidOf(mailbox.identity.guid, item);
  for (const attendee of attendeesOf(item, context)) {
    const copy = copyIn(attendee, uid);
    if (copy === undefined) continue;
    const values = {
      ...copy.values,
      Cancelled: true,
      LegacyFreeBusyStatus: 'Free',
      Subject: `Canceled: ${copy.values['Subject'] ?? ''}`,
    };
    attendee.change(
      copy,
      { values, extended: copy.extended, touched: ['Subject', 'LegacyFreeBusyStatus'] },
      mailbox.identity.displayName,
    );
  }
}

/** @throws EwsError when an attendee changes what is the organizer's */
export function refuseAttendee(
  view: ItemView,
  touched: readonly string[],
  updated: Readonly<Record<string, PropertyValue>>,
): void {
  if (view.item.values['OrganizerMailbox'] === undefined) return;
  const changed = touched.filter((name) => JSON.stringify(updated[name]) !== JSON.stringify(view.values[name]));
  if (changed.some((name) => organizersOwn.includes(name))) throw new EwsError('ErrorCalendarIsNotOrganizer');
}

const busyAfter = { Accept: 'Busy', Tentative: 'Tentative', Decline: 'Free' } as const;

/** An attendee answers: his copy keeps it, the organizer's item learns of it. A declined copy goes to Deleted Items. */
export function respond({ mailbox, item }: ItemView, response: ResponseType, context: CallContext): void {
  const organizerAddress = leaf(treeOf(item.values['OrganizerMailbox']), 'EmailAddress');
  if (organizerAddress === undefined)
    throw new EwsError('ErrorCalendarIsOrganizerForAccept', 'The organizer cannot respond to his own meeting.');
  if (item.values['Cancelled'] === true)
    throw new EwsError('ErrorCalendarIsCancelledForAccept', 'The meeting was cancelled.');
  const author = mailbox.identity.displayName;
  const answered = { MyResponse: response, LegacyFreeBusyStatus: busyAfter[response], ReplyTimeMs: context.nowMs() };
  mailbox.change(
    item,
    { values: { ...item.values, ...answered }, extended: item.extended, touched: Object.keys(answered) },
    author,
  );
  const uid = uidOf(mailbox.identity.guid, item);
  if (response === 'Decline') mailbox.move(item, mailbox.folder('deleteditems'));
  const organizer = context.directory.mailbox(organizerAddress);
  if (organizer !== undefined) learn(organizer, uid, mailbox, response);
}

function learn(organizer: Mailbox, uid: string, attendee: Mailbox, response: ResponseType): void {
  const items = [...organizer.folder('calendar').items.values()];
  const item = items.find((each) => uidOf(organizer.identity.guid, each) === uid);
  if (item === undefined) return;
  const address = attendee.identity.address.toLowerCase();
  const values = { ...item.values };
  for (const name of attendeeLists) {
    const list = treeOf(values[name]);
    if (list !== undefined)
      values[name] = { ...list, children: (list.children ?? []).map((each) => withResponse(each, address, response)) };
  }
  organizer.change(
    viewOf(organizer, item).item,
    { values, extended: item.extended, touched: attendeeLists },
    attendee.identity.displayName,
  );
}

function withResponse(entry: Tree, address: string, response: ResponseType): Tree {
  const mailbox = branch(entry, 'Mailbox');
  if (mailbox === undefined || leaf(mailbox, 'EmailAddress')?.toLowerCase() !== address) return entry;
  return { name: entry.name, children: [mailbox, { name: 'ResponseType', text: response }] };
}
