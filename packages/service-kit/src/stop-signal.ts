// Being asked to stop, as a promise for the one who waits and a signal for what is under way.

export interface StopRequest {
  readonly asked: Promise<void>;
  readonly signal: AbortSignal;
}

/** Listens to process signals. A second one changes nothing: the stop has its own time limit. */
export function endsOnce(signals: readonly NodeJS.Signals[]): StopRequest {
  const controller = new AbortController();
  const asked = new Promise<void>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  for (const name of signals) process.on(name, () => controller.abort());
  return { asked, signal: controller.signal };
}
