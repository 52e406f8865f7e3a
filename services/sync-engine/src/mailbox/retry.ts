// How long a message waits before its next try. Retries happen here and nowhere else (design §5).
import type { CodedError } from '@lockstep/contracts';

export interface RetryBounds {
  readonly baseMs: number;
  readonly capMs: number;
}

const upwardJitter = 0.2;

/**
 * Full jitter: `random() · min(cap, base · 2^attempt)`; with a hint from the side: the hint and up to a fifth more, never less.
 * `attempt` counts from 0, `random` is in [0, 1).
 */
export function retryDelayMs(error: CodedError, attempt: number, bounds: RetryBounds, random: () => number): number {
  const { baseMs, capMs } = bounds;
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30));
  const spread = Math.max(100, Math.round(random() * ceiling));
  if (error.backOffMs === undefined) return spread;
  return Math.max(spread, Math.ceil(error.backOffMs * (1 + upwardJitter * random())));
}
