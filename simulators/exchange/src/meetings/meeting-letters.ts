// The letters of meetings: what a request, an answer and a cancellation carry of the appointment that they are about.
import type { Item } from '../store/folder.ts';
import type { ItemView } from '../store/item-view.ts';
import { uidOf } from '../store/uid.ts';
import type { PropertyValue } from '../store/values.ts';
import { personTree, type ResponseType } from './attendees.ts';
import type { Letter } from './sending.ts';

type Values = Record<string, PropertyValue>;

const ofAppointment = [
  'Subject',
  'Body',
  'Start',
  'End',
  'StartTimeZone',
  'EndTimeZone',
  'IsAllDayEvent',
  'Location',
  'Recurrence',
  'Sensitivity',
  'Importance',
  'RequiredAttendees',
  'OptionalAttendees',
  'Resources',
  'Sequence',
];

function pick(values: ItemView['values'], names: readonly string[]): Values {
  return Object.fromEntries(names.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])));
}

/** The organizer as a copy or a letter keeps him. */
export function organizerOf({ mailbox, item }: ItemView): PropertyValue {
  return item.values['OrganizerMailbox'] ?? personTree(mailbox.identity);
}

function about(view: ItemView): Values {
  return {
    ...pick(view.values, ofAppointment),
    UID: uidOf(view.mailbox.identity.guid, view.item),
    OrganizerMailbox: organizerOf(view),
  };
}

/** @param type whether it is new, asks for a new answer, or informs only */
export function requestLetter(
  view: ItemView,
  type: 'NewMeetingRequest' | 'FullUpdate' | 'InformationalUpdate',
): Pick<Letter, 'kind' | 'values' | 'uid' | 'extended'> {
  const busy = view.values['LegacyFreeBusyStatus'] ?? 'Busy';
  const values = {
    ...about(view),
    MeetingRequestType: type,
    IntendedFreeBusyStatus: busy,
    LegacyFreeBusyStatus: 'Tentative',
    MyResponse: 'NoResponseReceived',
    RequestSent: true,
  };
  return { kind: 'MeetingRequest', values, uid: uidOfView(view), extended: view.extended };
}

const answers = {
  Accept: { subject: 'Accepted', itemClass: 'IPM.Schedule.Meeting.Resp.Pos' },
  Tentative: { subject: 'Tentative', itemClass: 'IPM.Schedule.Meeting.Resp.Tent' },
  Decline: { subject: 'Declined', itemClass: 'IPM.Schedule.Meeting.Resp.Neg' },
} as const;

/** @param body what the attendee wrote */
export function responseLetter(
  view: ItemView,
  response: ResponseType,
  body: PropertyValue | undefined,
): Pick<Letter, 'kind' | 'values' | 'uid' | 'response'> {
  const { subject, itemClass } = answers[response];
  const { Body: _own, ...rest } = about(view);
  const values = {
    ...rest,
    Subject: `${subject}: ${view.values['Subject'] ?? ''}`,
    ItemClass: itemClass,
    ResponseType: response,
    ...(body === undefined ? {} : { Body: body }),
  };
  return { kind: 'MeetingResponse', values, uid: uidOfView(view), response };
}

/** @param body what the organizer wrote */
export function cancellationLetter(
  view: ItemView,
  body: PropertyValue | undefined,
): Pick<Letter, 'kind' | 'values' | 'uid'> {
  const values = {
    ...about(view),
    Subject: canceled(view.item),
    Cancelled: true,
    ...(body === undefined ? {} : { Body: body }),
  };
  return { kind: 'MeetingCancellation', values, uid: uidOfView(view) };
}

/** The subject of what was cancelled. */
export function canceled(item: Item): string {
  return `Canceled: ${item.values['Subject'] ?? ''}`;
}

function uidOfView({ mailbox, item }: ItemView): string {
  return uidOf(mailbox.identity.guid, item);
}
