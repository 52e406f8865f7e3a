// Writes an item in the shape that a client asked for: the base shape, what it named besides, in the order of the schema.

import { writeRecurrence } from '../recurrence/recurrence-writer.ts';
import { recurrenceTree } from '../recurrence/series.ts';
import { writeChangeKey, writeId } from '../store/ids.ts';
import type { ExtendedProperty } from '../store/item.ts';
import { type ItemView, idAttributesOf, viewOf } from '../store/item-view.ts';
import { zoneOf } from '../store/item-zone.ts';
import { writeDateTime } from '../time/date-time.ts';
import { branch, type Tree } from '../xml/tree.ts';
import { element, textElement } from '../xml/writer.ts';
import { bodyAs } from './body-format.ts';
import { type Computed, computedExtended, computedValues } from './computed-values.ts';
import { writeExtendedProperty } from './extended-path.ts';
import { itemClasses } from './item-classes.ts';
import { extendedPropertyMarker } from './item-properties.ts';
import type { ItemShape } from './item-shape.ts';
import type { Property } from './property.ts';
import { seriesValues } from './series-values.ts';
import { isBody, isStrings, writeBody, writeValue } from './value-writer.ts';

const rank = { IdOnly: 0, Default: 1, AllProperties: 2, named: 3 } as const;
/** FindItem cuts long texts; a client has to fetch the item to see the rest. */
const listTextLimit = 255;

type Where = 'item' | 'list' | 'attachment';

/** @param where lists lack bodies and recipients, and cut long texts; what is attached has neither id nor folder */
export function writeItem(view: ItemView, shape: ItemShape, where: Where): string {
  const { kind } = view.item;
  let content = '';
  for (const property of itemClasses[kind].properties) {
    if (property.name === extendedPropertyMarker) content += writeExtended(view, shape, where);
    else if (isWanted(property, shape, where)) content += writeProperty(view, property, shape, where);
  }
  return element(`t:${kind}`, {}, content);
}

/** Only the id, as answers to writes have it. */
export function writeItemId(view: ItemView): string {
  return element(`t:${view.item.kind}`, {}, element('t:ItemId', idAttributesOf(view), ''));
}

const ofItsPlace: ReadonlySet<string> = new Set(['ItemId', 'ParentFolderId']);

function isWanted(property: Property, shape: ItemShape, where: Where): boolean {
  if (where === 'list' && !property.inLists) return false;
  if (where === 'attachment' && ofItsPlace.has(property.name)) return false;
  return rank[property.shape] <= rank[shape.base] || shape.named.has(property.uri);
}

function writeProperty(view: ItemView, property: Property, shape: ItemShape, where: Where): string {
  const name = `t:${property.name}`;
  switch (property.name) {
    case 'ItemId':
      return element(name, idAttributesOf(view), '');
    case 'ParentFolderId':
      return writeParent(view);
    case 'ItemClass':
      return textElement(name, String(view.values['ItemClass'] ?? itemClasses[view.item.kind].messageClass));
    case 'AssociatedCalendarItemId': {
      const appointment = view.mailbox.appointmentByUid(String(view.values['UID'] ?? ''));
      return appointment === undefined ? '' : element(name, idAttributesOf(viewOf(view.mailbox, appointment)), '');
    }
    case 'Body':
      return writeOwnBody(view, name, shape);
    case 'Recurrence': {
      const tree = recurrenceTree(view.values);
      return tree === undefined ? '' : writeRecurrence(tree, zoneOf(view.values));
    }
    case 'EffectiveRights':
      return element(name, {}, shape.rights);
  }
  const stored = property.kind === 'computed' ? undefined : view.values[property.name];
  if (stored !== undefined) {
    if (isStrings(stored) && stored.length === 0) return '';
    const value = where === 'list' && typeof stored === 'string' ? stored.slice(0, listTextLimit) : stored;
    return writeValue(property, value, shape.bodyFormat);
  }
  if (property.uri.startsWith('contacts:PhysicalAddress')) return '';
  const computed = seriesValues[property.name]?.(view) ?? computedValues[property.name]?.(view);
  return computed === undefined ? '' : writeComputed(name, computed);
}

function writeComputed(name: string, computed: Computed): string {
  if (computed.kind === 'xml')
    return name === 't:TextBody'
      ? `<${name} BodyType="Text">${computed.content}</${name}>`
      : element(name, {}, computed.content);
  return textElement(name, computed.kind === 'instant' ? writeDateTime(computed.value) : computed.value);
}

function writeParent(view: ItemView): string {
  const { folder } = view.item;
  return element(
    't:ParentFolderId',
    {
      Id: writeId(view.mailbox.identity.guid, 'folder', folder.serial),
      ChangeKey: writeChangeKey('folder', folder.changed),
    },
    '',
  );
}

function writeOwnBody(view: ItemView, name: string, shape: ItemShape): string {
  const stored = view.values['Body'];
  const body = bodyAs(isBody(stored) ? stored : { format: 'Text', text: '' }, shape.bodyFormat);
  const limit = shape.maximumBodySize;
  if (limit === undefined || body.text.length <= limit) return writeBody(name, body);
  return writeBody(name, { ...body, text: body.text.slice(0, limit) }).replace('>', ' IsTruncated="true">');
}

function writeExtended(view: ItemView, shape: ItemShape, where: Where): string {
  let content = '';
  for (const { key, path } of shape.extended) {
    const value = extendedValue(view, key);
    if (value !== undefined) content += writeExtendedProperty(path, where === 'list' ? cut(value) : value);
  }
  return content;
}

function cut(value: ExtendedProperty['value']): ExtendedProperty['value'] {
  return typeof value === 'string' ? value.slice(0, listTextLimit) : value;
}

/** The value of an extended property, stored or computed. */
export function extendedValue(view: ItemView, key: string): ExtendedProperty['value'] | undefined {
  return view.extended.find((each) => each.key === key)?.value ?? computedExtended[key]?.(view);
}

/** One entry of a dictionary (`contacts:EmailAddress`, index `EmailAddress1`). */
export function dictionaryEntry(tree: Tree | undefined, index: string, part: string | undefined): string | undefined {
  const entry = tree?.children?.find((each) => each.attributes?.['Key'] === index);
  return part === undefined ? entry?.text : branch(entry, part)?.text;
}
