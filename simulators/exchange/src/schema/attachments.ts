// The types of attachments in a request. Which items can be attached is handed in: the tables of items stand above.
import { allowed, type ElementType, empty, optional, required, sequence, some, text } from './schema.ts';
import { anyText, base64, boolean, dateTime, integer } from './simple-types.ts';

const attachmentId = empty({
  Id: required(anyText),
  RootItemId: allowed(anyText),
  RootItemChangeKey: allowed(anyText),
});

const common = [
  optional({ 't:AttachmentId': attachmentId }),
  optional({ 't:Name': text(anyText) }),
  optional({ 't:ContentType': text(anyText) }),
  optional({ 't:ContentId': text(anyText) }),
  optional({ 't:ContentLocation': text(anyText) }),
  optional({ 't:Size': text(integer()) }),
  optional({ 't:LastModifiedTime': text(dateTime) }),
  optional({ 't:IsInline': text(boolean) }),
];

const file = sequence([
  ...common,
  optional({ 't:IsContactPhoto': text(boolean) }),
  optional({ 't:Content': text(base64) }),
]);

/** A list of at least one. */
export function attachmentsType(items: Readonly<Record<string, ElementType>>): ElementType {
  const item = sequence([...common, optional(items)]);
  return sequence([some({ 't:ItemAttachment': item, 't:FileAttachment': file })]);
}

/** The ids in GetAttachment and DeleteAttachment; clients send the id of the item along, which nobody reads. */
export const attachmentIds: ElementType = sequence([some({ 't:AttachmentId': attachmentId })]);
