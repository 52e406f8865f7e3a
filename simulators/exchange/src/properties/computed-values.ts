// Properties that the server works out when asked: who, when, what kind, and the properties of MAPI that clients search by.

import { attachmentBytes } from '../store/attachments.ts';
import { attachmentsOf, type ItemView } from '../store/item-view.ts';
import { zoneOf } from '../store/item-zone.ts';
import { globalObjectIdBytes, uidOf, withInstanceDate } from '../store/uid.ts';
import { isMessage } from '../store/values.ts';
import { writeDateTime } from '../time/date-time.ts';
import { wallClockOf } from '../time/zone-arithmetic.ts';
import { branch, type Tree } from '../xml/tree.ts';
import { element, escapeText, textElement } from '../xml/writer.ts';
import { writeAttachment } from './attachment-writer.ts';
import { bodyAs } from './body-format.ts';
import { isBody } from './value-writer.ts';

/** A value that is written as plain text, an instant, or XML that is ready. */
export type Computed =
  | { readonly kind: 'value'; readonly value: string | number | boolean }
  | { readonly kind: 'instant'; readonly value: number }
  | { readonly kind: 'xml'; readonly content: string };

type Compute = (view: ItemView) => Computed | undefined;

const value = (of: string | number | boolean | undefined): Computed | undefined =>
  of === undefined ? undefined : { kind: 'value', value: of };
const instant = (of: number | undefined): Computed | undefined =>
  of === undefined ? undefined : { kind: 'instant', value: of };

function instantValue(view: ItemView, name: string): number | undefined {
  const found = view.values[name];
  return typeof found === 'number' ? found : undefined;
}

function textValue(view: ItemView, name: string): string | undefined {
  const found = view.values[name];
  return typeof found === 'string' ? found : undefined;
}

function treeValue(values: ItemView['values'], name: string): Tree | undefined {
  const found = values[name];
  return typeof found === 'object' && 'name' in found ? found : undefined;
}

function attendeeNames(view: ItemView, property: string): string | undefined {
  const tree = treeValue(view.values, property);
  const names = (tree?.children ?? []).map((each) => {
    const mailbox = each.name === 'Mailbox' ? each : branch(each, 'Mailbox');
    return branch(mailbox, 'Name')?.text ?? branch(mailbox, 'EmailAddress')?.text ?? '';
  });
  return names.join('; ');
}

function isMeeting(view: ItemView): boolean {
  const count = (name: string): number => treeValue(view.values, name)?.children?.length ?? 0;
  return count('RequiredAttendees') + count('OptionalAttendees') + count('Resources') > 0;
}

function durationOf(view: ItemView): string | undefined {
  const start = instantValue(view, 'Start');
  const end = instantValue(view, 'End');
  if (start === undefined || end === undefined) return undefined;
  const minutes = Math.round((end - start) / 60_000);
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  const rest = minutes % 60;
  const time = `${hours > 0 ? `${hours}H` : ''}${rest > 0 || (days === 0 && hours === 0) ? `${rest}M` : ''}`;
  return `P${days > 0 ? `${days}D` : ''}${time === '' ? '' : `T${time}`}`;
}

function wallClock(view: ItemView, name: 'Start' | 'End'): Computed | undefined {
  const at = instantValue(view, name);
  return at === undefined ? undefined : value(writeDateTime(wallClockOf(at, zoneOf(view.values))));
}

function organizer(view: ItemView): Computed {
  const tree = treeValue(view.values, 'OrganizerMailbox');
  const name = tree === undefined ? view.mailbox.identity.displayName : branch(tree, 'Name')?.text;
  const address = tree === undefined ? view.mailbox.identity.address : branch(tree, 'EmailAddress')?.text;
  const content = `${textElement('t:Name', name)}${textElement('t:EmailAddress', address)}<t:RoutingType>SMTP</t:RoutingType><t:MailboxType>Mailbox</t:MailboxType>`;
  return { kind: 'xml', content: element('t:Mailbox', {}, content) };
}

