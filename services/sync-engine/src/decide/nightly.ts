// When a mailbox is compared in full by the clock: every night of its owner, each at an hour of its own so that not all are
// compared at once. What nobody reported is found then, what came into the window, and what can be read again. Pure.
import { fnv1a32, type Instant, type MailboxKey, type ZoneName } from '@lockstep/contracts';
import { addDays, dateIn, startOfDay } from '@lockstep/items';
import { night } from '../config.ts';

const dayMs = 86_400_000;

/** The first instant of this mailbox's nights that is not too soon after it was compared. */
export function nextNightly(comparedAt: Instant, mailbox: MailboxKey, zone: ZoneName): Instant {
  const earliestMs = Date.parse(comparedAt) + night.leastMs;
  const intoNightMs = night.fromMs + (fnv1a32(mailbox) / 2 ** 32) * night.lengthMs;
  // By dates: a day on which the clocks change has not 24 hours.
  const first = dateIn(new Date(earliestMs).toISOString(), zone);
  const nights = [0, 1, 2].map((days) => Date.parse(startOfDay(addDays(first, days), zone)) + intoNightMs);
  const next = nights.find((atMs) => atMs >= earliestMs) ?? earliestMs + dayMs;
  return new Date(next).toISOString();
}
