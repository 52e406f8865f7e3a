// Holds or waits for the polling lease and takes one turn after the other while it is held. Nothing that goes wrong in a turn
// ends the loop: it is counted, logged without personal data, and the turn is done again.
import { type Bus, BusError, type Lease } from '@lockstep/bus';
import { type CodedError, codedError, leaseKeys, type Outcome } from '@lockstep/contracts';
import type { Kit } from '@lockstep/service-kit';
import type { TurnResult } from './turn.ts';

export interface PollingLoopOptions {
  readonly bus: Bus;
  readonly holder: string;
  readonly log: Kit['log'];
  readonly turn: (signal: AbortSignal) => Promise<Outcome<TurnResult>>;
  readonly everyMs: () => number;
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
  readonly leaseEveryMs: number;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly onTurn: (result: 'ok' | CodedError['code']) => void;
}

export class PollingLoop {
  readonly #options: PollingLoopOptions;
  readonly #stop = new AbortController();
  #wake: () => void = () => undefined;
  #wokenEarly = false;
  #turned = false;
  #running: Promise<void> | undefined;

  constructor(options: PollingLoopOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** True once the lease was asked for: a SuperOffice that is down makes nobody unready. */
  get turned(): boolean {
    return this.#turned;
  }

  /** Takes the next turn now: settings changed. */
  wake(): void {
    this.#wokenEarly = true;
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const lease = await this.#tryLease();
      this.#turned = true;
      if (lease !== undefined) await this.#hold(lease);
      await this.#sleep(this.#options.leaseEveryMs * (0.8 + 0.4 * this.#options.random()), false);
    }
  }

  async #hold(lease: Lease): Promise<void> {
    const signal = AbortSignal.any([lease.signal, this.#stop.signal]);
    let failures = 0;
    while (!signal.aborted) {
      const error = await this.#turn(signal);
      if (signal.aborted) break;
      failures = error === undefined ? 0 : failures + 1;
      this.#options.onTurn(error?.code ?? 'ok');
      if (error !== undefined)
        this.#options.log.warn({ code: error.code, detail: error.detail }, 'polling turn failed');
      await this.#sleep(error === undefined ? this.#options.everyMs() : this.#retryMs(failures, error), true);
    }
    await lease.release();
  }

  async #turn(signal: AbortSignal): Promise<CodedError | undefined> {
    try {
      const outcome = await this.#options.turn(signal);
      if (!outcome.ok) return outcome.error;
      if (outcome.value === 'more') this.wake();
      return undefined;
    } catch (error) {
      if (error instanceof BusError) return error.error;
      // A defect in one turn must not end polling for good: it is logged with its stack and the turn is repeated.
      this.#options.log.error({ err: error }, 'polling turn ended by a defect');
      return codedError('internal-error');
    }
  }

  #retryMs(failures: number, error: CodedError): number {
    const { firstRetryMs, longestRetryMs } = this.#options;
    return Math.max(error.backOffMs ?? 0, Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures - 1, 10)));
  }

  async #tryLease(): Promise<Lease | undefined> {
    try {
      return await this.#options.bus.tryLease({ key: leaseKeys.superofficePolling, holder: this.#options.holder });
    } catch (error) {
      if (error instanceof BusError) return undefined;
      throw error;
    }
  }

  /** @param wakeable whether `wake` ends it, also one that came while nobody slept */
  #sleep(ms: number, wakeable: boolean): Promise<void> {
    if (this.#stop.signal.aborted || (wakeable && this.#wokenEarly)) {
      this.#wokenEarly = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const end = () => {
        if (!wakeable && !this.#stop.signal.aborted) return;
        this.#wokenEarly = false;
        finish();
      };
      const finish = () => {
        clearTimeout(timer);
        this.#wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(finish, ms);
      this.#wake = end;
    });
  }
}
