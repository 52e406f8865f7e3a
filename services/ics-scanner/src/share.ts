// Which replica is to own a partition: the one with the highest weight for it (rendezvous hashing). Every replica that sees the
// same replicas comes to the same answer, and one that comes or goes moves only its own share.
import { createHash } from 'node:crypto';

/** The replica that is to own this partition; undefined when there is none. The order of the replicas does not matter. */
export function ownerOf(partition: number, replicas: readonly string[]): string | undefined {
  let best: { readonly replica: string; readonly weight: string } | undefined;
  for (const replica of replicas) {
    // Not FNV: for texts that differ in few characters its results are too much alike, and one replica would win nearly all.
    const weight = createHash('sha256').update(`${partition} ${replica}`).digest('hex');
    if (best === undefined || weight > best.weight) best = { replica, weight };
  }
  return best?.replica;
}
