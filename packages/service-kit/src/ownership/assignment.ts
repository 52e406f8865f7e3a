// Which replica is to own which partition. Pure, and the same everywhere: each replica computes it from the list of those
// that are alive, so nobody has to be told. Safety never rests on it: ownership is the lease.
import { createHash } from 'node:crypto';

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
  for (const partition of partitions) {
    let best: { readonly member: string; readonly rank: string; readonly count: number } | undefined;
    for (const member of alive) {
      const count = counts.get(member) ?? 0;
      if (count > least || (count === least && larger === 0)) continue;
      const rank = rankOf(partition, member);
      if (best === undefined || rank > best.rank) best = { member, rank, count };
    }
    if (best === undefined) continue;
    if (best.count === least) larger--;
    counts.set(best.member, best.count + 1);
    owners.set(partition, best.member);
  }
  return owners;
}

// Not FNV: for texts that differ in few characters its results are too much alike, and one member would be first nearly everywhere.
function rankOf(partition: number, member: string): string {
  return createHash('sha256').update(`${partition} ${member}`).digest('hex');
}
