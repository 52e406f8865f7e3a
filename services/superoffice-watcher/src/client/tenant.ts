// The one SuperOffice tenant of this installation: builds the connection from the current settings and replaces it when
// they change. Calls that run on the old one end there.
import { failure, hostAndPort, isLoopback, type Outcome, type SuperOfficeSettings, success } from '@lockstep/contracts';
import { basicAuthorization } from './authorization.ts';
import { CallGate } from './call-gate.ts';
import { Connection } from './connection.ts';
import { openPassword, type PrivateKey } from './credential.ts';

export interface TenantOptions {
  readonly settings: () => SuperOfficeSettings;
  readonly key: PrivateKey;
  /** Bounds of the calls (config.ts). */
  readonly calls: {
    readonly running: number;
    readonly waiting: number;
    readonly timeoutMs: number;
    readonly maxReplyBytes: number;
    readonly refusalsToStop: number;
    readonly probeEveryMs: number;
  };
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly observe: (call: string, outcome: string, durationMs: number) => void;
}

export class Tenant {
  readonly #options: TenantOptions;
  #current: { readonly madeFrom: string; readonly connection: Promise<Outcome<Connection>> } | undefined;

  constructor(options: TenantOptions) {
    this.#options = options;
  }

  /** The connection of the current settings; a failure says what they lack. */
  connection(): Promise<Outcome<Connection>> {
    const settings = this.#options.settings();
    const { baseUrl, authentication, userName, password } = settings;
    const madeFrom = JSON.stringify([baseUrl, authentication, userName, password]);
    if (this.#current?.madeFrom !== madeFrom) {
      const old = this.#current;
      this.#current = { madeFrom, connection: this.#connect(settings) };
      if (old !== undefined) void closeConnection(old.connection);
    }
    return this.#current.connection;
  }

  async close(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    if (current !== undefined) await closeConnection(current.connection);
  }

  async #connect(settings: SuperOfficeSettings): Promise<Outcome<Connection>> {
    const missing = missingField(settings);
    if (missing !== undefined) return failure('superoffice-not-configured', { field: missing });
    const password = await openPassword(settings, this.#options.key);
    if (!password.ok) return password;
    const { calls, monotonic } = this.#options;
    return success(
      new Connection({
        baseUrl: settings.baseUrl,
        authorization: basicAuthorization(settings.userName, password.value),
        gate: new CallGate({ ...calls, monotonic }),
        connections: calls.running,
        timeoutMs: calls.timeoutMs,
        maxReplyBytes: calls.maxReplyBytes,
        now: this.#options.now,
        monotonic,
        observe: this.#options.observe,
      }),
    );
  }
}

/** Which setting keeps us from calling; Basic goes over plain http to this machine only. */
function missingField(settings: SuperOfficeSettings): string | undefined {
  if (hostAndPort(settings.baseUrl) === undefined) return 'baseUrl';
  if (settings.userName === '') return 'userName';
  if (settings.authentication !== 'basic') return 'authentication';
  const { protocol, hostname } = new URL(settings.baseUrl);
  if (protocol === 'http:' && !isLoopback(hostname)) return 'baseUrl';
  return undefined;
}

async function closeConnection(connection: Promise<Outcome<Connection>>): Promise<void> {
  const made = await connection;
  if (made.ok) await made.value.close();
}
