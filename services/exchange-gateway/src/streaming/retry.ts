// How long to wait before a subscription or a stream is tried again.
import type { CodedError } from '@lockstep/contracts';
import { type DelayBounds, retryDelayMs } from '@lockstep/flow-control';

/**
 * The delay after so many failures in a row, at least the pause that was asked for. What hinders on our own side (governor, NATS)
 * passes without Exchange being asked: then the delay does not grow.
 */
export function delayAfter(
  failures: number,
  error: CodedError | undefined,
  bounds: DelayBounds,
  random: () => number,
): number {
  const ours = error !== undefined && !error.code.startsWith('exchange-');
  return retryDelayMs(ours ? 1 : failures, bounds, random, error?.backOffMs);
}
