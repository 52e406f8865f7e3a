// Who is alive: each replica holds a lease of its own beside those of its partitions. The list only decides how the
// partitions are shared; whoever is missing from it for a moment keeps what its leases say.
import type { Bus, Lease } from '@lockstep/bus';
import { leaseKeys } from '@lockstep/contracts';

export class Membership {
  readonly #bus: Bus;
  readonly #member: string;
  readonly #holder: string;
  #lease: Lease | undefined;

  /** `member` is unique and fit for a key; `holder` is for people to read. */
  constructor(bus: Bus, member: string, holder: string) {
    this.#bus = bus;
    this.#member = member;
    this.#holder = holder;
  }

  /** Every replica that is alive, this one included. Throws `BusError` when NATS does not answer. */
  async alive(): Promise<readonly string[]> {
    if (this.#lease === undefined || this.#lease.signal.aborted) {
      this.#lease = await this.#bus.tryLease({ key: leaseKeys.engineMember(this.#member), holder: this.#holder });
    }
    const prefix = leaseKeys.engineMember('');
    const keys = await this.#bus.bucket('leases').keys(leaseKeys.engineMember('*'));
    return [...new Set([this.#member, ...keys.map((key) => key.slice(prefix.length))])];
  }

  async leave(): Promise<void> {
    await this.#lease?.release();
    this.#lease = undefined;
  }
}
