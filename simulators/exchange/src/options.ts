// What can be set when a simulator starts. Everything that is a queue or a log has its bound here.

export interface SimulatorOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  /** Where the same is served over TLS, save the control API. Absent: nowhere; 0 takes a free one. */
  readonly tlsPort: number | undefined;
  /** Names and addresses for the certificate, besides those of this machine. */
  readonly tlsHostNames: readonly string[];
  /** Absent: in memory only. */
  readonly snapshotFile: string | undefined;
  /** Absent: nothing is recorded. */
  readonly recordDir: string | undefined;
  readonly heartbeatMs: number;
  /** How long a minute of a subscription or stream lasts; tests shorten it. */
  readonly minuteMs: number;
  /** How long a push notification waits for its answer. */
  readonly pushTimeoutMs: number;
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
  tlsPort: undefined,
  tlsHostNames: [],
  snapshotFile: undefined,
  recordDir: undefined,
  heartbeatMs: 45_000,
  minuteMs: 60_000,
  pushTimeoutMs: 30_000,
  snapshotIntervalMs: 10_000,
  maxRequestBytes: 8 * 1024 * 1024,
  maxLogRecords: 50_000,
  maxQueuedEvents: 10_000,
  maxTombstonesPerFolder: 100_000,
  maxFaultScripts: 1_000,
  maxTokens: 10_000,
  maxOutbox: 10_000,
};

/** Options from the environment. @throws RangeError when a port is not one */
export function optionsFromEnvironment(environment: Readonly<Record<string, string | undefined>>): SimulatorOptions {
  const tlsHostNames = present(environment['LOCKSTEP_EXCHANGE_SIMULATOR_TLS_HOST_NAMES']) ?? '';
  return {
    ...defaultOptions,
    port: portFrom(environment, 'LOCKSTEP_EXCHANGE_SIMULATOR_PORT') ?? 8090,
    tlsPort: portFrom(environment, 'LOCKSTEP_EXCHANGE_SIMULATOR_TLS_PORT'),
    tlsHostNames: tlsHostNames.split(/[\s,]+/).filter((name) => name !== ''),
    snapshotFile: present(environment['LOCKSTEP_EXCHANGE_SIMULATOR_SNAPSHOT']),
    recordDir: present(environment['LOCKSTEP_EXCHANGE_SIMULATOR_RECORD_DIR']),
  };
}

function portFrom(environment: Readonly<Record<string, string | undefined>>, name: string): number | undefined {
  const text = present(environment[name]);
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new RangeError(`${name} is not a port.`);
  return port;
}

function present(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
