// Local time in a zone, by the rules that Node carries (ICU). A wall clock is written as milliseconds as if it were UTC.
// Formatters are costly to make, so each zone's is kept; there are as many as there are zones.

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(zone, formatter);
  }
  return formatter;
}

/** The wall clock that people in the zone see at an instant. */
export function wallClockOf(instantMs: number, zone: string): number {
  if (zone === 'UTC') return instantMs;
  const part: Record<string, number> = {};
  for (const { type, value } of formatterOf(zone).formatToParts(instantMs)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** The instant at which people in the zone see that wall clock; in a gap of the clock, as much later as the gap is long. */
export function instantOf(wallMs: number, zone: string): number {
  if (zone === 'UTC') return wallMs;
  const offsetBefore = wallClockOf(wallMs - 86_400_000, zone) - (wallMs - 86_400_000);
  const offsetAfter = wallClockOf(wallMs + 86_400_000, zone) - (wallMs + 86_400_000);
  for (const offset of [offsetBefore, offsetAfter]) {
    const instant = wallMs - offset;
    if (wallClockOf(instant, zone) === wallMs) return instant;
  }
  return wallMs - offsetBefore;
}

const dayMs = 86_400_000;

/** The midnight at or before an instant, in the zone. */
export function midnightBefore(instantMs: number, zone: string): number {
  return instantOf(Math.floor(wallClockOf(instantMs, zone) / dayMs) * dayMs, zone);
}

/** The midnight at or after an instant, in the zone. */
export function midnightAfter(instantMs: number, zone: string): number {
  return instantOf(Math.ceil(wallClockOf(instantMs, zone) / dayMs) * dayMs, zone);
}
