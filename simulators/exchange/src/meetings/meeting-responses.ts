// The answers to a meeting, which clients send as items to create: AcceptItem, TentativelyAcceptItem, DeclineItem.

import type { CallContext } from '../caller/call-context.ts';
import { findItem } from '../caller/find-objects.ts';
import { itemId } from '../schema/common-types.ts';
import { type ElementType, one, open, optional, required, sequence, text } from '../schema/schema.ts';
import { anyText, dateTime, oneOf } from '../schema/simple-types.ts';
import { EwsError } from '../soap/ews-error.ts';
import { childOf, type XmlElement } from '../xml/element.ts';
import { type ResponseType, respond } from './meetings.ts';

const response: ElementType = sequence([
  optional({ 't:ItemClass': text(anyText) }),
  optional({ 't:Sensitivity': text(oneOf('Normal Personal Private Confidential')) }),
  optional({ 't:Body': text(anyText, { BodyType: required(oneOf('HTML Text')) }) }),
  optional({ 't:Attachments': open }),
  optional({ 't:ToRecipients': open }),
  optional({ 't:CcRecipients': open }),
  optional({ 't:BccRecipients': open }),
  one({ 't:ReferenceItemId': itemId }),
  optional({ 't:ProposedStart': text(dateTime) }),
  optional({ 't:ProposedEnd': text(dateTime) }),
]);

const types: Readonly<Record<string, ResponseType>> = {
  AcceptItem: 'Accept',
  TentativelyAcceptItem: 'Tentative',
  DeclineItem: 'Decline',
};

/** For the schema of CreateItem. */
export const responseElements: Readonly<Record<string, ElementType>> = Object.fromEntries(
  Object.keys(types).map((name) => [`t:${name}`, response]),
);

/** Carries out a response; false when the element is none. @throws EwsError */
export function takeResponse(element: XmlElement, context: CallContext): boolean {
  const type = types[element.name];
  const reference = childOf(element, 'ReferenceItemId');
  if (type === undefined || reference === undefined) return false;
  const { view } = findItem(reference, context);
  if (view.item.kind !== 'CalendarItem')
    throw new EwsError('ErrorInvalidItemForOperationAcceptItem', 'The item is not a meeting.');
  respond(view, type, context);
  return true;
}
