// The bounds of this service and what it takes from the environment.
import { environment } from '@lockstep/contracts';
import type { Kit } from '@lockstep/service-kit';

/** Every limit of the watcher in one place; each class demands its own in its constructor. */
export const limits = {
  /** SuperOffice publishes no limit; more than this at a time has been seen to slow a tenant down. */
  concurrentCalls: 4,
  waitingCalls: 2_000,
  callTimeoutMs: 30_000,
  maxReplyBytes: 32 * 1024 * 1024,
  unauthorizedProbeMs: 5 * 60_000,
  publishDeadlineMs: 8_000,
  deliveryTimeLimitMs: 10_000,
  rowsAtOnce: 1_000,
  eventIds: 10_000,
  stamps: 50_000,
  index: { maxWaiting: 5_000, maxAttempts: 30, retryDelayMs: 5 },
  usersPerTurn: 100,
  leaseEveryMs: 2_000,
  shortestPollEveryMs: 200,
  retry: { firstRetryMs: 1_000, longestRetryMs: 60_000 },
} as const;

export interface WatcherConfig {
  readonly keyFile: string;
  readonly webhookHost: string;
  readonly webhookPort: number;
}

/** Throws with the variable's name when a value is missing or wrong. */
export function readConfig(variable: Kit['environment']): WatcherConfig {
  const keyFile = variable(environment.superofficeKeyFile.name);
  if (keyFile === undefined) throw new RangeError(`${environment.superofficeKeyFile.name} names no file`);
  const port = Number(variable(environment.webhookPort.name));
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`${environment.webhookPort.name} is not a port`);
  }
  return { keyFile, webhookHost: variable(environment.host.name) ?? '127.0.0.1', webhookPort: port };
}
