// The one place that reads and writes the dates of SuperOffice. Two traps: year 0001 means "never", and a date without an
// offset is wall time of a zone that the answer does not name. We always ask for offsets, so one that comes without is
// refused, not guessed; only archives, whose dates are documented to be UTC, may leave it out.
import type { DateOnly, Instant, ZoneName } from '@lockstep/contracts';
import { dateIn, startOfDay } from '@lockstep/items';

/** A date of SuperOffice that cannot be understood; `field` names where it stood. */
export class UnreadableDate extends Error {
  readonly field: string;
  constructor(field: string) {
    super(`${field} is not a date with an offset`);
    this.name = 'UnreadableDate';
    this.field = field;
  }
}

const withOffset = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const withoutOffset = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$/;
const offset = /(Z|[+-]\d\d:\d\d)$/;
const never = '0001-';

/** A date that is none but for its missing offset: SuperOffice does not heed the zone that we ask for, in any row. */
export class DateWithoutOffset extends UnreadableDate {}

/** A date with a time of day that does not say where. */
export function lacksOffset(text: string): boolean {
  return withoutOffset.test(text) && !text.startsWith(never);
}

/** The instant of a date with offset; undefined for absent, empty and year 0001. @throws UnreadableDate */
export function readInstant(text: string | null | undefined, field: string): Instant | undefined {
  if (text === null || text === undefined || text === '' || text.startsWith(never)) return undefined;
  const ms = withOffset.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw withoutOffset.test(text) ? new DateWithoutOffset(field) : new UnreadableDate(field);
  return new Date(ms).toISOString();
}

/** A date of an archive: some servers leave out the suffix, and its columns are documented to be UTC. */
export function readArchiveInstant(text: string | undefined): Instant | undefined {
  if (text === undefined || text.startsWith(never)) return undefined;
  const ms = Date.parse(offset.test(text) ? text : `${text}Z`);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

/** The day of a date that has no time of day, in the zone of the row's owner. @throws UnreadableDate */
export function readDay(text: string | null | undefined, zone: ZoneName, field: string): DateOnly | undefined {
  const instant = readInstant(text, field);
  return instant === undefined ? undefined : dateIn(instant, zone);
}

/** A day without a time of day begins its day; null is SuperOffice's "never". */
export function writeDay(day: DateOnly | null, zone: ZoneName): string {
  return day === null ? '0001-01-01T00:00:00Z' : writeInstant(startOfDay(day, zone));
}

/** How SuperOffice takes an instant in an entity: UTC, whole seconds. */
export function writeInstant(instant: Instant): string {
  return `${instant.slice(0, 19)}Z`;
}

/** A literal for `afterTime` and `beforeTime` in the filter of an archive, quotes included, moved by `shiftMs`. */
export function archiveLiteral(instant: Instant, shiftMs = 0): string {
  return `'${new Date(Date.parse(instant) + shiftMs).toISOString().slice(0, 19)}'`;
}

/** An HTTP date for If-Unmodified-Since (RFC 9110 §5.6.7). */
export function httpDate(instant: Instant): string {
  return new Date(instant).toUTCString();
}
