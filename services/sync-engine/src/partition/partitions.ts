// Takes and gives back the leases of partitions, so that every partition has one owner and the replicas share them evenly.
// Nothing here is a proof of ownership but a lease whose signal has not aborted.
import type { Bus, Lease } from '@lockstep/bus';
import { leaseKeys, partitions } from '@lockstep/contracts';
import { assign } from './assignment.ts';
import { pause } from './intake.ts';
import type { Membership } from './membership.ts';

/** A partition that this process owns. */
export interface Owned {
  readonly partition: number;
  readonly epoch: number;
  /** Aborts at the moment from which nothing may be done in its name any more. */
  readonly signal: AbortSignal;
  /** Aborts when it is to be given back: nothing new is begun, what runs is finished. */
  readonly leaving: AbortSignal;
}

export interface PartitionsOptions {
  readonly bus: Bus;
  readonly membership: Membership;
  readonly member: string;
  readonly holder: string;
  readonly pollMs: number;
  /** In [0, 1). */
  readonly random: () => number;
  /** Works on the partition until it is to leave; ends when everything that it had in hand is settled or abandoned. */
  readonly onOwned: (owned: Owned) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

interface Holding {
  readonly lease: Lease;
  readonly stop: AbortController;
  /** Ends when the work on the partition has ended and the lease is given back. */
  readonly ended: Promise<void>;
}

const jitter = 0.2;

export class Partitions {
  readonly #options: PartitionsOptions;
  readonly #held = new Map<number, Holding>();
  readonly #stopping = new AbortController();
  #turned = false;
  #running: Promise<void> | undefined;

  constructor(options: PartitionsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  get owned(): number {
    return this.#held.size;
  }

  /** True when leases have been tried for once. */
  get turned(): boolean {
    return this.#turned;
  }

  /** Gives a partition back although nothing is wrong with its lease: the next one has a greater epoch. */
  giveBack(partition: number): void {
    this.#held.get(partition)?.stop.abort();
  }

  /** Gives everything back, each partition as soon as its own work has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    // First the membership: the others then count without us and take each partition as it becomes free.
    await this.#options.membership.leave();
    for (const { stop } of this.#held.values()) stop.abort();
    await Promise.all([...this.#held.values()].map(({ ended }) => ended));
  }

  async #run(): Promise<void> {
    const { pollMs, random, onFailure } = this.#options;
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#turn();
        this.#turned = true;
      } catch (error) {
        onFailure(error);
      }
      await pause(pollMs * (1 - jitter + 2 * jitter * random()), this.#stopping.signal);
    }
  }

  async #turn(): Promise<void> {
    const { member, membership } = this.#options;
    const owners = assign(await membership.alive(), partitions);
    const mine = (partition: number) => owners.get(partition) === member;
    for (const [partition, { stop }] of this.#held) if (!mine(partition)) stop.abort();
    const wanted = partitions.filter((partition) => mine(partition) && !this.#held.has(partition));
    await Promise.all(wanted.map((partition) => this.#take(partition)));
  }

  async #take(partition: number): Promise<void> {
    const { bus, holder } = this.#options;
    const lease = await bus.tryLease({ key: leaseKeys.enginePartition(partition), holder });
    if (lease === undefined) return;
    const stop = new AbortController();
    this.#held.set(partition, { lease, stop, ended: this.#hold(partition, lease, stop.signal) });
  }

  async #hold(partition: number, lease: Lease, stop: AbortSignal): Promise<void> {
    const { onOwned, onFailure } = this.#options;
    const { epoch, signal } = lease;
    const leaving = AbortSignal.any([signal, stop]);
    try {
      await onOwned({ partition, epoch, signal, leaving });
    } catch (error) {
      onFailure(error);
    }
    await lease.release();
    this.#held.delete(partition);
  }
}
