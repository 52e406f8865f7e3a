// From a checked element to a stored value. Simple types have been checked; what remains is meaning: does the day exist,
// is the zone known.
import { EwsError } from '../soap/ews-error.ts';
import type { PropertyValue } from '../store/values.ts';
import { readDateTime } from '../time/date-time.ts';
import { wallClockOf } from '../time/zone-arithmetic.ts';
import { ianaOf, windowsOf } from '../time/zones.ts';
import type { XmlElement } from '../xml/element.ts';
import { treeOf } from '../xml/tree.ts';
import type { Property } from './property.ts';

const dayMs = 86_400_000;

/** What a store can keep: the years 1601 to 4500, as in Outlook. What is counted from it then stays a date that XML can write. */
export const firstStoredMs = Date.UTC(1601, 0, 1);
export const lastStoredMs = Date.UTC(4500, 11, 31);

/** @param zone IANA zone for times that carry none. @throws EwsError */
export function readValue(property: Property, element: XmlElement, zone: string): PropertyValue {
  switch (property.kind) {
    case 'text':
      return element.text;
    case 'boolean':
      return readBoolean(element.text);
    case 'integer':
    case 'double':
      return Number(element.text);
    case 'instant':
      return readInstant(property, element.text, zone);
    case 'day':
      return midnightOf(readInstant(property, element.text, zone), zone);
    case 'body':
      return { format: element.attributes['BodyType'] === 'HTML' ? 'HTML' : 'Text', text: element.text };
    case 'strings':
      return element.children.map((child) => child.text);
    case 'timeZone':
      return readZone(element);
    case 'tree':
      return treeOf(element);
    case 'computed':
      throw new EwsError('ErrorInvalidPropertySet', `Set action is invalid for property '${property.uri}'.`);
  }
}

export function readBoolean(text: string | undefined): boolean {
  return text?.trim() === 'true' || text?.trim() === '1';
}

function readInstant(property: Property, text: string, zone: string): number {
  const instant = readDateTime(text, zone);
  if (instant === undefined || instant < firstStoredMs || instant > lastStoredMs)
    throw new EwsError('ErrorInvalidValueForProperty', `'${property.uri}' is not a date.`);
  return instant;
}

/** The day that people in the zone see, as midnight in UTC: the time of day is dropped. */
export function midnightOf(instantMs: number, zone: string): number {
  return Math.floor(wallClockOf(instantMs, zone) / dayMs) * dayMs;
}

/** A Windows id. Some clients put it into `Name` alone, those of 2007 into `TimeZoneName`, and some send an IANA name. */
export function readZone(element: XmlElement): string {
  const { Id, Name, TimeZoneName } = element.attributes;
  for (const name of [Id, Name, TimeZoneName]) {
    if (name === undefined) continue;
    if (ianaOf(name) !== undefined) return name;
    const windows = windowsOf(name);
    if (windows !== undefined) return windows;
  }
  throw new EwsError('ErrorTimeZone');
}
