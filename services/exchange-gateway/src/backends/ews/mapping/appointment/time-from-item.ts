// When an item takes place: instants in UTC and the zone it was planned in. An all-day item is stored as midnights of the zone that
// it was made in, with an exclusive end; its days are read there, never in the zone of this process.

import type { AppointmentTime, Instant, ZoneName } from '@lockstep/contracts';
import { addDays, dateIn, ianaZoneOf, startOfDay, windowsZoneOf } from '@lockstep/items';
import { childOf, textOf, type XmlElement } from '../../soap/xml-reader.ts';
import { instantOf } from '../values.ts';

/** `ownerZone`: where the item's own zone is unknown ("Customized Time Zone") or its times are no midnights there. */
export function timeOf(item: XmlElement, ownerZone: ZoneName): AppointmentTime | undefined {
  const start = instantOf(textOf(item, 'Start'));
  const end = instantOf(textOf(item, 'End'));
  if (start === undefined || end === undefined) return undefined;
  const zone = zoneOf(item, ownerZone);
  if (textOf(item, 'IsAllDayEvent') !== 'true') {
    return { kind: 'timed', start, end, ...(zone === undefined ? {} : { zone }) };
  }
  return wholeDays(start, end, zone, ownerZone);
}

// One Windows zone stands for many IANA ones ("W. Europe Standard Time" for Berlin and Oslo): the owner's own comes first.
function zoneOf(item: XmlElement, ownerZone: ZoneName): ZoneName | undefined {
  const id = childOf(item, 'StartTimeZone')?.attributes['Id'] ?? textOf(item, 'StartTimeZoneId');
  if (id === undefined) return undefined;
  return windowsZoneOf(ownerZone) === id ? ownerZone : ianaZoneOf(id);
}

function wholeDays(start: Instant, end: Instant, itemZone: ZoneName | undefined, ownerZone: ZoneName): AppointmentTime {
  const candidates = itemZone === undefined ? [ownerZone] : [itemZone, ownerZone];
  const zone = candidates.find((candidate) => startsADay(start, candidate)) ?? itemZone ?? ownerZone;
  const firstDate = dateIn(start, zone);
  const last = dateIn(end, zone);
  const lastDate = last > firstDate && startsADay(end, zone) ? addDays(last, -1) : last;
  return { kind: 'all-day', firstDate, lastDate, zone };
}

function startsADay(instant: Instant, zone: ZoneName): boolean {
  return startOfDay(dateIn(instant, zone), zone) === instant;
}
