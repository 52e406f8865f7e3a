// What can be set when a simulator starts. Everything that is a queue or a log has its bound here.

export interface SimulatorOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  /** Absent: in memory only. */
  readonly snapshotFile: string | undefined;
  /** Absent: nothing is recorded. */
  readonly recordDir: string | undefined;
  readonly heartbeatMs: number;
  /** How long a minute of a subscription or stream lasts; tests shorten it. */
  readonly minuteMs: number;
  readonly snapshotIntervalMs: number;
  readonly maxRequestBytes: number;
  readonly maxLogRecords: number;
  readonly maxQueuedEvents: number;
  readonly maxTombstonesPerFolder: number;
  readonly maxFaultScripts: number;
  readonly maxTokens: number;
  readonly maxOutbox: number;
}

export const defaultOptions: SimulatorOptions = {
  port: 0,
  host: '127.0.0.1',
  snapshotFile: undefined,
  recordDir: undefined,
  heartbeatMs: 45_000,
  minuteMs: 60_000,
  snapshotIntervalMs: 10_000,
  maxRequestBytes: 8 * 1024 * 1024,
  maxLogRecords: 50_000,
  maxQueuedEvents: 10_000,
  maxTombstonesPerFolder: 100_000,
  maxFaultScripts: 1_000,
  maxTokens: 10_000,
  maxOutbox: 10_000,
};

/** Options from the environment. @throws RangeError when the port is not one */
export function optionsFromEnvironment(environment: Readonly<Record<string, string | undefined>>): SimulatorOptions {
  const port = Number(environment['LOCKSTEP_EXCHANGE_SIMULATOR_PORT'] ?? 8090);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new RangeError('LOCKSTEP_EXCHANGE_SIMULATOR_PORT is not a port.');
  return {
    ...defaultOptions,
    port,
    snapshotFile: present(environment['LOCKSTEP_EXCHANGE_SIMULATOR_SNAPSHOT']),
    recordDir: present(environment['LOCKSTEP_EXCHANGE_SIMULATOR_RECORD_DIR']),
  };
}

function present(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
