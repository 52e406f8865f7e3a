// The one way to wait: for a time, for a signal, for work that may take too long; and the clock that deadlines are counted by.
// A wall clock can go back, this one cannot.

/** Milliseconds that never go back. */
export const monotonicMs = (): number => performance.now();

/** Node's timers fire at once beyond this. */
const longestTimerMs = 2 ** 31 - 1;

/** Ends after `ms`, or at once when the signal aborts. */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(Math.max(0, ms), longestTimerMs));
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** Ends when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** True when the work has ended within `ms`, false when it goes on. Rejects when the work does, in time. */
export async function endsWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  const ended = new AbortController();
  try {
    return await Promise.race([work.then(() => true), wait(ms, ended.signal).then(() => false)]);
  } finally {
    ended.abort();
  }
}

/** `ms` ± 20 %, so that replicas that started together do not stay together. */
export function spread(ms: number, random: () => number = Math.random): number {
  return ms * (0.8 + 0.4 * random());
}
