// Who is alive: each replica holds a lease of its own beside those of its partitions. The list only decides how the
// partitions are shared; whoever is missing from it for a moment keeps what its leases say.
import type { Bus, Lease } from '@lockstep/bus';

export interface MembershipOptions {
  readonly bus: Pick<Bus, 'tryLease' | 'bucket'>;
  /** The lease key of a member; `*` for its name names them all. */
  readonly keyOf: (member: string) => string;
  /** Unique for each process and fit for a key: one that starts again must not be taken for its dead predecessor. */
  readonly member: string;
  /** For people to read. */
  readonly holder: string;
}

export class Membership {
  readonly #options: MembershipOptions;
  #lease: Lease | undefined;

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /** Every replica that is alive, this one included. Throws `BusError` when NATS does not answer. */
  async alive(): Promise<readonly string[]> {
    const { bus, keyOf, member, holder } = this.#options;
    if (this.#lease === undefined || this.#lease.signal.aborted)
      this.#lease = await bus.tryLease({ key: keyOf(member), holder });
    const keys = await bus.bucket('leases').keys(keyOf('*'));
    const prefix = keyOf('');
    return [...new Set([member, ...keys.map((key) => key.slice(prefix.length))])];
  }

  /** From now on the others share the partitions without us. */
  async leave(): Promise<void> {
    await this.#lease?.release();
    this.#lease = undefined;
  }
}
