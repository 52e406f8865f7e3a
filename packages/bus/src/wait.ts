// The pauses between two attempts, and the clock that deadlines are counted by. A wall clock can go back, this one cannot.

/** Milliseconds that never go back. */
export const monotonicMs = (): number => performance.now();

/** A random time between half and one and a half of `ms`, so that many callers do not come back at the same moment. */
export const jittered = (ms: number): number => ms * (0.5 + Math.random());

/** Ends after `ms`, or at once when the signal aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** The pause before attempt number `attempt` (from 1): 50 ms, doubling to at most 800 ms, jittered. */
export const pauseBeforeAttempt = (attempt: number): number =>
  jittered(Math.min(800, 50 * 2 ** Math.min(attempt - 1, 10)));
