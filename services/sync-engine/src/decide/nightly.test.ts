import type { MailboxKey } from '@lockstep/contracts';
import { dateIn, startOfDay } from '@lockstep/items';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { night } from '../config.ts';
import { nextNightly } from './nightly.ts';

const zones = fc.constantFrom('Europe/Oslo', 'America/New_York', 'Pacific/Auckland', 'Asia/Kolkata', 'UTC');
const mailboxes = fc
  .array(fc.constantFrom(...'abcdefghijklmnop234567'), { minLength: 16, maxLength: 16 })
  .map((letters) => letters.join('') as MailboxKey);
const instants = fc.integer({ min: 0, max: 730 * 24 }).map((hour) => new Date(1_790_000_000_000 + hour * 3_600_000));

describe('the nightly compare of a mailbox', () => {
  it('comes within the next night but one, at night where its owner is, and never soon after the last one', () => {
    fc.assert(
      fc.property(instants, mailboxes, zones, (comparedAt, mailbox, zone) => {
        const next = nextNightly(comparedAt.toISOString(), mailbox, zone);
        const afterMs = Date.parse(next) - comparedAt.getTime();
        expect(afterMs).toBeGreaterThanOrEqual(night.leastMs);
        expect(afterMs).toBeLessThanOrEqual(night.leastMs + 26 * 3_600_000);
        const intoDayMs = Date.parse(next) - Date.parse(startOfDay(dateIn(next, zone), zone));
        expect(intoDayMs).toBeGreaterThanOrEqual(night.fromMs);
        expect(intoDayMs).toBeLessThan(night.fromMs + night.lengthMs + 1);
      }),
      { numRuns: 500 },
    );
  });

  it('spreads the mailboxes over the night', () => {
    const hours = Array.from({ length: 200 }, (_, index) => {
      const mailbox = `mailbox${index}`.padEnd(16, 'a') as MailboxKey;
      return nextNightly('2026-11-20T12:00:00.000Z', mailbox, 'UTC').slice(11, 13);
    });
    expect(new Set(hours).size).toBe(night.lengthMs / 3_600_000);
  });
});