/** The acts that are open to the one who looks: the organizer cancels, an attendee answers. */
function responseObjects(view: ItemView): Computed | undefined {
  const answers = '<t:AcceptItem/><t:TentativelyAcceptItem/><t:DeclineItem/>';
  if (view.item.kind === 'MeetingRequest') return { kind: 'xml', content: answers };
  if (view.item.kind !== 'CalendarItem' || !isMeeting(view)) return undefined;
  if (view.values['OrganizerMailbox'] === undefined) return { kind: 'xml', content: '<t:CancelCalendarItem/>' };
  return { kind: 'xml', content: view.values['Cancelled'] === true ? '<t:RemoveItem/>' : answers };
}

/** Bits: 1 for a meeting, 2 for one that was received, 4 for one that is cancelled. */
export function meetingState(view: ItemView): number {
  const received = view.values['OrganizerMailbox'] === undefined ? 0 : 2;
  return (isMeeting(view) || received > 0 ? 1 : 0) + received + (view.values['Cancelled'] === true ? 4 : 0);
}

function sizeOf(view: ItemView): number {
  const attached = attachmentsOf(view).reduce((sum, each) => sum + attachmentBytes(each), 0);
  const body = view.values['Body'];
  return 2000 + (textValue(view, 'Subject')?.length ?? 0) * 2 + (isBody(body) ? body.text.length * 2 : 0) + attached;
}

function attachments(view: ItemView): Computed | undefined {
  const content = attachmentsOf(view).map((each) => writeAttachment(view, each, ''));
  return content.length === 0 ? undefined : { kind: 'xml', content: content.join('') };
}

function completeName(view: ItemView): Computed | undefined {
  const parts = [
    textElement('t:FirstName', textValue(view, 'GivenName')),
    textElement('t:MiddleName', textValue(view, 'MiddleName')),
    textElement('t:LastName', textValue(view, 'Surname')),
    textElement('t:Suffix', textValue(view, 'Generation')),
    textElement('t:Initials', textValue(view, 'Initials')),
    textElement('t:FullName', textValue(view, 'DisplayName')),
    textElement('t:Nickname', textValue(view, 'Nickname')),
  ].join('');
  return parts === '' ? undefined : { kind: 'xml', content: parts };
}

/** True for what belongs to a series; its master says false, as the real server's does. */
const isRecurring: Compute = (view) =>
  value(view.item.kind === 'Task' ? view.values['Recurrence'] !== undefined : view.originalStartMs !== undefined);

function reminderNext(view: ItemView): Computed | undefined {
  const minutes = view.values['ReminderMinutesBeforeStart'];
  const start = instantValue(view, 'Start');
  if (view.values['ReminderIsSet'] !== true || start === undefined) return undefined;
  return instant(start - (typeof minutes === 'number' ? minutes : 0) * 60_000);
}

function plainBody(view: ItemView): Computed | undefined {
  const body = view.values['Body'];
  return isBody(body) ? { kind: 'xml', content: escapeText(bodyAs(body, 'Text').text) } : undefined;
}

