// When an appointment is. All-day is a flag in SuperOffice, not midnight to midnight: its own dialog stores working hours
// with the flag, older imports store midnights. So the days are those of start and end in the user's zone.

import type { AppointmentTime, Instant, ZoneName } from '@lockstep/contracts';
import { addDays, dateIn, startOfDay } from '@lockstep/items';
import type { AppointmentEntity } from '../client/entities.ts';
import { readInstant, writeInstant } from '../client/superoffice-date.ts';

type TimeFields = Pick<AppointmentEntity, 'StartDate' | 'EndDate' | 'IsAlldayEvent'>;

const hourMs = 3_600_000;
const workdayStartMs = 8 * hourMs;
const workdayEndMs = 16 * hourMs;

/** Undefined when the row has no time at all, as tasks may. @throws UnreadableDate */
export function readTime(fields: TimeFields, zone: ZoneName): AppointmentTime | undefined {
  const start = readInstant(fields.StartDate, 'StartDate') ?? readInstant(fields.EndDate, 'EndDate');
  if (start === undefined) return undefined;
  const written = readInstant(fields.EndDate, 'EndDate');
  const end = written === undefined || written < start ? start : written;
  if (fields.IsAlldayEvent !== true) return { kind: 'timed', start, end };
  const firstDate = dateIn(start, zone);
  const endDate = dateIn(end, zone);
  const endsAtMidnight = end > start && startOfDay(endDate, zone) === end;
  return { kind: 'all-day', firstDate, lastDate: endsAtMidnight ? addDays(endDate, -1) : endDate };
}

/**
 * The fields of a time. An all-day one is stored as SuperOffice stores its own: eight hours into the first day to
 * sixteen hours into the last, in the user's zone. Hours in the middle of the day read back as the same days even where the database's base zone
 * repeats or skips an hour around midnight, or where the user's zone is changed by some hours later.
 */
export function writeTime(
  time: AppointmentTime,
  zone: ZoneName,
): Record<'StartDate' | 'EndDate', string> & {
  IsAlldayEvent: boolean;
} {
  if (time.kind === 'timed') {
    return { StartDate: writeInstant(time.start), EndDate: writeInstant(time.end), IsAlldayEvent: false };
  }
  return {
    StartDate: writeInstant(later(startOfDay(time.firstDate, zone), workdayStartMs)),
    EndDate: writeInstant(later(startOfDay(time.lastDate, zone), workdayEndMs)),
    IsAlldayEvent: true,
  };
}

/** True when both say the same time as far as SuperOffice can hold it: whole seconds, no zone. */
export function sameTime(one: AppointmentTime | undefined, other: AppointmentTime): boolean {
  if (one?.kind === 'all-day' && other.kind === 'all-day') {
    return one.firstDate === other.firstDate && one.lastDate === other.lastDate;
  }
  if (one?.kind !== 'timed' || other.kind !== 'timed') return false;
  return writeInstant(one.start) === writeInstant(other.start) && writeInstant(one.end) === writeInstant(other.end);
}

function later(instant: Instant, ms: number): Instant {
  return new Date(Date.parse(instant) + ms).toISOString();
}
