// Calendar days and time zones: IANA names inside Lockstep, Windows ids at Exchange (CLDR windowsZones).
// A calendar day is a string; it never goes through a Date in the process's own zone.
import type { DateOnly, Instant, ZoneName } from '@lockstep/contracts';
import windowsZones from 'cldr-core/supplemental/windowsZones.json' with { type: 'json' };

const worldTerritory = '001';
const dayMs = 86_400_000;

const mappings = windowsZones.supplemental.windowsZones.mapTimezones.map((entry) => entry.mapZone);
const ianaByWindows: ReadonlyMap<string, ZoneName> = new Map(
  mappings.filter((zone) => zone._territory === worldTerritory).map((zone) => [zone._other, zone._type]),
);
const windowsByIana: ReadonlyMap<ZoneName, string> = new Map(
  mappings.flatMap((zone) => zone._type.split(' ').map((name) => [canonicalName(name) ?? name, zone._other] as const)),
);

/** The Windows time zone id for an IANA zone, or undefined when CLDR knows none. */
export function windowsZoneOf(zone: ZoneName): string | undefined {
  const canonical = canonicalName(zone);
  if (canonical === undefined) return undefined;
  return canonical === 'UTC' ? 'UTC' : windowsByIana.get(canonical);
}

/** The IANA zone that CLDR gives a Windows id for the whole world, or undefined (for example for "Customized Time Zone"). */
export function ianaZoneOf(windowsId: string): ZoneName | undefined {
  return windowsId === 'UTC' ? 'UTC' : ianaByWindows.get(windowsId);
}

/** True when `Intl` knows the zone. */
export function zoneExists(zone: ZoneName): boolean {
  return canonicalName(zone) !== undefined;
}

/** The first instant of a calendar day in a zone; where a clock change skips midnight, the instant of that change. */
export function startOfDay(date: DateOnly, zone: ZoneName): Instant {
  const asIfUtc = Date.parse(`${date}T00:00:00.000Z`);
  const before = asIfUtc - offsetMs(asIfUtc - dayMs, zone);
  const after = asIfUtc - offsetMs(asIfUtc + dayMs, zone);
  const isMidnight = (instantMs: number) => instantMs + offsetMs(instantMs, zone) === asIfUtc;
  const first = [Math.min(before, after), Math.max(before, after)].find(isMidnight) ?? before;
  return new Date(first).toISOString();
}

/** The calendar day on which an instant falls in a zone. */
export function dateIn(instant: Instant, zone: ZoneName): DateOnly {
  const instantMs = Date.parse(instant);
  return new Date(instantMs + offsetMs(instantMs, zone)).toISOString().slice(0, 10);
}

/** The calendar day so many days later (or earlier). */
export function addDays(date: DateOnly, days: number): DateOnly {
  return new Date(Date.parse(`${date}T00:00:00.000Z`) + days * dayMs).toISOString().slice(0, 10);
}

/** The wall-clock time of an instant in a zone, `YYYY-MM-DDTHH:mm:ss`. */
export function wallClock(instant: Instant, zone: ZoneName): string {
  const instantMs = Date.parse(instant);
  return new Date(instantMs + offsetMs(instantMs, zone)).toISOString().slice(0, 19);
}

function canonicalName(zone: ZoneName): ZoneName | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    // Intl throws a RangeError for a name that it does not know: that is the answer.
    return undefined;
  }
}

/** How far the zone's clocks are ahead of UTC at an instant, in milliseconds. */
function offsetMs(instantMs: number, zone: ZoneName): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(instantMs);
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    Number(parts.find((candidate) => candidate.type === type)?.value);
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return wall - Math.floor(instantMs / 1000) * 1000;
}
