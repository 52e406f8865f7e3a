import { describe, expect, it } from 'vitest';
import type { DeleteCount } from '../state/mailbox-record.ts';
import { countDelete, mayDelete, recentDeletes } from './delete-brake.ts';

const at = (minute: number) => new Date(Date.parse('2026-11-22T12:00:00.000Z') + minute * 60_000).toISOString();

/** Deletes as long as the brake allows it, one a second. */
function deletesAllowed(links: number): number {
  let deletes: readonly DeleteCount[] = [];
  for (let done = 0; ; done++) {
    const now = new Date(Date.parse(at(0)) + done * 1_000).toISOString();
    if (!mayDelete(deletes, links - done, now) || done > links) return done;
    deletes = countDelete(deletes, now);
  }
}

describe('the delete brake', () => {
  it('lets twenty deletes pass in a small mailbox and not one more', () => {
    expect(deletesAllowed(30)).toBe(20);
    expect(deletesAllowed(200)).toBe(20);
  });

  it('lets a tenth of the links pass in a large one, counted before the deletes', () => {
    expect(deletesAllowed(1_000)).toBe(100);
  });

  it('lets go again after ten minutes', () => {
    let deletes: readonly DeleteCount[] = [];
    for (let done = 0; done < 20; done++) deletes = countDelete(deletes, at(0));
    expect(mayDelete(deletes, 30, at(10))).toBe(false);
    expect(mayDelete(deletes, 30, at(11))).toBe(true);
  });

  it('keeps one small count a minute, however many were deleted', () => {
    let deletes: readonly DeleteCount[] = [];
    for (let minute = 0; minute < 60; minute++) {
      for (let done = 0; done < 100; done++) deletes = countDelete(deletes, at(minute));
    }
    expect(deletes.length).toBeLessThanOrEqual(11);
    expect(recentDeletes(deletes, at(59))).toBeGreaterThanOrEqual(1_000);
  });
});
