// How long to wait before a subscription or a stream is tried again.
import type { CodedError } from '@lockstep/contracts';

export interface RetryBounds {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * `min(longest, first · 2^(failures − 1))`, at least what was asked for, plus up to a fifth (`chance`, 0 to 1) so that not all
 * come at once. What hinders on our own side (governor, NATS) passes without Exchange being asked: then the wait does not grow.
 */
export function retryPauseMs(
  failures: number,
  error: CodedError | undefined,
  { firstMs, longestMs }: RetryBounds,
  chance: number,
): number {
  const ours = error !== undefined && !error.code.startsWith('exchange-');
  const grown = ours ? firstMs : Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 20));
  return Math.max(grown, error?.backOffMs ?? 0) * (1 + chance / 5);
}
