// Meetings between mailboxes of this server: the organizer's item, and a copy in the calendar of each attendee that shares its
// UID. Copies follow only when invitations are sent; with SendToNone each person is alone with his own item.
import type { CallContext } from '../caller/call-context.ts';
import { EwsError } from '../soap/ews-error.ts';
import type { Item } from '../store/folder.ts';
import { type ItemView, viewOf } from '../store/item-view.ts';
import type { Mailbox } from '../store/mailbox.ts';
import { uidOf } from '../store/uid.ts';
import type { PropertyValue } from '../store/values.ts';
import { addressesOf, attendeeLists, refuseInvalidAddresses, withoutAnswers } from './attendees.ts';
import { cancelCopies } from './cancellations.ts';
import { organizerOf, requestLetter } from './meeting-letters.ts';
import { sendLetter } from './sending.ts';

/** What an attendee may not change in his copy. */
const organizersOwn = ['Start', 'End', 'IsAllDayEvent', 'Recurrence', ...attendeeLists];
/** What stays each person's own when the organizer sends an update. */
const personal = ['ReminderIsSet', 'ReminderMinutesBeforeStart', 'Categories', 'Sensitivity'];
/** What is kept besides, unless the update asks for a new answer. */
const answer = ['MyResponse', 'LegacyFreeBusyStatus', 'ReplyTimeMs'];

type Values = ItemView['values'];

/** How invitations are sent, from the attribute of the request; undefined when none are. */
export interface Sending {
  readonly saveCopy: boolean;
  readonly changedOnly: boolean;
}

export function readSending(how: string | undefined): Sending | undefined {
  if (how === undefined || how === 'SendToNone') return undefined;
  return { saveCopy: how.endsWith('SaveCopy'), changedOnly: how.includes('Changed') };
}

/** @throws EwsError before anything is saved, when an invitation could not be sent */
export function refuseUnsendable(values: Values, how: string | undefined): void {
  if (readSending(how) !== undefined) refuseInvalidAddresses(addressesOf(values));
}

/**
 * Sends requests to the attendees and renews their copies; those who are no longer invited get a cancellation.
 * @param before the values of an update before it; undefined for a new meeting
 */
export function sendInvitations(
  view: ItemView,
  before: Values | undefined,
  how: string | undefined,
  context: CallContext,
): void {
  const sending = readSending(how);
  const { mailbox, item } = view;
  if (sending === undefined || item.values['OrganizerMailbox'] !== undefined) return;
  const self = mailbox.identity.address.toLowerCase();
  const invited = addressesOf(view.values).filter((each) => each.toLowerCase() !== self);
  const earlier = before === undefined || item.values['RequestSent'] !== true ? [] : addressesOf(before);
  const gone = earlier.filter((each) => !includes(invited, each));
  if (gone.length > 0) cancelCopies(view, gone, { saveCopy: sending.saveCopy, body: undefined }, context);
  const to = sending.changedOnly ? invited.filter((each) => !includes(earlier, each)) : invited;
  if (to.length === 0) return;
  const resent = item.values['RequestSent'] === true;
  const moved = resent && before !== undefined && view.originalStartMs === undefined && !sameTimes(before, view.values);
  item.values = {
    ...(moved ? withoutAnswers(item.values) : item.values),
    RequestSent: true,
    Sequence: resent ? Number(item.values['Sequence'] ?? 0) + 1 : 0,
  };
  const current = view.originalStartMs === undefined ? viewOf(mailbox, item) : view;
  const type = !resent ? 'NewMeetingRequest' : moved ? 'FullUpdate' : 'InformationalUpdate';
  for (const address of to) {
    const attendee = context.directory.mailbox(address);
    if (attendee !== undefined) invite(attendee, viewOf(mailbox, item), moved);
  }
  sendLetter(mailbox, { ...requestLetter(current, type), to, saveCopy: sending.saveCopy }, context);
}

/** Whether people who said yes would come at the right time. */
function sameTimes(a: Values, b: Values): boolean {
  const times = ['Start', 'End', 'IsAllDayEvent', 'Recurrence'];
  return times.every((name) => JSON.stringify(a[name]) === JSON.stringify(b[name]));
}

function includes(addresses: readonly string[], wanted: string): boolean {
  return addresses.some((each) => each.toLowerCase() === wanted.toLowerCase());
}

function invite(attendee: Mailbox, view: ItemView, moved: boolean): void {
  const { mailbox, item } = view;
  const author = mailbox.identity.displayName;
  const uid = uidOf(mailbox.identity.guid, item);
  const values = { ...item.values, UID: uid, OrganizerMailbox: organizerOf(view) };
  const open = { MyResponse: 'NoResponseReceived', LegacyFreeBusyStatus: 'Tentative' };
  const copy = attendee.appointmentByUid(uid);
  const { exceptions, deletions } = item;
  if (copy === undefined) {
    const draft = { kind: 'CalendarItem', values: { ...values, ...open }, extended: item.extended } as const;
    const made = attendee.create(attendee.folder('calendar'), draft, author);
    Object.assign(made, exceptions === undefined ? {} : { exceptions }, deletions === undefined ? {} : { deletions });
    return;
  }
  const kept = pick(copy, moved ? personal : [...personal, ...answer]);
  const { ReplyTimeMs: _answered, ...fresh } = values as Record<string, PropertyValue>;
  attendee.change(
    copy,
    {
      values: { ...fresh, ...open, ...kept },
      extended: copy.extended,
      exceptions,
      deletions,
      touched: ['Start', 'End', 'Subject', ...(moved ? answer : [])],
    },
    author,
  );
}

function pick(copy: Item, names: readonly string[]): Record<string, PropertyValue> {
  return Object.fromEntries(
    names.flatMap((name) => (copy.values[name] === undefined ? [] : [[name, copy.values[name]]])),
  );
}

/** @throws EwsError when an attendee changes what is the organizer's */
export function refuseAttendee(view: ItemView, touched: readonly string[], updated: Values): void {
  if (view.item.values['OrganizerMailbox'] === undefined) return;
  const changed = touched.filter((name) => JSON.stringify(updated[name]) !== JSON.stringify(view.values[name]));
  if (changed.some((name) => organizersOwn.includes(name))) throw new EwsError('ErrorCalendarIsNotOrganizer');
}
