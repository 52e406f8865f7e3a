// Applies the changes of one `t:ItemChange` to a copy of the item's values.

import type { CallContext } from '../caller/call-context.ts';
import { extendedKeyOf, readExtendedProperty } from '../properties/extended-path.ts';
import { type ItemClass, itemClasses } from '../properties/item-classes.ts';
import { extendedPropertyMarker } from '../properties/item-properties.ts';
import type { Property } from '../properties/property.ts';
import { readValue, readZone } from '../properties/value-reader.ts';
import { isBody } from '../properties/value-writer.ts';
import { EwsError } from '../soap/ews-error.ts';
import type { ExtendedProperty } from '../store/item.ts';
import type { ItemView } from '../store/item-view.ts';
import { zoneOf } from '../store/item-zone.ts';
import type { PropertyValue } from '../store/values.ts';
import { ianaOf } from '../time/zones.ts';
import type { XmlElement } from '../xml/element.ts';
import { removeEntry, setEntry } from './dictionary-updates.ts';
import { withRules } from './item-rules.ts';
import { storedForm } from './stored-body.ts';

export interface Updates {
  readonly values: Record<string, PropertyValue>;
  readonly extended: readonly ExtendedProperty[];
  readonly touched: readonly string[];
}

interface Draft {
  readonly values: Record<string, PropertyValue>;
  extended: ExtendedProperty[];
  readonly touched: Set<string>;
  readonly itemClass: ItemClass;
  readonly zone: string;
  readonly context: CallContext;
}

/** @throws EwsError at the first change that cannot be made; nothing is changed then */
export function applyUpdates(view: ItemView, changes: readonly XmlElement[], context: CallContext): Updates {
  const draft: Draft = {
    values: { ...view.values },
    extended: [...view.extended],
    touched: new Set(),
    itemClass: itemClasses[view.item.kind],
    zone: zoneFor(view, changes, context),
    context,
  };
  for (const change of changes) apply(draft, change);
  const values = withRules(view.item.kind, draft.values, {
    touched: draft.touched,
    timeZone: context.timeZone ?? 'UTC',
    nowMs: context.nowMs(),
  });
  return { values, extended: draft.extended, touched: [...draft.touched] };
}

/** Times without a zone: the zone set in the same request, else that of the request, else that of the item. */
function zoneFor(view: ItemView, changes: readonly XmlElement[], context: CallContext): string {
  for (const change of changes) {
    const zone = change.children[1]?.children.find((each) => each.name === 'StartTimeZone');
    if (zone !== undefined) return ianaOf(readZone(zone)) ?? 'UTC';
  }
  return context.timeZone === undefined ? zoneOf(view.values) : context.zone;
}

function apply(draft: Draft, change: XmlElement): void {
  const [path, object] = change.children;
  if (path === undefined) throw new EwsError('ErrorInvalidPropertyRequest');
  if (change.name === 'DeleteItemField') remove(draft, path);
  else if (object !== undefined) set(draft, path, object, change.name === 'AppendToItemField');
}

function remove(draft: Draft, path: XmlElement): void {
  if (path.name === 'ExtendedFieldURI') {
    const key = extendedKeyOf(path);
    draft.extended = draft.extended.filter((each) => each.key !== key);
    draft.touched.add(key);
    return;
  }
  if (path.name === 'IndexedFieldURI') {
    draft.touched.add(removeEntry(draft.values, path));
    return;
  }
  const property = propertyOf(draft, path);
  if (!property.writable || ['Start', 'End', 'UID', 'ItemClass'].includes(property.name)) {
    throw new EwsError('ErrorInvalidPropertyDelete');
  }
  delete draft.values[property.name];
  draft.touched.add(property.name);
}

function set(draft: Draft, path: XmlElement, object: XmlElement, append: boolean): void {
  if (object.name !== draft.itemClass.kind && object.name !== 'Item') throw new EwsError('ErrorUpdatePropertyMismatch');
  const [value] = object.children;
  if (value === undefined || object.children.length > 1) throw new EwsError('ErrorIncorrectUpdatePropertyCount');
  if (path.name === 'ExtendedFieldURI') setExtended(draft, path, value, append);
  else if (path.name === 'IndexedFieldURI') draft.touched.add(setEntry(draft.values, path, value));
  else setProperty(draft, propertyOf(draft, path), value, append);
}

function setExtended(draft: Draft, path: XmlElement, value: XmlElement, append: boolean): void {
  if (value.name !== extendedPropertyMarker) throw new EwsError('ErrorUpdatePropertyMismatch');
  if (append) throw new EwsError('ErrorInvalidPropertyAppend');
  const property = readExtendedProperty(value);
  if (property.key !== extendedKeyOf(path)) throw new EwsError('ErrorUpdatePropertyMismatch');
  draft.extended = [...draft.extended.filter((each) => each.key !== property.key), property];
  draft.touched.add(property.key);
}

function setProperty(draft: Draft, property: Property, element: XmlElement, append: boolean): void {
  if (element.name !== property.name) throw new EwsError('ErrorUpdatePropertyMismatch');
  if (!property.writable) {
    throw new EwsError('ErrorInvalidPropertySet', `Set action is invalid for property '${property.uri}'.`);
  }
  const value = readValue(property, element, draft.zone);
  const old = draft.values[property.name];
  draft.values[property.name] = storedForm(append ? appended(old, value) : value, draft.context);
  draft.touched.add(property.name);
}

function appended(old: PropertyValue | undefined, value: PropertyValue): PropertyValue {
  if (isBody(value)) return isBody(old) ? { ...old, text: old.text + value.text } : value;
  throw new EwsError('ErrorInvalidPropertyAppend');
}

function propertyOf(draft: Draft, path: XmlElement): Property {
  const property = draft.itemClass.byUri.get(path.attributes['FieldURI'] ?? '');
  if (property === undefined) throw new EwsError('ErrorInvalidPropertyRequest');
  return property;
}
