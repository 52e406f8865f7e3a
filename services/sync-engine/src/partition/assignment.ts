// Which replica is to own which partition. Pure, and the same everywhere: each replica computes it from the list of those
// that are alive, so nobody has to be told. Safety never rests on it: ownership is the lease.
import { fnv1a32 } from '@lockstep/contracts';

/**
 * Rendezvous hashing with a bound: each partition goes to the member that ranks highest for it and is not full.
 * The members' shares differ by one at most, and few partitions move when a member comes or goes.
 */
export function assign(members: readonly string[], partitions: readonly number[]): ReadonlyMap<number, string> {
  const owners = new Map<number, string>();
  const alive = [...new Set(members)].sort();
  if (alive.length === 0) return owners;
  const least = Math.floor(partitions.length / alive.length);
  let larger = partitions.length % alive.length;
  const counts = new Map(alive.map((member) => [member, 0]));
  const hasRoom = (member: string) => {
    const count = counts.get(member) ?? 0;
    return count < least || (count === least && larger > 0);
  };
  for (const partition of partitions) {
    const [owner] = alive.filter(hasRoom).sort((a, b) => rank(partition, b) - rank(partition, a));
    if (owner === undefined) continue;
    const count = (counts.get(owner) ?? 0) + 1;
    if (count > least) larger--;
    counts.set(owner, count);
    owners.set(partition, owner);
  }
  return owners;
}

function rank(partition: number, member: string): number {
  return fnv1a32(`${member}/${partition}`);
}
