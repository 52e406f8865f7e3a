// Takes one turn after the other for as long as the polling lease is held. Nothing that goes wrong in a turn ends the loop:
// it is counted, logged without personal data, and the turn is done again.
import { BusError, type Stoppable } from '@lockstep/bus';
import { wait } from '@lockstep/bus/wait';
import { type CodedError, codedError, type Outcome, UnreadableRecord } from '@lockstep/contracts';
import { type DelayBounds, retryDelayMs } from '@lockstep/flow-control';
import type { Kit } from '@lockstep/service-kit';
import type { TurnResult } from './turn.ts';

export interface PollingLoopOptions {
  /** Aborts when the lease is no longer held. */
  readonly lease: AbortSignal;
  readonly log: Kit['log'];
  readonly turn: (signal: AbortSignal) => Promise<Outcome<TurnResult>>;
  readonly everyMs: () => number;
  /** Before the next turn after a failed one. */
  readonly delay: DelayBounds;
  readonly random: () => number;
  /** A newer release wrote what polling relies on: this one must stop. */
  readonly onNewer: (error: UnreadableRecord) => void;
  readonly onTurn: (result: 'ok' | CodedError['code']) => void;
}

export class PollingLoop implements Stoppable {
  readonly #options: PollingLoopOptions;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  /** Aborted when the next turn is wanted at once; a new one for each turn. */
  #wanted = new AbortController();

  /** Takes the first turn at once. */
  constructor(options: PollingLoopOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** Takes the next turn now: settings changed. One that runs already may have read the old ones. */
  wake(): void {
    this.#wanted.abort();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { lease, log, onTurn, everyMs, delay, random } = this.#options;
    const ends = AbortSignal.any([lease, this.#stopping.signal]);
    let failures = 0;
    while (!ends.aborted) {
      this.#wanted = new AbortController();
      const error = await this.#turn(ends);
      if (ends.aborted) break;
      failures = error === undefined ? 0 : failures + 1;
      onTurn(error?.code ?? 'ok');
      if (error !== undefined) log.warn({ code: error.code, detail: error.detail }, 'polling turn failed');
      const delayMs = error === undefined ? everyMs() : retryDelayMs(failures, delay, random, error.backOffMs);
      await wait(delayMs, AbortSignal.any([ends, this.#wanted.signal]));
    }
  }

  async #turn(signal: AbortSignal): Promise<CodedError | undefined> {
    try {
      const outcome = await this.#options.turn(signal);
      if (!outcome.ok) return outcome.error;
      if (outcome.value === 'more') this.wake();
      return undefined;
    } catch (error) {
      if (error instanceof BusError) return error.error;
      if (error instanceof UnreadableRecord && error.isNewer) this.#options.onNewer(error);
      // A defect in one turn must not end polling for good: it is logged with its stack and the turn is repeated.
      this.#options.log.error({ err: error }, 'polling turn ended by a defect');
      return codedError('internal-error');
    }
  }
}
