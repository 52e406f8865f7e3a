// The Exchange server as this gateway knows it: how to reach it, whether it takes our credentials, whether it accepts connections.
// Looked at twice for each call: before a token is asked for, and again when it is granted, since minutes may lie between.
import { failure, type Outcome } from '@lockstep/contracts';
import type { Access, AccessReader } from './credentials/access.ts';
import type { AuthenticationGate } from './credentials/authentication-gate.ts';
import { type Failure, transportFailure } from './ews-errors.ts';
import type { TransportError } from './http/transport-error.ts';

export interface EndpointOptions {
  readonly access: AccessReader;
  readonly gate: AuthenticationGate;
  readonly monotonic: () => number;
  /** Pause after a refused connection, doubled up to the longest while it goes on. */
  readonly refusedPauseMs: { readonly first: number; readonly longest: number };
}

/** Statuses that refuse the account: 440 and 456 are a logon that timed out and a locked account. */
const refusals: ReadonlySet<number> = new Set([401, 440, 456]);

export class Endpoint {
  readonly #options: EndpointOptions;
  #refusedInARow = 0;
  #refusedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: EndpointOptions) {
    this.#options = options;
  }

  /** Whether it is worth asking for a token: settings complete, password opened, credentials not refused. */
  async ready(): Promise<Outcome<Access>> {
    const { access, gate } = this.#options;
    const current = await access.current();
    if (!current.ok) return current;
    const stoppedForMs = gate.stoppedForMs(current.value.fingerprint);
    return stoppedForMs === 0 ? current : stopped(stoppedForMs);
  }

  /** The address and header to send now, with a token in hand. When stopped, one probe passes at a time. */
  async enter(): Promise<Outcome<Access>> {
    const { access, gate } = this.#options;
    const current = await access.current();
    if (!current.ok) return current;
    const { fingerprint } = current.value;
    return gate.admit(fingerprint) ? current : stopped(gate.stoppedForMs(fingerprint));
  }

  /** It answered with this status. */
  answered({ fingerprint }: Access, status: number): void {
    this.#refusedInARow = 0;
    if (refusals.has(status)) this.#options.gate.refused(fingerprint);
    // Only EWS itself says that the account was accepted; a 503 may come from what stands before it.
    else if (status === 200 || status === 500) this.#options.gate.accepted(fingerprint);
  }

  /** What a broken connection means. Calls that fail together count once. */
  broken(error: TransportError): Failure {
    const { first, longest } = this.#options.refusedPauseMs;
    const now = this.#options.monotonic();
    if (error.failure === 'network' && !error.sent && now >= this.#refusedUntilMs) {
      this.#refusedUntilMs = now + Math.min(longest, first * 2 ** Math.min(this.#refusedInARow, 20));
      this.#refusedInARow++;
    }
    return transportFailure(error, Math.max(1, this.#refusedUntilMs - now));
  }
}

function stopped(backOffMs: number): Outcome<never> {
  return failure('exchange-unauthorized', { backOffMs, detail: 'stopped after two refusals' });
}
