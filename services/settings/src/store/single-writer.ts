// Lets one writer at a time do its work, in this process by a queue and among the replicas by a lease.
// Needed where a rule spans several keys of a bucket, which compare-and-set on one key cannot keep.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus, Lease } from '@lockstep/bus';
import { failure, type Outcome } from '@lockstep/contracts';

export interface SingleWriterBounds {
  /** Writers that may wait in this process; one more is told `service-busy`. */
  readonly waiting: number;
  /** How long a writer waits for the lease while another replica holds it. */
  readonly leaseWaitMs: number;
  readonly leasePollMs: number;
}

export class SingleWriter {
  readonly #bus: Bus;
  readonly #lease: { readonly key: string; readonly holder: string };
  readonly #bounds: SingleWriterBounds;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(bus: Bus, lease: { readonly key: string; readonly holder: string }, bounds: SingleWriterBounds) {
    this.#bus = bus;
    this.#lease = lease;
    this.#bounds = bounds;
  }

  /** Runs `work` alone. It must look at `signal` right before it writes: from its abort another may write. */
  async run<T>(work: (signal: AbortSignal) => Promise<Outcome<T>>): Promise<Outcome<T>> {
    if (this.#waiting >= this.#bounds.waiting) return failure('service-busy');
    this.#waiting++;
    const turn = this.#last.then(() => this.#underLease(work)).finally(() => this.#waiting--);
    // The next one waits for the end, whatever it is; the failure is told to who asked.
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #underLease<T>(work: (signal: AbortSignal) => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const lease = await this.#take();
    if (lease === undefined) return failure('service-busy');
    try {
      return await work(lease.signal);
    } finally {
      await lease.release();
    }
  }

  async #take(): Promise<Lease | undefined> {
    const { leaseWaitMs, leasePollMs } = this.#bounds;
    for (let waited = 0; waited <= leaseWaitMs; waited += leasePollMs) {
      const lease = await this.#bus.tryLease(this.#lease);
      if (lease !== undefined) return lease;
      await sleep(leasePollMs);
    }
    return undefined;
  }
}
