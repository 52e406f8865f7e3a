// The loop breaker: two systems that each "correct" what the other holds would write for ever. After more than four
// writes that went to and fro within ten minutes, without a person's edit among them, the link is parked.
import type { Instant, Side } from '@lockstep/contracts';
import { loopBreaker } from '../config.ts';
import type { Link, OwnWrite } from '../state/link.ts';

export const loopReason = 'loop';

/** The writes that still count, with these new ones; the most recent only, since more than that park the link anyway. */
export function withWrites(writes: readonly OwnWrite[], sides: readonly Side[], now: Instant): readonly OwnWrite[] {
  const all = [...writes, ...sides.map((side) => ({ side, at: now }))];
  return all
    .filter(({ at }) => Date.parse(now) - Date.parse(at) < loopBreaker.windowMs)
    .slice(-2 * loopBreaker.maxAlternatingWrites);
}

/** The length of the longest run at the end in which each write went to another side than the one before it. */
export function alternatingWrites(writes: readonly OwnWrite[]): number {
  let run = 0;
  for (let index = writes.length - 1; index >= 0; index--) {
    if (run > 0 && writes[index]?.side === writes[index + 1]?.side) break;
    run++;
  }
  return run;
}

/** True while a link that was parked for looping must be left alone. */
export function stillLooping(link: Link, personEdited: boolean, now: Instant): boolean {
  if (link.parked?.reason !== loopReason || personEdited) return false;
  return Date.parse(now) - Date.parse(link.parked.since) < loopBreaker.windowMs;
}
