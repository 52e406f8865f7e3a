// What clients send as an item to create although it is an act: accept, accept tentatively, decline, cancel, remove.
import type { CallContext } from '../caller/call-context.ts';
import { findItem } from '../caller/find-objects.ts';
import { writeItemId } from '../properties/item-writer.ts';
import { itemId } from '../schema/common-types.ts';
import { type ElementType, one, open, optional, required, sequence, text } from '../schema/schema.ts';
import { anyText, boolean, dateTime, oneOf } from '../schema/simple-types.ts';
import { EwsError } from '../soap/ews-error.ts';
import type { Item } from '../store/folder.ts';
import { type ItemView, viewOf } from '../store/item-view.ts';
import type { PropertyValue } from '../store/values.ts';
import { childOf, type XmlElement } from '../xml/element.ts';
import type { ResponseType } from './attendees.ts';
import { cancelMeeting } from './cancellations.ts';
import { respond } from './responses.ts';

const body = text(anyText, { BodyType: required(oneOf('HTML Text')) });
const recipients = [
  optional({ 't:ToRecipients': open }),
  optional({ 't:CcRecipients': open }),
  optional({ 't:BccRecipients': open }),
  optional({ 't:IsReadReceiptRequested': text(boolean) }),
  optional({ 't:IsDeliveryReceiptRequested': text(boolean) }),
  optional({ 't:From': open }),
];

const registration: ElementType = sequence([
  optional({ 't:ItemClass': text(anyText) }),
  optional({ 't:Sensitivity': text(oneOf('Normal Personal Private Confidential')) }),
  optional({ 't:Body': body }),
  optional({ 't:Attachments': open }),
  optional({ 't:InternetMessageHeaders': open }),
  optional({ 't:Sender': open }),
  ...recipients,
  one({ 't:ReferenceItemId': itemId }),
  optional({ 't:ProposedStart': text(dateTime) }),
  optional({ 't:ProposedEnd': text(dateTime) }),
]);
const cancellation: ElementType = sequence([
  optional({ 't:Subject': text(anyText) }),
  optional({ 't:Body': body }),
  ...recipients,
  one({ 't:ReferenceItemId': itemId }),
  optional({ 't:NewBodyContent': body }),
]);
const removal: ElementType = sequence([one({ 't:ReferenceItemId': itemId })]);

const answers: Readonly<Record<string, ResponseType>> = {
  AcceptItem: 'Accept',
  TentativelyAcceptItem: 'Tentative',
  DeclineItem: 'Decline',
};

const notMeeting: Readonly<Record<string, string>> = {
  AcceptItem: 'ErrorInvalidItemForOperationAcceptItem',
  TentativelyAcceptItem: 'ErrorInvalidItemForOperationTentative',
  DeclineItem: 'ErrorInvalidItemForOperationDeclineItem',
  CancelCalendarItem: 'ErrorInvalidItemForOperationCancelItem',
  RemoveItem: 'ErrorInvalidItemForOperationRemoveItem',
};

/** For the schema of CreateItem. */
export const responseElements: Readonly<Record<string, ElementType>> = {
  ...Object.fromEntries(Object.keys(answers).map((name) => [`t:${name}`, registration])),
  't:CancelCalendarItem': cancellation,
  't:RemoveItem': removal,
};

/** Carries it out. @returns the ids of what it changed and made. @throws EwsError */
export function actOn(element: XmlElement, disposition: string | undefined, context: CallContext): string {
  const reference = childOf(element, 'ReferenceItemId');
  if (reference === undefined) throw new EwsError('ErrorInvalidIdEmpty');
  const { view } = findItem(reference, context);
  const meeting = appointmentOf(view, element.name);
  if (element.name === 'RemoveItem') return removed(view, meeting);
  const words = bodyOf(childOf(element, 'Body') ?? childOf(element, 'NewBodyContent'));
  const saveCopy = disposition === 'SendAndSaveCopy';
  const response = answers[element.name];
  const sent =
    response === undefined
      ? cancelMeeting(meeting, { saveCopy, body: words }, context)
      : respond(meeting, { response, body: words, disposition }, context);
  const request = view === meeting ? undefined : processed(view);
  return [sent, response === undefined ? undefined : meeting.item, request]
    .flatMap((item) => (item === undefined ? [] : [written(meeting, item)]))
    .join('');
}

/** The appointment itself, or the one that a message of a meeting is about. */
function appointmentOf(view: ItemView, act: string): ItemView {
  if (view.item.kind === 'CalendarItem') return view;
  const uid = view.item.values['UID'];
  const item = typeof uid === 'string' ? view.mailbox.appointmentByUid(uid) : undefined;
  if (!view.item.kind.startsWith('Meeting'))
    throw new EwsError(notMeeting[act] ?? 'ErrorInvalidOperation', 'The item is not a meeting.');
  if (item === undefined) throw new EwsError('ErrorItemNotFound');
  return viewOf(view.mailbox, item);
}

/** A request that was answered has done its work. */
function processed({ mailbox, item }: ItemView): Item {
  mailbox.move(item, mailbox.folder('deleteditems'));
  return item;
}

/** A cancelled meeting leaves the calendar, and its cancellation the inbox. @throws EwsError when it was not cancelled */
function removed(view: ItemView, meeting: ItemView): string {
  if (meeting.item.values['Cancelled'] !== true) {
    throw new EwsError('ErrorInvalidItemForOperationRemoveItem', 'The meeting was not cancelled.');
  }
  for (const item of new Set([meeting.item, view.item]))
    meeting.mailbox.move(item, meeting.mailbox.folder('deleteditems'));
  return '';
}

function written({ mailbox }: ItemView, item: Item): string {
  return writeItemId(viewOf(mailbox, item));
}

function bodyOf(element: XmlElement | undefined): PropertyValue | undefined {
  if (element === undefined) return undefined;
  return { format: element.attributes['BodyType'] === 'HTML' ? 'HTML' : 'Text', text: element.text };
}
