// Waiting for NATS and its storage at start: for as long as it takes, with one log line in 30 s.
import { readFile } from 'node:fs/promises';
import { type Bus, BusError, connect, type OnBusEvent } from '@lockstep/bus';
import { wait } from '@lockstep/bus/wait';
import { type ServiceName, usedStorage } from '@lockstep/contracts';
import type { Logger } from 'pino';
import type { KitConfig } from './environment.ts';
import { isDamaged } from './settings-reader.ts';

const againAfterMs = 1_000;
const sayEveryMs = 30_000;

/** Connects as the service's NATS user when it has a password file. Undefined when asked to stop meanwhile. */
export async function connectPatiently(
  name: ServiceName,
  config: KitConfig,
  log: Logger,
  onEvent: OnBusEvent,
  stop: AbortSignal,
): Promise<Bus | undefined> {
  return patiently('waiting for NATS', log, stop, async () =>
    connect({
      url: config.natsUrl,
      name: `${name} ${config.instance}`,
      ...(await credentials(config)),
      replicas: config.replicas,
      historyBytes: config.historyBytes,
      storage: usedStorage(name),
      onEvent,
    }),
  );
}

/** The file is read at each attempt: a password that is being replaced must not need a restart. */
async function credentials({ natsUser, natsPasswordFile }: KitConfig): Promise<{ user?: string; password?: string }> {
  if (natsPasswordFile === undefined) return {};
  return { user: natsUser, password: (await readFile(natsPasswordFile, 'utf8')).trim() };
}

/** Repeats while NATS does not do its part (`BusError`) or a damaged setting waits for its repair. Undefined when asked to stop meanwhile. */
export async function patiently<T>(
  what: string,
  log: Logger,
  stop: AbortSignal,
  attempt: () => Promise<T>,
): Promise<T | undefined> {
  let saidAt = Number.NEGATIVE_INFINITY;
  while (!stop.aborted) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof BusError) && !isDamaged(error)) throw error;
      if (performance.now() - saidAt >= sayEveryMs) {
        saidAt = performance.now();
        log.warn({ err: error }, what);
      }
      await wait(againAfterMs, stop);
    }
  }
  return undefined;
}
