// Wall clock <-> instant for one IANA zone. A wall time that does not exist (spring) is read with the offset before
// the change, one that exists twice (autumn) is the earlier one: SuperOffice stores wall time and cannot say more.
import { badArgument } from '../input/error.ts';
import type { Wall } from '../store/rows.ts';

const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;
const firstYearMs = Date.parse('0001-01-01T00:00:00Z');
const endOfTimeMs = Date.parse('+010000-01-01T00:00:00Z');

export class TimeZone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();
  readonly #cacheLimit: number;

  /** @param cacheLimit how many quarter hours' offsets are remembered. */
  constructor(name: string, cacheLimit: number) {
    this.name = name;
    this.#cacheLimit = cacheLimit;
    this.#format = new Intl.DateTimeFormat('en-GB', {
      timeZone: name,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    });
  }

  /** Milliseconds that the zone is ahead of UTC at this instant. Offsets change on quarter hours only. */
  offsetMs(instantMs: number): number {
    const quarter = Math.floor(instantMs / quarterMs);
    const known = this.#offsets.get(quarter);
    if (known !== undefined) return known;
    const atMs = quarter * quarterMs;
    const part: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(atMs)) part[type] = Number(value);
    // Not Date.UTC with all parts: it would read the years 1 to 99 as 1901 to 1999.
    const local = new Date(0);
    local.setUTCFullYear(part['year'] ?? 0, (part['month'] ?? 1) - 1, part['day'] ?? 1);
    local.setUTCHours(part['hour'] ?? 0, part['minute'] ?? 0, part['second'] ?? 0);
    const offset = local.getTime() - atMs;
    if (this.#offsets.size >= this.#cacheLimit) this.#offsets.clear();
    this.#offsets.set(quarter, offset);
    return offset;
  }

  toWall(instantMs: number): Wall {
    return wallOf(instantMs + this.offsetMs(instantMs));
  }

  toInstantMs(wall: Wall): number {
    const local = Date.parse(`${wall}Z`);
    const before = local - this.offsetMs(local - 24 * 60 * minuteMs);
    const after = local - this.offsetMs(local + 24 * 60 * minuteMs);
    const earlier = Math.min(before, after);
    if (earlier + this.offsetMs(earlier) === local) return earlier;
    const later = Math.max(before, after);
    return later + this.offsetMs(later) === local ? later : before;
  }

  /** The suffix of a wall time here: `+02:00`, or `Z` for the zone UTC. */
  suffix(instantMs: number): string {
    if (this.name === 'UTC') return 'Z';
    const minutes = Math.round(this.offsetMs(instantMs) / minuteMs);
    const size = Math.abs(minutes);
    const pad = (value: number) => String(value).padStart(2, '0');
    return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
  }
}

/** The wall clock whose reading, taken as UTC, is this many milliseconds. @throws 400 outside the years 1 to 9999 */
export function wallOf(localMs: number): Wall {
  if (!(localMs >= firstYearMs && localMs < endOfTimeMs)) throw badArgument('The date is out of range');
  return new Date(localMs).toISOString().slice(0, 19);
}

/** One entry of `GET /api/v1/timezone`. Only 261 is known to be the product's own id. */
export interface ZoneEntry {
  readonly id: number;
  readonly code: string;
  readonly name: string;
  readonly zone: string;
}

export const zoneEntries: readonly ZoneEntry[] = [
  { id: 1, code: 'UTC', name: 'Coordinated Universal Time', zone: 'UTC' },
  { id: 261, code: 'NO', name: 'Norway', zone: 'Europe/Oslo' },
  { id: 2, code: 'SE', name: 'Sweden', zone: 'Europe/Stockholm' },
  { id: 3, code: 'DK', name: 'Denmark', zone: 'Europe/Copenhagen' },
  { id: 4, code: 'FI', name: 'Finland', zone: 'Europe/Helsinki' },
  { id: 5, code: 'DE', name: 'Germany', zone: 'Europe/Berlin' },
  { id: 6, code: 'NL', name: 'Netherlands', zone: 'Europe/Amsterdam' },
  { id: 7, code: 'GB', name: 'United Kingdom', zone: 'Europe/London' },
  { id: 8, code: 'FR', name: 'France', zone: 'Europe/Paris' },
  { id: 9, code: 'US-NY', name: 'United States, New York', zone: 'America/New_York' },
  { id: 10, code: 'US-CA', name: 'United States, California', zone: 'America/Los_Angeles' },
  { id: 11, code: 'AU-WA', name: 'Australia, Western Australia', zone: 'Australia/Perth' },
  { id: 12, code: 'IN', name: 'India', zone: 'Asia/Kolkata' },
  { id: 13, code: 'JP', name: 'Japan', zone: 'Asia/Tokyo' },
];

/** The zones that a request may name, each made once. */
export class TimeZones {
  readonly base: TimeZone;
  readonly #zones = new Map<string, TimeZone>();
  readonly #cacheLimit: number;

  constructor(baseName: string, cacheLimit: number) {
    this.#cacheLimit = cacheLimit;
    this.base = this.#named(baseName);
  }

  /** By SuperOffice id (`261`) or code (`NO`), without regard to case; undefined when there is none. */
  find(idOrCode: string): TimeZone | undefined {
    const wanted = idOrCode.toUpperCase();
    const entry = zoneEntries.find(({ id, code }) => String(id) === wanted || code === wanted);
    return entry && this.#named(entry.zone);
  }

  #named(name: string): TimeZone {
    const known = this.#zones.get(name);
    if (known !== undefined) return known;
    const zone = new TimeZone(name, this.#cacheLimit);
    this.#zones.set(name, zone);
    return zone;
  }
}
