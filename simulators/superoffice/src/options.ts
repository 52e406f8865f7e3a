// What the simulator can be told at its start. In tests most of it stays at the defaults.

export interface SuperOfficeSimulatorOptions {
  /** Default 8100; 0 takes a free one. */
  readonly port?: number;
  /** Default 127.0.0.1. The control API has no authentication: think before you change it. */
  readonly host?: string;
  /** Tenant id and first part of every path; default `Cust00001`. */
  readonly contextIdentifier?: string;
  /** IANA name of the time zone in which the database stores wall time; default Europe/Oslo. */
  readonly baseTimeZone?: string;
  /** File that keeps the database; absent = memory only. */
  readonly snapshotFile?: string;
  /** Default 10 s. */
  readonly snapshotIntervalMs?: number;
  /** Waits before the second and third attempt of a webhook; default 1 s and 4 s. */
  readonly webhookRetryWaitsMs?: readonly number[];
  /** Default 10 s. */
  readonly webhookTimeoutMs?: number;
  /** Whether webhooks may go to http:// addresses on this machine; default true. */
  readonly plainHttpWebhooks?: boolean;
  /** The account of the integration; default sync@lockstep.test with password lockstep. */
  readonly systemAccount?: { readonly login: string; readonly password: string };
  /** Where the time comes from; default Date.now. */
  readonly now?: () => number;
}

/** Reads the environment. @throws when a value makes no sense. */
export function optionsFromEnvironment(env: Readonly<Record<string, string | undefined>>): SuperOfficeSimulatorOptions {
  const port = env['LOCKSTEP_SUPEROFFICE_SIMULATOR_PORT'];
  const host = env['LOCKSTEP_HOST'];
  const snapshotFile = env['LOCKSTEP_SUPEROFFICE_SIMULATOR_SNAPSHOT'];
  if (port !== undefined && !/^\d{1,5}$/.test(port)) {
    throw new Error('LOCKSTEP_SUPEROFFICE_SIMULATOR_PORT must be a port number');
  }
  return {
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(host === undefined ? {} : { host }),
    ...(snapshotFile === undefined ? {} : { snapshotFile }),
  };
}
