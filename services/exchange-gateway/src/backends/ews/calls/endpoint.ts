// The Exchange server as this gateway knows it: how to reach it, whether it takes our credentials, whether it accepts connections.
// Looked at twice for each call: before a token is asked for, and again when it is granted, since minutes may lie between.
import { failure, type Outcome, success } from '@lockstep/contracts';
import type { TransportError } from '../../../http/transport-error.ts';
import type { Access, AccessReader } from '../credentials/access.ts';
import type { AuthenticationGate } from '../credentials/authentication-gate.ts';
import { Availability, type AvailabilityBounds } from './availability.ts';
import { type Failure, meansUnavailable, transportFailure } from './ews-errors.ts';

export interface EndpointOptions {
  readonly access: AccessReader;
  readonly gate: AuthenticationGate;
  readonly monotonic: () => number;
  /** The delay after a refused connection or a 503 that names no pause. */
  readonly unavailable: AvailabilityBounds;
}

/** The right to use the credentials for one call. */
export interface Entered {
  readonly access: Access;
  /** To be called when the call has ended, however it did. */
  readonly leave: () => void;
}

/** Statuses that refuse the account: 440 and 456 are a logon that timed out and a locked account. */
const refusals: ReadonlySet<number> = new Set([401, 440, 456]);

/** Failures of what has to stand before a request: trying on at once would meet the same. */
const noConnection: ReadonlySet<TransportError['failure']> = new Set(['network', 'certificate', 'tls', 'proxy']);

export class Endpoint {
  readonly #options: EndpointOptions;
  readonly #availability: Availability;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#availability = new Availability(options.unavailable, options.monotonic);
  }

  /** How long an endpoint that is not available is left alone. */
  get delayMs(): number {
    return this.#availability.delayMs;
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
   * accepted the credentials yet, or was not available, waits until no other call tries; fails with `deadline-passed` when the
   * signal aborts.
   */
  async enter(signal: AbortSignal): Promise<Outcome<Entered>> {
    const { access, gate } = this.#options;
    while (!signal.aborted) {
      const current = await access.current();
      if (!current.ok) return current;
      const { fingerprint } = current.value;
      const turn = this.#availability.enter();
      if (turn.kind === 'closed') return failure('governor-back-off', { backOffMs: turn.delayMs });
      if (turn.kind === 'waits') {
        await endOf(turn.ended, signal, turn.atMostMs);
        continue;
      }
      const admission = gate.admit(fingerprint);
      const leave = () => {
        if (admission.kind === 'admitted') admission.leave();
        if (turn.kind === 'probe') turn.leave();
      };
      if (admission.kind === 'admitted') return success({ access: current.value, leave });
      leave();
      if (admission.kind === 'stopped') return stopped(gate.stoppedForMs(fingerprint));
      await endOf(admission.ended, signal);
    }
    return failure('deadline-passed');
  }

  /** It answered with this status. */
  answered({ fingerprint }: Access, { status }: { readonly status: number }): void {
    if (meansUnavailable(status)) this.#availability.failed();
    else this.#availability.recovered();
    if (refusals.has(status)) this.#options.gate.refused(fingerprint);
    // Only EWS itself says that the account was accepted; a 503 may come from what stands before it.
    else if (status === 200 || status === 500) this.#options.gate.accepted(fingerprint);
  }

  /** What a broken connection means. */
  broken(error: TransportError): Failure {
    if (!error.sent && noConnection.has(error.failure)) this.#availability.failed();
    return transportFailure(error, this.delayMs);
  }

  /** The governor says that the endpoint pauses. */
  paused(pauseMs: number): void {
    this.#availability.told(pauseMs);
  }

  /** Another server or account: what was learned about the old one counts no more. */
  forget(): void {
    this.#availability.recovered();
  }
}

function stopped(backOffMs: number): Outcome<never> {
  return failure('exchange-unauthorized', { backOffMs, detail: 'stopped after two refusals' });
}

/** Resolves when the other call has ended, the time is over or the signal aborts. */
function endOf(ended: Promise<void>, signal: AbortSignal, atMostMs?: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = atMostMs === undefined ? undefined : setTimeout(() => done(), atMostMs);
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done, { once: true });
    void ended.then(done);
  });
}
