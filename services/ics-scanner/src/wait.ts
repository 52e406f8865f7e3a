// Waiting that ends early without an exception.
import { setTimeout as pause } from 'node:timers/promises';

/** Resolves after the time, or at once when the signal is aborted. */
export async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  // The only reason for it to reject is the signal, and whoever aborted it knows.
  await pause(ms, undefined, { signal }).catch(() => undefined);
}

/** `ms` ± 20 %, so that replicas that started together do not stay together. */
export function jittered(ms: number): number {
  return ms * (0.8 + 0.4 * Math.random());
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
