// Pauses that Exchange asked for, by who pays: one mailbox, the account, or the whole endpoint. A pause only ever grows until it
// is over; a hint of the server is never shortened. Busy answers for three payers within 10 s pause the endpoint, for the longest
// of their pauses: then the server is overloaded, not a mailbox.
// Formula without a hint: pause = min(maxMs, baseMs · 2^(busy answers of this scope in a row − 1)).
import { doubledMs } from './retry-delay.ts';

export type PauseScope =
  | { readonly kind: 'mailbox'; readonly mailbox: string }
  | { readonly kind: 'account' }
  | { readonly kind: 'endpoint' };

export interface Pause {
  readonly scope: PauseScope;
  readonly remainingMs: number;
}

export interface BackOffOptions {
  readonly baseMs: number;
  /** The longest pause without a hint. */
  readonly maxMs: number;
  /** The longest pause with one, against a damaged hint. */
  readonly maxHintMs: number;
  readonly endpointPayers: number;
  readonly endpointWithinMs: number;
  /** Mailboxes paused at the same time; beyond this the endpoint is paused instead. */
  readonly maxMailboxes: number;
}

/** The payer that stands for the account (delegation). */
export const accountPayer = 'account';

interface Active {
  readonly scope: PauseScope;
  untilMs: number;
  /** Busy answers without an answer of success between them. */
  streak: number;
}

interface BusyAnswer {
  readonly payer: string;
  readonly atMs: number;
  readonly pauseMs: number;
}

const scopeKey = (scope: PauseScope) => (scope.kind === 'mailbox' ? `mailbox ${scope.mailbox}` : scope.kind);
const scopeOf = (payer: string): PauseScope =>
  payer === accountPayer ? { kind: 'account' } : { kind: 'mailbox', mailbox: payer };

/** All pauses in force. Pure: time is passed in as monotonic milliseconds. */
export class BackOffs {
  readonly #options: BackOffOptions;
  readonly #active = new Map<string, Active>();
  #recent: readonly BusyAnswer[] = [];

  constructor(options: BackOffOptions) {
    this.#options = options;
  }

  /** A gateway says that this scope pauses for `remainingMs`. */
  report(pause: Pause, nowMs: number): void {
    this.#extend(pause.scope, Math.min(pause.remainingMs, this.#options.maxHintMs), nowMs);
  }

  /** A call of this payer was answered busy, with the server's hint if it gave one. */
  busy(payer: string, hintMs: number | undefined, nowMs: number): void {
    const { baseMs, maxMs, maxHintMs, endpointPayers, endpointWithinMs } = this.#options;
    const before = this.#active.get(scopeKey(scopeOf(payer)));
    // Calls that were in flight together are refused together: that is one busy answer, not many in a row.
    const streak = before === undefined ? 1 : before.streak + (before.untilMs > nowMs && before.streak > 0 ? 0 : 1);
    const grown = doubledMs(streak, { baseMs, maxMs });
    const pauseMs = hintMs === undefined ? grown : Math.min(hintMs, maxHintMs);
    const active = this.#extend(scopeOf(payer), pauseMs, nowMs);
    active.streak = streak;
    const recent = this.#recent.filter((answer) => answer.payer !== payer && nowMs - answer.atMs < endpointWithinMs);
    this.#recent = [...recent, { payer, atMs: nowMs, pauseMs }];
    if (this.#recent.length < endpointPayers) return;
    const longest = Math.max(...this.#recent.map((answer) => answer.atMs + answer.pauseMs));
    this.#extend({ kind: 'endpoint' }, longest - nowMs, nowMs);
    this.#recent = [];
  }

  /** A call of this payer was answered: its next pause begins small again. A pause in force goes on. */
  succeeded(payer: string, nowMs: number): void {
    const key = scopeKey(scopeOf(payer));
    const active = this.#active.get(key);
    if (active === undefined) return;
    if (active.untilMs <= nowMs) this.#active.delete(key);
    else active.streak = 0;
  }

  /** How long this payer has to wait: the longest of its own pause and the endpoint's; 0 = none. */
  remainingMs(payer: string, nowMs: number): number {
    const until = (key: string) => this.#active.get(key)?.untilMs ?? nowMs;
    return Math.max(0, until(scopeKey(scopeOf(payer))) - nowMs, until('endpoint') - nowMs);
  }

  /** Every pause in force. */
  list(nowMs: number): readonly Pause[] {
    const inForce = [...this.#active.values()].filter((active) => active.untilMs > nowMs);
    return inForce.map((active) => ({ scope: active.scope, remainingMs: active.untilMs - nowMs }));
  }

  /** Other credentials or another server: what the old ones were asked to wait for means nothing any more. */
  clear(): void {
    this.#active.clear();
    this.#recent = [];
  }

  #extend(scope: PauseScope, pauseMs: number, nowMs: number): Active {
    const key = scopeKey(scope);
    const known = this.#active.get(key);
    if (known !== undefined) {
      known.untilMs = Math.max(known.untilMs, nowMs + pauseMs);
      return known;
    }
    if (scope.kind === 'mailbox' && !this.#hasRoom(nowMs)) return this.#extend({ kind: 'endpoint' }, pauseMs, nowMs);
    const active = { scope, untilMs: nowMs + pauseMs, streak: 0 };
    this.#active.set(key, active);
    return active;
  }

  #hasRoom(nowMs: number): boolean {
    const { maxMailboxes } = this.#options;
    if (this.#active.size < maxMailboxes) return true;
    for (const [key, active] of this.#active) if (active.untilMs <= nowMs) this.#active.delete(key);
    return this.#active.size < maxMailboxes;
  }
}
