// From the item in a CreateItem request to what is stored: values by name, extended properties, then the rules of its class;
// and what is attached to it, which may be another item.

import type { CallContext } from '../caller/call-context.ts';
import { readExtendedProperty } from '../properties/extended-path.ts';
import { type ItemClass, itemClassOf } from '../properties/item-classes.ts';
import { extendedPropertyMarker } from '../properties/item-properties.ts';
import { readBoolean, readValue, readZone } from '../properties/value-reader.ts';
import { EwsError } from '../soap/ews-error.ts';
import { maxAttachmentLevels } from '../store/attachments.ts';
import type { AttachedFile, AttachedItem, Attachment, ExtendedProperty } from '../store/item.ts';
import type { ItemDraft } from '../store/mailbox.ts';
import type { PropertyValue } from '../store/values.ts';
import { ianaOf } from '../time/zones.ts';
import { childOf, textOf, type XmlElement } from '../xml/element.ts';
import { withRules } from './item-rules.ts';
import { storedForm } from './stored-body.ts';

/**
 * @param level how many attachments it hangs on
 * @throws EwsError when a property cannot be set, or the values do not go together
 */
export function readDraft(element: XmlElement, itemClass: ItemClass, context: CallContext, level = 0): ItemDraft {
  const zoneElement = childOf(element, 'StartTimeZone') ?? childOf(element, 'MeetingTimeZone');
  const windowsId = zoneElement === undefined ? context.timeZone : readZone(zoneElement);
  const zone = (windowsId === undefined ? undefined : ianaOf(windowsId)) ?? context.zone;
  const values: Record<string, PropertyValue> = {};
  const extended: ExtendedProperty[] = [];
  let attachments: readonly Attachment[] = [];
  for (const child of element.children) {
    if (child.name === extendedPropertyMarker) extended.push(readExtendedProperty(child));
    else if (child.name === 'Attachments') attachments = readAttachments(child, context, level);
    else setValue(values, itemClass, child, zone, context);
  }
  const complete = withRules(itemClass.kind, values, {
    touched: new Set(Object.keys(values)),
    timeZone: windowsId ?? 'UTC',
    nowMs: context.nowMs(),
  });
  return { kind: itemClass.kind, values: complete, extended, attachments };
}

function setValue(
  values: Record<string, PropertyValue>,
  itemClass: ItemClass,
  element: XmlElement,
  zone: string,
  context: CallContext,
): void {
  const property = itemClass.byName.get(element.name);
  if (property === undefined || !property.writable) {
    throw new EwsError(
      'ErrorInvalidPropertySet',
      `Set action is invalid for property '${property?.uri ?? element.name}'.`,
    );
  }
  values[property.name] = storedForm(readValue(property, element, zone), context);
}

function readAttachments(list: XmlElement, context: CallContext, level: number): readonly Attachment[] {
  return list.children.map((each, index) => readAttachment(each, index + 1, context, level));
}

/**
 * Reads a `t:FileAttachment` or `t:ItemAttachment`.
 * @param number it gets on what it hangs on
 * @throws EwsError when what is attached cannot be stored
 */
export function readAttachment(element: XmlElement, number: number, context: CallContext, level = 0): Attachment {
  if (level >= maxAttachmentLevels) throw new EwsError('ErrorAttachmentNestLevelLimitExceeded');
  return {
    number,
    name: textOf(element, 'Name'),
    contentType: textOf(element, 'ContentType'),
    contentId: textOf(element, 'ContentId'),
    contentLocation: textOf(element, 'ContentLocation'),
    isInline: readBoolean(textOf(element, 'IsInline')),
    isContactPhoto: readBoolean(textOf(element, 'IsContactPhoto')),
    modifiedAtMs: context.nowMs(),
    content: element.name === 'FileAttachment' ? readFile(element) : readAttachedItem(element, context, level),
  };
}

function readFile(element: XmlElement): AttachedFile {
  const bytes = Buffer.from(textOf(element, 'Content') ?? '', 'base64');
  return { kind: 'file', base64: bytes.toString('base64') };
}

function readAttachedItem(element: XmlElement, context: CallContext, level: number): AttachedItem {
  const item = element.children.at(-1);
  if (item === undefined || !attachable.has(item.name)) {
    const isMissing = item === undefined || !item.name.startsWith('Meeting');
    throw new EwsError(
      isMissing ? 'ErrorMissingItemForCreateItemAttachment' : 'ErrorInvalidItemForOperationCreateItemAttachment',
    );
  }
  const itemClass = itemClassOf(item.name === 'Item' ? 'Message' : item.name);
  const { kind: itemKind, ...content } = readDraft(item, itemClass, context, level + 1);
  return { kind: 'item', itemKind, ...content, attachments: content.attachments ?? [] };
}

const attachable: ReadonlySet<string> = new Set(['Item', 'Message', 'CalendarItem', 'Contact', 'Task']);
