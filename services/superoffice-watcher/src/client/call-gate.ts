// Lets at most so many calls run at a time, a bounded number wait, and none through while SuperOffice has asked for a
// pause or refuses our account: repeating a wrong password locks accounts.
import { type CodedError, failure, type Outcome, success } from '@lockstep/contracts';
import { Semaphore } from '@lockstep/flow-control';

export interface CallGateOptions {
  readonly running: number;
  readonly waiting: number;
  /** So many refusals in a row stop all calls, */
  readonly refusalsToStop: number;
  /** but for one in this time. */
  readonly probeEveryMs: number;
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
}

/** Said by the caller when its call has ended; repeating it does nothing. */
export type Leave = (error: CodedError | undefined) => void;

export class CallGate {
  readonly #options: CallGateOptions;
  readonly #places: Semaphore;
  #pausedUntil = 0;
  #refusalsInARow = 0;
  #nextProbeAt = 0;

  constructor(options: CallGateOptions) {
    this.#options = options;
    this.#places = new Semaphore({ places: options.running, waiting: options.waiting });
  }

  /** Waits for a place. The caller says with `leave` what became of the call, whatever happens. */
  async enter(signal: AbortSignal): Promise<Outcome<Leave>> {
    if (!this.#places.tryTake()) {
      const before = this.#refusal();
      if (before !== undefined) return before;
      const taken = await this.#places.take(signal);
      if (taken === 'full') return failure('service-busy', { backOffMs: 1_000 });
      if (taken !== 'taken') return failure('deadline-passed');
    }
    const refused = this.#refusal();
    if (refused !== undefined) {
      this.#places.giveBack();
      return refused;
    }
    if (this.#isStopped()) this.#nextProbeAt = this.#options.monotonic() + this.#options.probeEveryMs;
    let left = false;
    return success((error) => {
      if (left) return;
      left = true;
      this.#note(error);
      this.#places.giveBack();
    });
  }

  #isStopped(): boolean {
    return this.#refusalsInARow >= this.#options.refusalsToStop;
  }

  #refusal(): Outcome<never> | undefined {
    const now = this.#options.monotonic();
    if (now < this.#pausedUntil) return failure('superoffice-busy', { backOffMs: Math.ceil(this.#pausedUntil - now) });
    if (!this.#isStopped() || now >= this.#nextProbeAt) return undefined;
    return failure('superoffice-unauthorized', { detail: 'not asked again until the next probe or new credentials' });
  }

  #note(error: CodedError | undefined): void {
    const now = this.#options.monotonic();
    if (error?.code === 'superoffice-busy')
      this.#pausedUntil = Math.max(this.#pausedUntil, now + (error.backOffMs ?? 0));
    if (error?.code === 'superoffice-unauthorized') {
      this.#refusalsInARow++;
      this.#nextProbeAt = now + this.#options.probeEveryMs;
    } else if (error === undefined) {
      this.#refusalsInARow = 0;
    }
  }
}
