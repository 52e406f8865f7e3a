// SuperOffice's dates. Two traps: year 0001 means "never", and a date without an offset is wall time of a zone that the
// answer does not name. We always ask for offsets, so one that comes without is refused, not guessed.
import type { Instant } from '@lockstep/contracts';

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

/** The instant of a date with offset; undefined for absent, empty and year 0001. @throws UnreadableDate */
export function instantOf(text: string | null | undefined, field: string): Instant | undefined {
  if (text === null || text === undefined || text === '' || text.startsWith('0001-')) return undefined;
  const ms = withOffset.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new UnreadableDate(field);
  return new Date(ms).toISOString();
}

/** How SuperOffice takes an instant: UTC, whole seconds. */
export function wireDate(instant: Instant): string {
  return `${instant.slice(0, 19)}Z`;
}

/** An HTTP date for If-Unmodified-Since (RFC 9110 §5.6.7). */
export function httpDate(instant: Instant): string {
  return new Date(instant).toUTCString();
}
