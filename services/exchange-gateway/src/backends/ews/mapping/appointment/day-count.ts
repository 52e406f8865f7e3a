// How days are counted: by the clocks of a named zone, or, where the zone has no name, by the offsets that its clocks may have.
import type { DateOnly, Instant, ZoneName } from '@lockstep/contracts';
import { dateIn, startOfDay, wallClock } from '@lockstep/items';

export interface DayCount {
  dateOf(instant: Instant): DateOnly;
  startsADay(instant: Instant): boolean;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** How far clocks are ahead of UTC anywhere: from Baker Island to Kiritimati. */
const offsetBounds = { leastMs: -12 * hourMs, mostMs: 14 * hourMs };

export function daysOfZone(zone: ZoneName): DayCount {
  return {
    dateOf: (instant) => dateIn(instant, zone),
    startsADay: (instant) => startOfDay(dateIn(instant, zone), zone) === instant,
  };
}

/** Of the offsets in milliseconds (one for winter, one for summer) that one holds at an instant which makes it a midnight. */
export function daysOfOffsets(offsets: readonly number[]): DayCount {
  const atMidnight = (instant: Instant) => offsets.find((offsetMs) => (Date.parse(instant) + offsetMs) % dayMs === 0);
  return {
    dateOf: (instant) => {
      const offsetMs = atMidnight(instant) ?? offsets[0] ?? 0;
      return new Date(Date.parse(instant) + offsetMs).toISOString().slice(0, 10);
    },
    startsADay: (instant) => atMidnight(instant) !== undefined,
  };
}

/**
 * The days of somebody of whom only a midnight is known: of the offsets that make it one, the nearest to those of the owner, and
 * an hour (on Lord Howe Island half an hour) to either side for a change of the clocks.
 */
export function daysFromMidnight(midnight: Instant, ownerZone: ZoneName): DayCount {
  const midnightAt = Date.parse(midnight);
  const ownersMs = Date.parse(`${wallClock(midnight, ownerZone)}Z`) - midnightAt;
  const sinceUtcMidnightMs = midnightAt - Math.floor(midnightAt / dayMs) * dayMs;
  const possible = [-sinceUtcMidnightMs, dayMs - sinceUtcMidnightMs].filter(
    (offsetMs) => offsetMs >= offsetBounds.leastMs && offsetMs <= offsetBounds.mostMs,
  );
  const [nearest = 0] = possible.sort((one, other) => Math.abs(one - ownersMs) - Math.abs(other - ownersMs));
  return daysOfOffsets([0, 1, -1, 0.5, -0.5].map((hours) => nearest + hours * hourMs));
}
