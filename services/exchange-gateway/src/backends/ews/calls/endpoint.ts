// The Exchange server as this gateway knows it: how to reach it, whether it takes our credentials, whether it accepts connections.
// Looked at twice for each call: before a token is asked for, and again when it is granted, since minutes may lie between.
import { failure, type Outcome, success } from '@lockstep/contracts';
import { type DelayBounds, doubledMs } from '@lockstep/flow-control';
import type { TransportError } from '../../../http/transport-error.ts';
import type { Access, AccessReader } from '../credentials/access.ts';
import type { AuthenticationGate } from '../credentials/authentication-gate.ts';
import { type Failure, transportFailure } from './ews-errors.ts';

export interface EndpointOptions {
  readonly access: AccessReader;
  readonly gate: AuthenticationGate;
  readonly monotonic: () => number;
  /** The delay after a refused connection, doubled up to the longest while it goes on. */
  readonly refusedConnection: DelayBounds;
}

/** The right to use the credentials for one call. */
export interface Entered {
  readonly access: Access;
  /** To be called when the call has ended, however it did. */
  readonly leave: () => void;
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

  /**
   * The address and header to send now, with a token in hand. When stopped, one probe passes at a time. While Exchange has not
   * accepted the credentials yet, waits until no other call tries them; fails with `deadline-passed` when the signal aborts.
   */
  async enter(signal: AbortSignal): Promise<Outcome<Entered>> {
    const { access, gate } = this.#options;
    while (!signal.aborted) {
      const current = await access.current();
      if (!current.ok) return current;
      const { fingerprint } = current.value;
      const admission = gate.admit(fingerprint);
      if (admission.kind === 'stopped') return stopped(gate.stoppedForMs(fingerprint));
      if (admission.kind === 'admitted') return success({ access: current.value, leave: admission.leave });
      await endOf(admission.ended, signal);
    }
    return failure('deadline-passed');
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
    const bounds = this.#options.refusedConnection;
    const now = this.#options.monotonic();
    if (error.failure === 'network' && !error.sent && now >= this.#refusedUntilMs) {
      this.#refusedInARow++;
      this.#refusedUntilMs = now + doubledMs(this.#refusedInARow, bounds);
    }
    return transportFailure(error, Math.max(1, this.#refusedUntilMs - now));
  }
}

function stopped(backOffMs: number): Outcome<never> {
  return failure('exchange-unauthorized', { backOffMs, detail: 'stopped after two refusals' });
}

/** Resolves when the other call has ended or the signal aborts. */
function endOf(ended: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done, { once: true });
    void ended.then(done);
  });
}
