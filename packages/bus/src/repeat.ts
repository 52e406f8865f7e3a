// How long the bus waits before it asks again what nobody can have begun.
import { type DelayBounds, retryDelayMs } from '@lockstep/flow-control';

/** Short at first: a service that is just starting, or a JetStream that is, answers within a second. */
const bounds: DelayBounds = { minMs: 10, baseMs: 100, maxMs: 1_600 };

/** The delay after attempt number `attempt` (from 1), at most `remainingMs`. */
export function delayAfterAttempt(attempt: number, remainingMs: number): number {
  return Math.min(retryDelayMs(attempt, bounds, Math.random), Math.max(0, remainingMs));
}
