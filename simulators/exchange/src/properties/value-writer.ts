// From a stored value to its element.

import type { Body, PropertyValue } from '../store/values.ts';
import { writeDateTime } from '../time/date-time.ts';
import { displayNameOf } from '../time/zones.ts';
import { writeTree } from '../xml/tree.ts';
import { element, escapeText, textElement } from '../xml/writer.ts';
import { type BodyFormat, bodyAs } from './body-format.ts';
import type { Property } from './property.ts';

/** @param format how the client wants bodies */
export function writeValue(property: Property, value: PropertyValue, format: BodyFormat): string {
  const name = `t:${property.name}`;
  if ((property.kind === 'instant' || property.kind === 'day') && typeof value === 'number')
    return textElement(name, writeDateTime(value));
  if (property.kind === 'timeZone' && typeof value === 'string') return writeZone(name, value);
  if (typeof value !== 'object') return textElement(name, value);
  if (isBody(value)) return writeBody(name, bodyAs(value, format));
  if (isStrings(value)) return element(name, {}, value.map((each) => textElement('t:String', each)).join(''));
  return writeTree({ ...value, name: property.name });
}

export function isBody(value: PropertyValue | undefined): value is Body {
  return typeof value === 'object' && 'format' in value;
}

export function isStrings(value: PropertyValue | undefined): value is readonly string[] {
  return Array.isArray(value);
}

export function writeBody(name: string, body: Body): string {
  return `<${name} BodyType="${body.format}">${escapeText(body.text)}</${name}>`;
}

function writeZone(name: string, windowsId: string): string {
  if (name === 't:MeetingTimeZone') return element(name, { TimeZoneName: windowsId }, '');
  return element(name, { Id: windowsId, Name: displayNameOf(windowsId) }, '');
}
