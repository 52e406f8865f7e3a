// xs:dateTime and xs:date: reading them in a zone, writing them in UTC.
// A value without a zone means local time in the zone of the request; `Z` or an offset always wins.
import { instantOf, wallClockOf } from './zone-arithmetic.ts';

const shape = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?$/;

/** Milliseconds since 1970, cut to the second as the store does; undefined when there is no such time. */
export function readDateTime(text: string, zone: string): number | undefined {
  const match = shape.exec(text.trim());
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, , offset] = match;
  const midnightMs = midnightOf(Number(year), Number(month), Number(day));
  if (midnightMs === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const wallMs = midnightMs + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000;
  if (offset === undefined) return instantOf(wallMs, zone);
  return wallMs - offsetMs(offset);
}

function offsetMs(offset: string): number {
  if (offset === 'Z') return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6));
  return (offset.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** `2026-03-02T08:00:00Z` */
export function writeDateTime(instantMs: number): string {
  const text = new Date(instantMs).toISOString();
  return `${text.slice(0, text.length - 5)}Z`;
}

/** `2026-03-02T09:00:00+01:00`: the same instant as people in the zone see it. */
export function writeLocalDateTime(instantMs: number, zone: string): string {
  const wallMs = wallClockOf(instantMs, zone);
  return writeDateTime(wallMs).replace('Z', writeOffset(wallMs - instantMs));
}

/** `+01:00`, or `Z`. */
export function writeOffset(offsetMs: number): string {
  const minutes = Math.abs(Math.trunc(offsetMs / 60_000));
  if (minutes === 0) return 'Z';
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${offsetMs < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** `2026-03-02` of an instant or a wall clock given as if it were UTC. */
export function writeDate(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, 10);
}

/** Midnight of an xs:date as wall clock in UTC form; its zone, if any, does not matter. */
export function readDate(text: string): number | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)/.exec(text.trim());
  if (match === null) return undefined;
  return midnightOf(Number(match[1]), Number(match[2]), Number(match[3]));
}

/** Undefined when there is no such day. `Date.UTC` would take the years below 100 for those after 1900. */
function midnightOf(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : undefined;
}
