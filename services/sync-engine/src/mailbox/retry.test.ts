import { codedError } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';
import { retryDelayMs } from './retry.ts';

const bounds = { baseMs: 1_000, capMs: 60_000 };

describe('the delay before another try', () => {
  it('grows with the attempts and never beyond its cap', () => {
    const delays = [0, 1, 2, 3, 10, 1_000].map((attempt) =>
      retryDelayMs(codedError('exchange-timeout'), attempt, bounds, () => 1),
    );
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 60_000, 60_000]);
  });

  it('is never shorter than what the side asked for', () => {
    const busy = codedError('exchange-busy', { backOffMs: 300_000 });
    for (const chance of [0, 0.5, 0.999])
      expect(retryDelayMs(busy, 0, bounds, () => chance)).toBeGreaterThanOrEqual(300_000);
  });
});
