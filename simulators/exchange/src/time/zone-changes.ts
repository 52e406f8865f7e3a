// When the clocks of a zone are turned in a year, found by asking for the offsets on the way.
import { wallClockOf } from './zone-arithmetic.ts';
import { standardOffsetMs } from './zones.ts';

const dayMs = 86_400_000;
const quarterMs = 900_000;

export interface ZoneChange {
  readonly atMs: number;
  readonly offsetBeforeMs: number;
  readonly offsetAfterMs: number;
}

/** The turn to summer time and back in that year; undefined for a zone that turns its clocks otherwise, or never. */
export function yearlyTurns(
  iana: string,
  nowMs: number,
): { readonly summer: ZoneChange; readonly winter: ZoneChange } | undefined {
  const standardMs = standardOffsetMs(iana, nowMs);
  const changes = changesOf(iana, new Date(nowMs).getUTCFullYear());
  const summer = changes.find((each) => each.offsetAfterMs > standardMs);
  const winter = changes.find((each) => each.offsetAfterMs === standardMs);
  return changes.length !== 2 || summer === undefined || winter === undefined ? undefined : { summer, winter };
}

/** @param wall a wall clock as if it were UTC */
export function isLastOfMonth(wall: Date): boolean {
  return new Date(wall.getTime() + 7 * dayMs).getUTCMonth() !== wall.getUTCMonth();
}

function changesOf(iana: string, year: number): readonly ZoneChange[] {
  const offsetAt = (at: number): number => wallClockOf(at, iana) - at;
  const changes: ZoneChange[] = [];
  for (let month = 0; month < 12; month += 1) {
    const [from, to] = [Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1)];
    if (offsetAt(from) === offsetAt(to)) continue;
    const atMs = changeBetween(from, to, offsetAt);
    changes.push({ atMs, offsetBeforeMs: offsetAt(from), offsetAfterMs: offsetAt(to) });
  }
  return changes;
}

/** The first quarter of an hour with another offset, by halving. */
function changeBetween(from: number, to: number, offsetAt: (at: number) => number): number {
  const before = offsetAt(from);
  let [low, high] = [from / quarterMs, to / quarterMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle * quarterMs) === before) low = middle;
    else high = middle;
  }
  return high * quarterMs;
}
