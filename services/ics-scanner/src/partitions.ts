// Holds the leases of this replica's share of the partitions. Replicas know of each other by a lease of their own each, looked at every
// 2 s ± 20 %: a replica takes what it is to own and hands over what it is not.
// What a newcomer would get wrong: who is to own a partition is only a wish; who owns it is whoever holds its lease.
import { randomUUID } from 'node:crypto';
import type { Lease, Stoppable } from '@lockstep/bus';
import { leaseKeys, partitions } from '@lockstep/contracts';
import type { Kit } from '@lockstep/service-kit';
import { ownerOf } from './share.ts';
import { jittered, pauseFor } from './wait.ts';

export interface PartitionsOptions {
  readonly everyMs: number;
  /** Begins to work on a partition; `lease.signal` ends it at once, `stop` in peace. */
  readonly own: (partition: number, lease: Lease) => Promise<Stoppable>;
  readonly onOwned: (count: number) => void;
}

interface Owned {
  readonly lease: Lease;
  readonly work: Stoppable;
}

const replicaPrefix = leaseKeys.scannerReplica('');

export class Partitions implements Stoppable {
  readonly #kit: Pick<Kit, 'bus' | 'log' | 'instance'>;
  readonly #options: PartitionsOptions;
  // Not the instance's name: a process that starts again must not be taken for its dead predecessor.
  readonly #replica = randomUUID();
  readonly #owned = new Map<number, Owned>();
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #self: Lease | undefined;
  #turns = 0;

  constructor(kit: Pick<Kit, 'bus' | 'log' | 'instance'>, options: PartitionsOptions) {
    this.#kit = kit;
    this.#options = options;
    this.#running = this.#run();
  }

  get owned(): readonly number[] {
    return [...this.#owned.keys()];
  }

  /** True when the first turn is done. */
  get turned(): boolean {
    return this.#turns > 0;
  }

  /** Hands everything over. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#self?.release();
    await Promise.all(this.owned.map((partition) => this.#handOver(partition)));
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      // NATS is away, say: what is owned goes on until its lease ends, and the next turn is in two seconds.
      await this.#turn().catch((err) => this.#kit.log.warn({ err }, 'partition leases could not be looked at'));
      await pauseFor(jittered(this.#options.everyMs), this.#stopping.signal);
    }
  }

  async #turn(): Promise<void> {
    const lost = [...this.#owned].filter(([, { lease }]) => lease.signal.aborted);
    await Promise.all(lost.map(([partition]) => this.#handOver(partition)));
    const replicas = await this.#replicas();
    await Promise.all(
      partitions.map(async (partition) => {
        const owned = this.#owned.get(partition);
        const wanted = ownerOf(partition, replicas) === this.#replica && !this.#stopping.signal.aborted;
        if (owned !== undefined && !wanted) await this.#handOver(partition);
        else if (owned === undefined && wanted) await this.#take(partition);
      }),
    );
    this.#turns += 1;
  }

  async #replicas(): Promise<readonly string[]> {
    const { bus, instance } = this.#kit;
    if (this.#self === undefined || this.#self.signal.aborted)
      this.#self = await bus.tryLease({ key: leaseKeys.scannerReplica(this.#replica), holder: instance });
    const keys = await bus.bucket('leases').keys(`${replicaPrefix}>`);
    return [...new Set([this.#replica, ...keys.map((key) => key.slice(replicaPrefix.length))])];
  }

  async #take(partition: number): Promise<void> {
    const { bus, instance, log } = this.#kit;
    const lease = await bus.tryLease({ key: leaseKeys.scannerPartition(partition), holder: instance });
    if (lease === undefined) return;
    try {
      this.#owned.set(partition, { lease, work: await this.#options.own(partition, lease) });
      this.#options.onOwned(this.#owned.size);
    } catch (err) {
      log.warn({ err, partition }, 'partition could not be taken');
      await lease.release();
    }
  }

  async #handOver(partition: number): Promise<void> {
    const owned = this.#owned.get(partition);
    if (owned === undefined) return;
    this.#owned.delete(partition);
    this.#options.onOwned(this.#owned.size);
    await owned.work.stop();
    await owned.lease.release();
  }
}
