// The delete brake: a mailbox in which many items vanish at once is more often an accident than a wish, so that deletes
// beyond the bound wait for an administrator. Counted by the minute, so that the count stays small for any mailbox.
import type { Instant } from '@lockstep/contracts';
import { deleteBrake } from '../config.ts';
import type { DeleteCount } from '../state/mailbox-record.ts';

const { windowMinutes, freeDeletes, freeShare } = deleteBrake;
const minuteMs = 60_000;

/** Our deletes in the last ten minutes; up to a minute more, since they are counted by the minute. */
export function recentDeletes(deletes: readonly DeleteCount[], now: Instant): number {
  return recent(deletes, now).reduce((sum, { count }) => sum + count, 0);
}

/** May one more item be deleted? The bound is the greater of 20 and a tenth of the links that there were. */
export function mayDelete(deletes: readonly DeleteCount[], links: number, now: Instant): boolean {
  const done = recentDeletes(deletes, now);
  return done + 1 <= Math.max(freeDeletes, Math.floor((links + done) * freeShare));
}

/** The counts with one more delete. */
export function countDelete(deletes: readonly DeleteCount[], now: Instant): readonly DeleteCount[] {
  const minute = minuteOf(now);
  const kept = recent(deletes, now);
  const before = kept.find((entry) => entry.minute === minute)?.count ?? 0;
  return [...kept.filter((entry) => entry.minute !== minute), { minute, count: before + 1 }];
}

function recent(deletes: readonly DeleteCount[], now: Instant): readonly DeleteCount[] {
  const oldest = minuteOf(now) - windowMinutes;
  return deletes.filter(({ minute }) => minute >= oldest);
}

function minuteOf(now: Instant): number {
  return Math.floor(Date.parse(now) / minuteMs);
}
