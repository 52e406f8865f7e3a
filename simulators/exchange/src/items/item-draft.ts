// From the item in a CreateItem request to what is stored: values by name, extended properties, then the rules of its class.

import type { CallContext } from '../caller/call-context.ts';
import { readExtendedProperty } from '../properties/extended-path.ts';
import type { ItemClass } from '../properties/item-classes.ts';
import { extendedPropertyMarker } from '../properties/item-properties.ts';
import { readValue, readZone } from '../properties/value-reader.ts';
import { EwsError } from '../soap/ews-error.ts';
import type { ExtendedProperty } from '../store/item.ts';
import type { ItemDraft } from '../store/mailbox.ts';
import type { PropertyValue } from '../store/values.ts';
import { ianaOf } from '../time/zones.ts';
import { childOf, type XmlElement } from '../xml/element.ts';
import { withRules } from './item-rules.ts';
import { storedForm } from './stored-body.ts';

/** @throws EwsError when a property cannot be set, or the values do not go together */
export function readDraft(element: XmlElement, itemClass: ItemClass, context: CallContext): ItemDraft {
  const zoneElement = childOf(element, 'StartTimeZone') ?? childOf(element, 'MeetingTimeZone');
  const windowsId = zoneElement === undefined ? context.timeZone : readZone(zoneElement);
  const zone = (windowsId === undefined ? undefined : ianaOf(windowsId)) ?? context.zone;
  const values: Record<string, PropertyValue> = {};
  const extended: ExtendedProperty[] = [];
  for (const child of element.children) {
    if (child.name === extendedPropertyMarker) extended.push(readExtendedProperty(child));
    else setValue(values, itemClass, child, zone, context);
  }
  const complete = withRules(itemClass.kind, values, {
    touched: new Set(Object.keys(values)),
    timeZone: windowsId ?? 'UTC',
    nowMs: context.nowMs(),
  });
  return { kind: itemClass.kind, values: complete, extended };
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