/** By element name. What is missing here and not stored has no value. */
export const computedValues: Readonly<Record<string, Compute>> = {
  Size: (view) => value(sizeOf(view)),
  DateTimeCreated: (view) => instant(view.item.createdAtMs),
  DateTimeReceived: (view) => instant(view.item.createdAtMs),
  DateTimeSent: (view) => instant(view.item.createdAtMs),
  LastModifiedName: (view) => value(view.item.modifiedBy),
  LastModifiedTime: (view) => instant(view.item.modifiedAtMs),
  IsAssociated: () => value(false),
  IsSubmitted: () => value(false),
  IsDraft: () => value(false),
  IsFromMe: () => value(false),
  IsResend: () => value(false),
  IsUnmodified: () => value(false),
  HasAttachments: (view) => value(attachmentsOf(view).some((each) => !each.isInline)),
  Attachments: attachments,
  DisplayCc: (view) => value(attendeeNames(view, 'OptionalAttendees')),
  DisplayTo: (view) => value(attendeeNames(view, isMessage(view.item.kind) ? 'ToRecipients' : 'RequiredAttendees')),
  ReminderNextTime: reminderNext,
  TextBody: plainBody,
  UID: (view) => value(uidOf(view.mailbox.identity.guid, view.item)),
  RecurrenceId: (view) => instant(view.originalStartMs),
  DateTimeStamp: (view) => instant(view.item.createdAtMs),
  OriginalStart: (view) => instant(view.originalStartMs),
  IsMeeting: (view) => value((meetingState(view) & 1) === 1),
  IsCancelled: (view) => value((meetingState(view) & 4) === 4),
  IsRecurring: isRecurring,
  MeetingRequestWasSent: (view) => value(view.values['RequestSent'] === true),
  CalendarItemType: (view) => value(view.calendarType),
  MyResponseType: (view) => value(textValue(view, 'MyResponse') ?? (isMeeting(view) ? 'Organizer' : 'Unknown')),
  Organizer: organizer,
  Duration: (view) => value(durationOf(view)),
  TimeZone: (view) => value(textValue(view, 'StartTimeZone')),
  AppointmentReplyTime: (view) => instant(instantValue(view, 'ReplyTimeMs')),
  AppointmentSequenceNumber: (view) => value(Number(view.values['Sequence'] ?? 0)),
  AppointmentState: (view) => value(meetingState(view)),
  StartWallClock: (view) => wallClock(view, 'Start'),
  EndWallClock: (view) => wallClock(view, 'End'),
  StartTimeZoneId: (view) => value(textValue(view, 'StartTimeZone')),
  EndTimeZoneId: (view) => value(textValue(view, 'EndTimeZone')),
  IsDelegated: () => value(false),
  IsOutOfDate: () => value(false),
  HasBeenProcessed: () => value(true),
  ResponseObjects: responseObjects,
  IsOrganizer: (view) => value(view.values['OrganizerMailbox'] === undefined),
  CompleteName: completeName,
  HasPicture: () => value(false),
  IsComplete: (view) => value(view.values['Status'] === 'Completed'),
  IsTeamTask: () => value(false),
  IsAssignmentEditable: () => value(0),
  ChangeCount: (view) => value(Object.keys(view.item.written ?? {}).length + 1),
  Owner: (view) => value(view.mailbox.identity.displayName),
};

const appointmentSet = '00062002-0000-0000-c000-000000000046';
const meetingSet = '6ed8da90-450b-101b-98da-00aa003f1305';

/** MAPI properties that a client may read and search although nobody stored them. Keys as in extended-path. */
export const computedExtended: Readonly<Record<string, (view: ItemView) => string | undefined>> = {
  [`${meetingSet}:#35:Binary`]: (view) =>
    view.item.kind === 'CalendarItem'
      ? globalObjectIdBytes(uidOf(view.mailbox.identity.guid, view.item)).toString('base64')
      : undefined,
  [`${meetingSet}:#3:Binary`]: (view) => {
    if (view.item.kind !== 'CalendarItem') return undefined;
    const bytes = globalObjectIdBytes(uidOf(view.mailbox.identity.guid, view.item));
    if (view.originalStartMs === undefined) return bytes.toString('base64');
    return withInstanceDate(bytes, wallClockOf(view.originalStartMs, zoneOf(view.values))).toString('base64');
  },
  // PR_INTERNET_ARTICLE_NUMBER and PR_LAST_MODIFICATION_TIME: the store gives them to every item.
  'tag:e23:Integer': (view) => String(view.item.birth % 2 ** 31),
  'tag:3008:SystemTime': (view) => writeDateTime(view.item.modifiedAtMs),
  [`${appointmentSet}:#33293:Boolean`]: (view) =>
    view.item.kind === 'CalendarItem' ? String(view.values['Recurrence'] !== undefined) : undefined,
};
