// An item as Exchange holds it, whatever its kind: id, version, stamp and times of its own, and what its kind reads.
import type { Item, ItemKind, ItemRow, ZoneName } from '@lockstep/contracts';
import { ItemSchema, type PropertySet } from 'ews-javascript-api';
import { idOf } from '../soap/reply.ts';
import { childOf, textOf, type XmlElement } from '../soap/xml-reader.ts';
import { kindMappings } from './kinds.ts';
import { stampOf, stampProperty } from './stamp.ts';
import { instantOf, nonEmpty, present } from './values.ts';

/** Everything that `itemOf` reads. Exchange returns properties that are not asked for only with wider base shapes. */
export function wholeItem(kind: ItemKind): PropertySet {
  const properties = kindMappings[kind].properties();
  for (const each of [ItemSchema.DateTimeCreated, ItemSchema.LastModifiedTime, stampProperty()]) properties.Add(each);
  return properties;
}

/** Everything that `rowOf` reads. */
export function itemRow(kind: ItemKind): PropertySet {
  const properties = kindMappings[kind].rowProperties();
  properties.Add(stampProperty());
  return properties;
}

/** The whole item; undefined when Exchange left out what it cannot be without. */
export function itemOf(kind: ItemKind, item: XmlElement, ownerZone: ZoneName): Item | undefined {
  const mapping = kindMappings[kind];
  const ids = idOf(childOf(item, 'ItemId'));
  const content = mapping.contentOf(item, ownerZone);
  if (ids === undefined || content === undefined) return undefined;
  return {
    kind,
    ...ids,
    shape: mapping.shapeOf(item),
    content,
    ...present('stamp', stampOf(item)),
    ...present('uid', nonEmpty(textOf(item, 'UID'))),
    ...present('createdAt', instantOf(textOf(item, 'DateTimeCreated'))),
    ...present('modifiedAt', instantOf(textOf(item, 'LastModifiedTime'))),
  };
}

/** One row of a listing; undefined without an id. */
export function rowOf(kind: ItemKind, item: XmlElement): ItemRow | undefined {
  const mapping = kindMappings[kind];
  const ids = idOf(childOf(item, 'ItemId'));
  if (ids === undefined) return undefined;
  return {
    ...ids,
    shape: mapping.shapeOf(item),
    ...present('start', mapping.startOf(item)),
    ...present('stamp', stampOf(item)),
    ...present('uid', nonEmpty(textOf(item, 'UID'))),
  };
}
