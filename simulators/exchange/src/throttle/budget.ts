// The budget of one owner, in milliseconds of server time:
//   balance(t) = min(maxBurst, balance + elapsed x recharge / hour) - used
// Above zero requests run freely; below zero each is delayed; at -cutoff all are refused until the balance is zero again.
import type { ThrottlePolicy } from './policy.ts';

const hourMs = 3_600_000;
/** The longest delay of one request in debt. */
const maxDelayMs = 10_000;

export class Budget {
  readonly #nowMs: () => number;
  #balanceMs: number;
  #atMs: number;
  #blocked = false;
  requests = 0;
  syncCalls = 0;
  streams = 0;
  found = 0;

  constructor(nowMs: () => number, policy: ThrottlePolicy) {
    this.#nowMs = nowMs;
    this.#balanceMs = policy.maxBurstMs;
    this.#atMs = nowMs();
  }

  balanceMs(policy: ThrottlePolicy): number {
    const now = this.#nowMs();
    const recharged = ((now - this.#atMs) * policy.rechargeMsPerHour) / hourMs;
    this.#balanceMs = Math.min(policy.maxBurstMs, this.#balanceMs + recharged);
    this.#atMs = now;
    return this.#balanceMs;
  }

  use(ms: number, policy: ThrottlePolicy): void {
    this.#balanceMs = this.balanceMs(policy) - ms;
  }

  /** Milliseconds to wait when all is refused; undefined when it is not. */
  blockedForMs(policy: ThrottlePolicy): number | undefined {
    const balance = this.balanceMs(policy);
    if (balance <= -policy.cutoffMs) this.#blocked = true;
    if (balance >= 0) this.#blocked = false;
    if (!this.#blocked) return undefined;
    if (policy.rechargeMsPerHour <= 0) return policy.maxBackOffMs;
    return Math.min(policy.maxBackOffMs, Math.ceil((-balance * hourMs) / policy.rechargeMsPerHour));
  }

  /** How long the next step of a request in debt is held back. */
  delayMs(policy: ThrottlePolicy): number {
    const debt = -this.balanceMs(policy);
    if (debt <= 0) return 0;
    return Math.min(maxDelayMs, Math.ceil((debt / Math.max(1, policy.cutoffMs)) * maxDelayMs));
  }

  /** Whether nothing has to be remembered about it. */
  isIdle(policy: ThrottlePolicy): boolean {
    return this.requests === 0 && this.streams === 0 && this.balanceMs(policy) >= policy.maxBurstMs;
  }
}
