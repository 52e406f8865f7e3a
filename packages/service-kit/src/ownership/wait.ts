// Waiting for a signal, and times that keep replicas apart.

/** Ends when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** `ms` ± 20 %, so that replicas that started together do not stay together. */
export function spread(ms: number, random: () => number = Math.random): number {
  return ms * (0.8 + 0.4 * random());
}
