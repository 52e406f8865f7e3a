// "Optimize for high server load environments": while Exchange answers slowly, calls are spaced, each at least this delay after the
// one before:
//   delay = (average response time of the last minute - 5 s) / 10, never below 0 and never above 10 s
// By Little's law no more than average / delay calls are then under way: 60 at an average of 6 s, 20 at 10 s, 12 at 30 s. The delay
// is gone as soon as the average is 5 s or less again, which is a minute after the last slow answer at the latest.

export interface LoadDelayOptions {
  /** Over what time response times are averaged. */
  readonly windowMs: number;
  /** Up to this average nothing is delayed. */
  readonly thresholdMs: number;
  /** The part of the excess that becomes delay. */
  readonly share: number;
  readonly maxMs: number;
}

interface Bucket {
  readonly startMs: number;
  sumMs: number;
  count: number;
}

const bucketMs = 1_000;

/** Pure: time is passed in as monotonic milliseconds. */
export class LoadDelay {
  readonly #options: LoadDelayOptions;
  /** A second each, the oldest first. */
  readonly #buckets: Bucket[] = [];
  #isOn = false;
  #nextCallAtMs = 0;

  constructor(options: LoadDelayOptions) {
    this.#options = options;
  }

  /** Response times are noted also while it is off. */
  switchTo(isOn: boolean, nowMs: number): void {
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    this.called(nowMs);
  }

  /** Whether a call may be let through now; then say `called`. */
  mayCall(nowMs: number): boolean {
    return nowMs >= this.#nextCallAtMs;
  }

  called(nowMs: number): void {
    this.#nextCallAtMs = nowMs + this.delayMs(nowMs);
  }

  /** Notes how long an answered call took. */
  sample(responseMs: number, nowMs: number): void {
    const startMs = Math.floor(nowMs / bucketMs) * bucketMs;
    let bucket = this.#buckets.at(-1);
    if (bucket?.startMs !== startMs) {
      bucket = { startMs, sumMs: 0, count: 0 };
      this.#buckets.push(bucket);
    }
    bucket.sumMs += responseMs;
    bucket.count += 1;
    this.#forget(nowMs);
  }

  /** Of the answers of the window; 0 when there were none. */
  averageMs(nowMs: number): number {
    this.#forget(nowMs);
    const count = this.#buckets.reduce((sum, bucket) => sum + bucket.count, 0);
    return count === 0 ? 0 : this.#buckets.reduce((sum, bucket) => sum + bucket.sumMs, 0) / count;
  }

  /** Between two calls; 0 while it is off. */
  delayMs(nowMs: number): number {
    if (!this.#isOn) return 0;
    const { thresholdMs, share, maxMs } = this.#options;
    return Math.min(maxMs, Math.max(0, this.averageMs(nowMs) - thresholdMs) * share);
  }

  #forget(nowMs: number): void {
    while ((this.#buckets[0]?.startMs ?? nowMs) <= nowMs - this.#options.windowMs) this.#buckets.shift();
  }
}
