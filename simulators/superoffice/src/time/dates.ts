// How one request writes and reads dates, by its `SO-TimeZone` header. Three kinds must not be mixed up: stored wall
// times (shifted into the header's zone), instants such as UpdatedDate (always UTC once a header is given, base-local
// without one) and plain days (never shifted, they only get a suffix). Measured payloads: Appointment63*.json of the
// npm package @superoffice/webapi.
import { badArgument, invalidRequest } from '../input/error.ts';
import type { Wall } from '../store/rows.ts';
import { type TimeZone, type TimeZones, wallOf } from './time-zone.ts';

const dateTime = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d))?(?:\.\d+)?(Z|[+-]\d\d:\d\d)?)?$/i;
const nullWall = '0001-01-01T00:00:00';
const hourMs = 3_600_000;

export class Dates {
  readonly #base: TimeZone;
  readonly #zone: TimeZone | undefined;
  readonly #suffixed: boolean;

  constructor(base: TimeZone, zone: TimeZone | undefined, suffixed: boolean) {
    this.#base = base;
    this.#zone = zone;
    this.#suffixed = suffixed;
  }

  /** A stored wall time; empty is the product's null date. */
  wall(stored: Wall): string {
    const zone = this.#zone;
    if (stored === '') return this.#nullDate();
    if (zone === undefined) return stored + (this.#suffixed ? this.#base.suffix(this.#base.toInstantMs(stored)) : '');
    const instantMs = this.#base.toInstantMs(stored);
    return zone.toWall(instantMs) + (this.#suffixed ? zone.suffix(instantMs) : '');
  }

  /** An instant, 0 = never. */
  instant(instantMs: number): string {
    if (instantMs === 0) return this.#isPlain() ? nullWall : nullWall + (this.#suffixed ? 'Z' : '');
    if (this.#isPlain()) return this.#base.toWall(instantMs);
    return wallOf(instantMs) + (this.#suffixed ? 'Z' : '');
  }

  /** A day `YYYY-MM-DD`, empty = null. */
  day(day: string): string {
    if (day === '') return this.#nullDate();
    const zone = this.#zone ?? this.#base;
    const wall = `${day}T00:00:00`;
    return wall + (this.#suffixed ? zone.suffix(zone.toInstantMs(wall)) : '');
  }

  /** `9999-12-31T23:59:59` in this request's form. */
  endOfTime(): string {
    const zone = this.#zone ?? this.#base;
    return `9999-12-31T23:59:59${this.#suffixed ? zone.suffix(Date.UTC(2026, 0, 1)) : ''}`;
  }

  /** A null date that is a wall time: with a zone of +01:00 it reads one in the morning. */
  #nullDate(): string {
    if (!this.#suffixed) return nullWall;
    const zone = this.#zone ?? this.#base;
    const winter = Date.UTC(2026, 0, 1);
    const offsetMs = zone.offsetMs(winter);
    if (offsetMs <= 0) return nullWall + zone.suffix(winter);
    const hours = String(Math.floor(offsetMs / hourMs)).padStart(2, '0');
    return `0001-01-01T${hours}:00:00${zone.suffix(winter)}`;
  }

  #isPlain(): boolean {
    return this.#zone === undefined && !this.#suffixed;
  }

  /** Reads what a client sent for a wall time; '' for null and year 1. @throws 400 when it is no date. */
  parseWall(value: unknown, field: string): Wall {
    const instantMs = this.#parse(value, field);
    return instantMs === undefined ? '' : this.#base.toWall(instantMs);
  }

  /** Reads an instant, 0 for null. @throws 400 */
  parseInstant(value: unknown, field: string): number {
    return this.#parse(value, field) ?? 0;
  }

  /** Reads a plain day: the calendar day as written, whatever suffix it carries. @throws 400 */
  parseDay(value: unknown, field: string): string {
    if (value === null || value === undefined || value === '') return '';
    const day = typeof value === 'string' ? dateTime.exec(value)?.[1] : undefined;
    if (day === undefined || Number.isNaN(Date.parse(`${day}T00:00:00Z`))) throw notADate(field);
    return day.startsWith('0001') ? '' : day;
  }

  #parse(value: unknown, field: string): number | undefined {
    if (value === null || value === undefined || value === '') return undefined;
    const match = typeof value === 'string' ? dateTime.exec(value) : null;
    if (match === null) throw notADate(field);
    const [, day = '', minutes = '00:00', seconds = '00', suffix] = match;
    const wall = `${day}T${minutes}:${seconds}`;
    if (Number.isNaN(Date.parse(`${wall}Z`)) || wallOf(Date.parse(`${wall}Z`)) !== wall) throw notADate(field);
    if (day.startsWith('0001')) return undefined;
    if (suffix !== undefined) {
      const instantMs = Date.parse(wall + suffix.toUpperCase());
      if (Number.isNaN(instantMs)) throw notADate(field);
      return instantMs;
    }
    return (this.#zone ?? this.#base).toInstantMs(wall);
  }
}

/** Reads the header `SO-TimeZone`: an id or code, the word `includeTZOffset`, in any order, even repeated. */
export function datesFor(header: string | undefined, zones: TimeZones, multiTimeZone: boolean): Dates {
  if (!multiTimeZone || header === undefined || header.trim() === '') return new Dates(zones.base, undefined, false);
  const words = header.split(',').map((word) => word.trim());
  const named = words.find((word) => word !== '' && word.toLowerCase() !== 'includetzoffset');
  const zone = named === undefined ? undefined : zones.find(named);
  if (named !== undefined && zone === undefined) throw badArgument(`Unknown time zone '${named}'`);
  return new Dates(
    zones.base,
    zone,
    words.some((word) => word.toLowerCase() === 'includetzoffset'),
  );
}

const notADate = (field: string) => invalidRequest(`The value of '${field}' is not a date and time.`);
