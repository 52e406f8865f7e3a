// One linked pair, from reading both sides to the recorded result. A refused conditional write means: somebody was
// quicker, so read and decide again; after a few rounds the item is left for later and blocks nobody.
import type { LinkId, Side } from '@lockstep/contracts';
import { carryOutPair } from '../carry-out/pair.ts';
import { unparkItem } from '../carry-out/park.ts';
import { stampPair } from '../carry-out/stamp.ts';
import { confirmPlaces, done, later, nowOf, readOne, type StepResult, type Work } from '../carry-out/work.ts';
import { mayDelete } from '../decide/delete-brake.ts';
import { decidePair, type PairDecision } from '../decide/pair.ts';
import type { Seen } from '../decide/seen.ts';
import type { Link } from '../state/link.ts';
import { prove } from './delete.ts';

const sides = ['exchange', 'superoffice'] as const;

/** What is known of the two sides already; read once more where a round ends in conflict. */
export type Given = { readonly [S in Side]?: Seen };

export async function syncPair(work: Work, linkId: LinkId, given: Given = {}): Promise<StepResult> {
  let known = given;
  for (let round = 0; round < work.tools.config.tries; round++) {
    const link = work.state.link(linkId);
    if (link === undefined) return done;
    // However the link came about: its items are parked as newcomers no longer.
    for (const side of sides) await unparkItem(work, { kind: link.kind, side, id: link[side].id });
    const decision = await decide(work, link, known);
    known = {};
    if (decision.kind === 'moved') {
      const moved = { ...link, [decision.side]: { id: decision.id, version: '', contentHash: '' } };
      await work.state.saveLink(moved);
      continue;
    }
    const carried = await carryOutPair(work, link, decision);
    if (carried.kind === 'conflict') continue;
    const merged = decision.kind === 'merge' && carried.kind === 'done' ? work.state.link(linkId) : undefined;
    return merged?.stampDue === true ? stampPair(work, merged) : carried;
  }
  return { kind: 'wait', until: later(work, work.tools.config.contendedDelayMs) };
}

type Decided = Exclude<PairDecision, { kind: 'prove' }> | { kind: 'moved'; side: Side; id: string };

/** Reads both sides and decides; where an item is missing, asks for the evidence and decides again. */
async function decide(work: Work, link: Link, given: Given): Promise<Decided> {
  const { state, released } = work;
  const policy = work.policies[link.kind];
  let [exchange, superoffice] = await Promise.all(
    sides.map((side) => given[side] ?? readOne(work, { kind: link.kind, side, id: link[side].id })),
  );
  const seen = { exchange, superoffice };
  await confirmPlaces(
    work,
    sides.filter((side) => seen[side]?.kind === 'found'),
  );
  for (;;) {
    if (exchange === undefined || superoffice === undefined) throw new Error('both sides are read');
    const now = nowOf(work);
    const brake = mayDelete(state.record.deletes, state.linkCount, now);
    const decision = decidePair({ link, exchange, superoffice, policy, mayDelete: brake, released, now });
    if (decision.kind !== 'prove') return decision;
    const proof = await prove(work, link, decision.side);
    if (proof.kind === 'moved') return { ...proof, side: decision.side };
    if (decision.side === 'exchange') exchange = proof;
    else superoffice = proof;
  }
}
