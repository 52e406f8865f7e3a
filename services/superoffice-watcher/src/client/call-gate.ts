// Lets at most so many calls run at a time, a bounded number wait, and none through while SuperOffice has asked for a
// pause or refuses our account: repeating a wrong password locks accounts.
import { type CodedError, failure, type Outcome, success } from '@lockstep/contracts';

export interface CallGateOptions {
  readonly running: number;
  readonly waiting: number;
  /** After two refusals in a row one call is let through in this time. */
  readonly unauthorizedProbeMs: number;
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
}

export type Leave = (error: CodedError | undefined) => void;

interface Waiter {
  readonly enter: () => void;
}

export class CallGate {
  readonly #options: CallGateOptions;
  readonly #waiters: Waiter[] = [];
  #running = 0;
  #pausedUntil = 0;
  #unauthorizedInARow = 0;
  #nextProbeAt = 0;

  constructor(options: CallGateOptions) {
    this.#options = options;
  }

  /** Waits for a place. The caller says with `leave` what became of the call, whatever happens. */
  async enter(signal: AbortSignal): Promise<Outcome<Leave>> {
    const refused = this.#refusal();
    if (refused !== undefined) return refused;
    if (this.#running >= this.#options.running) {
      if (this.#waiters.length >= this.#options.waiting) return failure('service-busy', { backOffMs: 1_000 });
      if (!(await this.#wait(signal))) return failure('deadline-passed');
      const meanwhile = this.#refusal();
      if (meanwhile !== undefined) {
        this.#leave();
        return meanwhile;
      }
    } else {
      this.#running++;
    }
    let left = false;
    return success((error) => {
      if (left) return;
      left = true;
      this.#note(error);
      this.#leave();
    });
  }

  /** A place is handed over, never freed and taken again, so that nobody overtakes those who wait. */
  #leave(): void {
    const next = this.#waiters.shift();
    if (next === undefined) this.#running--;
    else next.enter();
  }

  #wait(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const waiter: Waiter = {
        enter: () => {
          signal.removeEventListener('abort', abort);
          resolve(true);
        },
      };
      const abort = () => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        resolve(false);
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiters.push(waiter);
    });
  }

  #refusal(): Outcome<never> | undefined {
    const now = this.#options.monotonic();
    if (now < this.#pausedUntil) return failure('superoffice-busy', { backOffMs: Math.ceil(this.#pausedUntil - now) });
    if (this.#unauthorizedInARow < 2) return undefined;
    if (now < this.#nextProbeAt) {
      return failure('superoffice-unauthorized', { detail: 'not asked again until the next probe or new credentials' });
    }
    this.#nextProbeAt = now + this.#options.unauthorizedProbeMs;
    return undefined;
  }

  #note(error: CodedError | undefined): void {
    const now = this.#options.monotonic();
    if (error?.code === 'superoffice-busy')
      this.#pausedUntil = Math.max(this.#pausedUntil, now + (error.backOffMs ?? 0));
    if (error?.code === 'superoffice-unauthorized') {
      this.#unauthorizedInARow++;
      this.#nextProbeAt = now + this.#options.unauthorizedProbeMs;
    } else if (error === undefined) {
      this.#unauthorizedInARow = 0;
    }
  }
}
