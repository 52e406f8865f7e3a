// Which mailboxes are in trouble and when each is tried again. Full jitter between attempts, so that many do not come back together;
// a pause that Exchange asked for is never shortened.
// delay = random(0, min(maxMs, baseMs · 2^failures)); with a hint: hint · (1 + random(0, 0.2)), or the delay if that is longer.
import type { CodedError, MailboxKey } from '@lockstep/contracts';

export interface TroubleOptions {
  readonly baseMs: number;
  readonly maxMs: number;
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
    const delayMs = Math.round(this.#delayMs(failures, error));
    this.#mailboxes.delete(mailbox);
    this.#mailboxes.set(mailbox, { failures, sinceMs, untilMs: nowMs + delayMs });
    this.#forgetOldest();
    return delayMs;
  }

  succeeded(mailbox: MailboxKey): void {
    this.#mailboxes.delete(mailbox);
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
  #delayMs(failures: number, { retry, backOffMs = 0 }: CodedError): number {
    const { baseMs, maxMs, random } = this.#options;
    if (retry === 'never') return maxMs * (0.5 + random() / 2);
    const grown = random() * Math.min(maxMs, baseMs * 2 ** failures);
    return Math.max(grown, backOffMs * (1 + random() / 5));
  }

  #forgetOldest(): void {
    if (this.#mailboxes.size <= this.#options.maxMailboxes) return;
    for (const mailbox of this.#mailboxes.keys()) {
      this.#mailboxes.delete(mailbox);
      return;
    }
  }
}
