import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { doubledMs, retryDelayMs } from './retry-delay.ts';

const bounds = { baseMs: 100, maxMs: 5_000, minMs: 10, maxHintMs: 60_000 };
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the delay before a retry', () => {
  it('doubles up to its cap', () => {
    const longest = [1, 2, 3, 6, 7, 8, 1_000_000].map((attempt) => retryDelayMs(attempt, bounds, () => 1));
    expect(longest).toEqual([100, 200, 400, 3_200, 5_000, 5_000, 5_000]);
    expect(doubledMs(0, bounds)).toBe(100);
  });

  it('uses its whole length: half of chance is half of the delay', () => {
    expect(retryDelayMs(3, bounds, () => 0.5)).toBe(200);
    expect(retryDelayMs(3, bounds, () => 0)).toBe(10);
    expect(retryDelayMs(3, { ...bounds, minMs: 0 }, () => 0)).toBe(0);
  });

  it('stays within its bounds, whatever the attempt and the chance', () => {
    fc.assert(
      fc.property(fc.nat(), chance, (attempt, value) => {
        const delayMs = retryDelayMs(attempt, bounds, () => value);
        expect(delayMs).toBeGreaterThanOrEqual(bounds.minMs);
        expect(delayMs).toBeLessThanOrEqual(bounds.maxMs);
      }),
    );
  });

  it('is never shorter than the pause that was asked for, and follows a damaged one only to the stated maximum', () => {
    fc.assert(
      fc.property(fc.nat({ max: 50 }), chance, fc.nat({ max: 10 ** 9 }), (attempt, value, hintMs) => {
        const delayMs = retryDelayMs(attempt, bounds, () => value, hintMs);
        expect(delayMs).toBeGreaterThanOrEqual(Math.min(hintMs, bounds.maxHintMs));
        expect(delayMs).toBeLessThanOrEqual(bounds.maxHintMs * 1.2);
      }),
    );
  });
});
