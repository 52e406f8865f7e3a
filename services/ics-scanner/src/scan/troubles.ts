// Which mailboxes are in trouble and when each is tried again.
import type { CodedError, MailboxKey } from '@lockstep/contracts';
import { type DelayBounds, retryDelayMs } from '@lockstep/flow-control';

export interface TroubleOptions extends DelayBounds {
  /** Mailboxes remembered; beyond this the oldest is forgotten and tried again at once. */
  readonly maxMailboxes: number;
  /** A number from 0 to 1. */
  readonly random: () => number;
}

interface Trouble {
  readonly failures: number;
  /** When the first of these failures was. */
  readonly sinceMs: number;
  readonly untilMs: number;
}

export class Troubles {
  readonly #options: TroubleOptions;
  readonly #mailboxes = new Map<MailboxKey, Trouble>();

  constructor(options: TroubleOptions) {
    this.#options = options;
  }

  /** Notes a failure and returns in how many milliseconds to try again. `nowMs` is monotonic. */
  failed(mailbox: MailboxKey, error: CodedError, nowMs: number): number {
    const { failures: before = 0, sinceMs = nowMs } = this.#mailboxes.get(mailbox) ?? {};
    const failures = before + 1;
    const delayMs = this.#delayMs(failures, error);
    this.#mailboxes.delete(mailbox);
    this.#mailboxes.set(mailbox, { failures, sinceMs, untilMs: nowMs + delayMs });
    this.#forgetOldest();
    return delayMs;
  }

  succeeded(mailbox: MailboxKey): void {
    this.#mailboxes.delete(mailbox);
  }

  /** Returns the mailboxes that were in trouble. */
  forgetAll(): readonly MailboxKey[] {
    const mailboxes = [...this.#mailboxes.keys()];
    this.#mailboxes.clear();
    return mailboxes;
  }

  /** How long this mailbox is still left alone; 0 = not at all. */
  waitMs(mailbox: MailboxKey, nowMs: number): number {
    return Math.max(0, (this.#mailboxes.get(mailbox)?.untilMs ?? nowMs) - nowMs);
  }

  /** How long this mailbox has been in trouble; 0 = it is in none. */
  lastedMs(mailbox: MailboxKey, nowMs: number): number {
    return nowMs - (this.#mailboxes.get(mailbox)?.sinceMs ?? nowMs);
  }

  get size(): number {
    return this.#mailboxes.size;
  }

  // What will fail again (`never`) is still tried, as rarely as may be: an update may repair it, and nothing is given up.
  #delayMs(failures: number, { retry, backOffMs }: CodedError): number {
    const { random, ...bounds } = this.#options;
    const { maxMs } = bounds;
    if (retry === 'never') return retryDelayMs(1, { baseMs: maxMs, maxMs, minMs: maxMs / 2 }, random);
    return retryDelayMs(failures, bounds, random, backOffMs);
  }

  #forgetOldest(): void {
    if (this.#mailboxes.size <= this.#options.maxMailboxes) return;
    for (const mailbox of this.#mailboxes.keys()) {
      this.#mailboxes.delete(mailbox);
      return;
    }
  }
}
