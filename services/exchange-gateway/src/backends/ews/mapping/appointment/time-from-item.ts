// When an item takes place: instants in UTC and the zone it was planned in. An all-day item is stored as midnights of the zone that
// it was made in, with an exclusive end; its days are read there, never in the zone of this process, and it stays one day long for
// people whose own midnights are others.
import type { AppointmentTime, Instant, ZoneName } from '@lockstep/contracts';
import { addDays } from '@lockstep/items';
import { textOf, type XmlElement } from '../../soap/xml-reader.ts';
import { instantOf } from '../values.ts';
import { type DayCount, daysFromMidnight, daysOfOffsets, daysOfZone } from './day-count.ts';
import { offsetsOf, zoneOf } from './planned-zone.ts';

/** `ownerZone`: where the item's own zone is unknown ("Customized Time Zone") or its times are no midnights there. */
export function timeOf(item: XmlElement, ownerZone: ZoneName): AppointmentTime | undefined {
  const start = instantOf(textOf(item, 'Start'));
  const end = instantOf(textOf(item, 'End'));
  if (start === undefined || end === undefined) return undefined;
  const zone = zoneOf(item, ownerZone);
  if (textOf(item, 'IsAllDayEvent') !== 'true') {
    return { kind: 'timed', start, end, ...(zone === undefined ? {} : { zone }) };
  }
  return wholeDays({ start, end }, zone, offsetsOf(item), ownerZone);
}

interface Span {
  readonly start: Instant;
  readonly end: Instant;
}

/** How an item may have been counted, the likeliest first, with the zone that a change is to be planned in. */
interface Reading {
  readonly days: DayCount;
  readonly zone: ZoneName;
}

function wholeDays(
  span: Span,
  itemZone: ZoneName | undefined,
  itemOffsets: readonly number[],
  ownerZone: ZoneName,
): AppointmentTime {
  const inZone = (zone: ZoneName): Reading => ({ days: daysOfZone(zone), zone });
  const readings: readonly Reading[] = [
    ...(itemZone === undefined ? [] : [inZone(itemZone)]),
    { days: daysOfOffsets(itemOffsets), zone: ownerZone },
    inZone(ownerZone),
    { days: daysFromMidnight(span.start, ownerZone), zone: ownerZone },
  ];
  const whole = readings.find(({ days }) => days.startsADay(span.start) && days.startsADay(span.end));
  // Times that are no midnights anywhere were never whole days: the days that they touch.
  const { days, zone } = whole ?? inZone(itemZone ?? ownerZone);
  const firstDate = days.dateOf(span.start);
  const last = days.dateOf(span.end);
  const lastDate = last > firstDate && days.startsADay(span.end) ? addDays(last, -1) : last;
  return { kind: 'all-day', firstDate, lastDate, zone };
}
