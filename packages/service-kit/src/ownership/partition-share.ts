// Takes and gives back the leases of partitions, so that every partition has one owner and the replicas share them evenly.
// What a newcomer would get wrong: who is to own a partition is only a wish; who owns it is whoever holds its lease, for as
// long as the lease's signal has not aborted.
import type { Bus, Lease, Stoppable } from '@lockstep/bus';
import { spread, wait } from '@lockstep/bus/wait';
import { partitions } from '@lockstep/contracts';
import { assign } from './assignment.ts';
import { Membership } from './membership.ts';

/** A partition that this process owns. */
export interface Owned {
  readonly partition: number;
  /** Greater than that of every earlier owner. */
  readonly epoch: number;
  /** Aborts at the moment from which nothing may be done in its name any more. */
  readonly signal: AbortSignal;
  /** Aborts when it is to be given back: nothing new is begun, what runs is finished. */
  readonly leaving: AbortSignal;
}

/** Which leases a service's replicas share their partitions by. */
export interface ShareKeys {
  /** The lease of one replica; `*` names them all. */
  readonly member: (member: string) => string;
  readonly partition: (partition: number) => string;
}

export interface PartitionShareOptions {
  readonly bus: Pick<Bus, 'tryLease' | 'bucket'>;
  readonly keys: ShareKeys;
  /** Unique for each process and fit for a key. */
  readonly member: string;
  /** Stored beside the leases, for people to read. */
  readonly holder: string;
  /** How often leases are looked at, ± 20 %. */
  readonly everyMs: number;
  /** In [0, 1). */
  readonly random?: () => number;
  /**
   * Works on the partition until it is to leave. Ends, within its own bound, when everything that it had in hand is settled
   * or abandoned: only then the lease is given back.
   */
  readonly onOwned: (owned: Owned) => Promise<void>;
  /** Leases could not be looked at, or `onOwned` threw; both are tried again at the next turn. */
  readonly onFailure: (error: unknown) => void;
}

interface Holding {
  readonly leave: AbortController;
  /** Ends when the work on the partition has ended and the lease is given back. */
  readonly ended: Promise<void>;
}

export class PartitionShare implements Stoppable {
  readonly #options: PartitionShareOptions;
  readonly #membership: Membership;
  readonly #held = new Map<number, Holding>();
  readonly #stopping = new AbortController();
  #turned = false;
  #running: Promise<void> | undefined;

  constructor(options: PartitionShareOptions) {
    this.#options = options;
    const { bus, keys, member, holder } = options;
    this.#membership = new Membership({ bus, keyOf: keys.member, member, holder });
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** How many partitions this process owns, those that it is handing over included. */
  get owned(): number {
    return this.#held.size;
  }

  /** True when leases have been tried for once. */
  get turned(): boolean {
    return this.#turned;
  }

  /** Gives a partition back although nothing is wrong with its lease: the next one has a greater epoch. */
  giveBack(partition: number): void {
    this.#held.get(partition)?.leave.abort();
  }

  /** Gives everything back, each partition as soon as its own work has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    // Everything begins to end at once; a turn under way may wait for a NATS that does not answer.
    for (const { leave } of this.#held.values()) leave.abort();
    await this.#running;
    // The others then count without us and take each partition as it becomes free.
    await this.#membership.leave();
    await Promise.all([...this.#held.values()].map(({ ended }) => ended));
  }

  async #run(): Promise<void> {
    const { everyMs, random, onFailure } = this.#options;
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#turn();
        this.#turned = true;
      } catch (error) {
        onFailure(error);
      }
      await wait(spread(everyMs, random), this.#stopping.signal);
    }
  }

  async #turn(): Promise<void> {
    const { member } = this.#options;
    const owners = assign(await this.#membership.alive(), partitions);
    const mine = (partition: number) => owners.get(partition) === member;
    for (const [partition, { leave }] of this.#held) if (!mine(partition)) leave.abort();
    const wanted = partitions.filter((partition) => mine(partition) && !this.#held.has(partition));
    await Promise.all(wanted.map((partition) => this.#take(partition)));
  }

  async #take(partition: number): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const { bus, keys, holder } = this.#options;
    const lease = await bus.tryLease({ key: keys.partition(partition), holder });
    if (lease === undefined) return;
    if (this.#stopping.signal.aborted) return lease.release();
    const leave = new AbortController();
    this.#held.set(partition, { leave, ended: this.#hold(partition, lease, leave.signal) });
  }

  /** Never rejects. */
  async #hold(partition: number, lease: Lease, leave: AbortSignal): Promise<void> {
    const { onOwned, onFailure } = this.#options;
    const { epoch, signal } = lease;
    const leaving = AbortSignal.any([signal, leave]);
    await attempt(() => onOwned({ partition, epoch, signal, leaving }), onFailure);
    await attempt(() => lease.release(), onFailure);
    this.#held.delete(partition);
  }
}

async function attempt(work: () => Promise<void>, onFailure: (error: unknown) => void): Promise<void> {
  try {
    await work();
  } catch (error) {
    onFailure(error);
  }
}
