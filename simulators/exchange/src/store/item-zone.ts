// The zone in which the times of an item are meant.
import { ianaOf } from '../time/zones.ts';
import type { PropertyValue } from './values.ts';

/** The IANA zone of the start of an appointment. */
export function zoneOf(values: Readonly<Record<string, PropertyValue>>): string {
  const windowsId = values['StartTimeZone'];
  return (typeof windowsId === 'string' ? ianaOf(windowsId) : undefined) ?? 'UTC';
}
