// A lease: a key in the bucket `leases` that exists as long as its holder renews it. The holder stops acting 10 s after the
// *sending* of its last successful renewal; the server gives the key away 15 s after it arrived, so the two never overlap.
import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import { type Bucket, BusError, type Lease, type LeaseOptions } from './bus.ts';
import { monotonicMs, wait } from './wait.ts';

/** Two renewals may fail before the holder stops. Only tests pass others than `leaseTimings`. */
export interface LeaseTimings {
  readonly renewEveryMs: number;
  /** Counted from the sending of the last successful renewal; less than the bucket's TTL. */
  readonly validMs: number;
  /** Pause between two attempts of one renewal. */
  readonly retryEveryMs: number;
}
export const leaseTimings: LeaseTimings = { renewEveryMs: 4_000, validMs: 10_000, retryEveryMs: 500 };

const LeaseRecord = Type.Object({ v: Type.Integer({ minimum: 1 }), holder: Type.String(), nonce: Type.String() });

/**
 * One attempt. Undefined when another holds it or NATS does not answer. The epoch is the revision of the creating write:
 * it rises through deletes, expiry and restarts of the server.
 */
export async function tryLease(
  leases: Bucket,
  options: LeaseOptions,
  timings: LeaseTimings = leaseTimings,
): Promise<Lease | undefined> {
  const record = { v: 1, holder: options.holder, nonce: randomUUID() };
  const sentAt = monotonicMs();
  try {
    let created = await leases.create(options.key, record);
    if (created.kind === 'conflict' && (await removeOver(leases, options)))
      created = await leases.create(options.key, record);
    if (created.kind === 'conflict' || monotonicMs() - sentAt >= timings.validMs) return undefined;
    return new HeldLease(leases, options.key, record, created.revision, sentAt, timings);
  } catch (error) {
    // If it was created after all, it expires by itself: nobody renews it.
    if (error instanceof BusError) return undefined;
    throw error;
  }
}

/** Removes the lease of a process that is known to have ended. False when there is none to remove. */
async function removeOver(leases: Bucket, { key, isOver }: LeaseOptions): Promise<boolean> {
  if (isOver === undefined) return false;
  const held = await leases.get(key, LeaseRecord);
  if (held === undefined || !isOver(held.value.holder)) return false;
  return (await leases.delete(key, held.revision)).kind === 'written';
}

class HeldLease implements Lease {
  readonly key: string;
  readonly epoch: number;
  readonly #leases: Bucket;
  readonly #record: { readonly nonce: string };
  readonly #timings: LeaseTimings;
  #revision: number;
  #validUntil: number;
  readonly #ended = new AbortController();
  #deadline: NodeJS.Timeout | undefined;
  readonly #renewing: Promise<void>;

  constructor(
    leases: Bucket,
    key: string,
    record: { readonly nonce: string },
    revision: number,
    sentAt: number,
    timings: LeaseTimings,
  ) {
    this.key = key;
    this.epoch = revision;
    this.#leases = leases;
    this.#record = record;
    this.#timings = timings;
    this.#revision = revision;
    this.#validUntil = 0;
    this.#validFrom(sentAt);
    this.#renewing = this.#renew();
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  isValid(): boolean {
    return !this.signal.aborted && monotonicMs() < this.#validUntil;
  }

  async release(): Promise<void> {
    this.#end();
    await this.#renewing;
    try {
      // With the revision: without it, a late release would delete the key of the next holder.
      await this.#leases.delete(this.key, this.#revision);
    } catch (error) {
      // Then it expires.
      if (!(error instanceof BusError)) throw error;
    }
  }

  #end(): void {
    clearTimeout(this.#deadline);
    this.#ended.abort();
  }

  #validFrom(sentAt: number): void {
    this.#validUntil = sentAt + this.#timings.validMs;
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#end(), Math.max(0, this.#validUntil - monotonicMs()));
  }

  async #renew(): Promise<void> {
    await wait(this.#timings.renewEveryMs, this.signal);
    // Sending time of the first attempt that was not answered: it may be the one that the server has stored.
    let unansweredSince: number | undefined;
    while (!this.signal.aborted) {
      const sentAt = monotonicMs();
      const result = await this.#attempt(unansweredSince !== undefined);
      if (result === 'lost') return this.#end();
      if (result === 'unanswered') {
        unansweredSince ??= sentAt;
        await wait(this.#timings.retryEveryMs, this.signal);
        continue;
      }
      if (!this.signal.aborted) this.#validFrom(unansweredSince ?? sentAt);
      unansweredSince = undefined;
      await wait(this.#timings.renewEveryMs, this.signal);
    }
  }

  /** `lost`: another revision stands there, or none, and it is not one that we wrote ourselves without hearing of it. */
  async #attempt(mayHaveWritten: boolean): Promise<'renewed' | 'lost' | 'unanswered'> {
    try {
      const written = await this.#leases.update(this.key, this.#record, this.#revision);
      if (written.kind === 'written') {
        this.#revision = written.revision;
        return 'renewed';
      }
      if (!mayHaveWritten) return 'lost';
      const entry = await this.#leases.get(this.key, LeaseRecord);
      if (entry?.value.nonce !== this.#record.nonce) return 'lost';
      this.#revision = entry.revision;
      return 'renewed';
    } catch (error) {
      if (error instanceof BusError) return 'unanswered';
      throw error;
    }
  }
}
