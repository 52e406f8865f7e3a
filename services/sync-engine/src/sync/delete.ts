// The evidence for a delete: asked for where a side does not show a linked item (decide/delete-proof.ts judges it).
import { codedError, type Side } from '@lockstep/contracts';
import { clientOf, findByStamp, nowOf, type Work } from '../carry-out/work.ts';
import { judge } from '../decide/delete-proof.ts';
import type { Seen } from '../decide/seen.ts';
import { type Link, suspicionsOf } from '../state/link.ts';

/** Asks the side whether the item is gone. What is only missing in a place that we do not know proves nothing. */
export async function prove(work: Work, link: Link, side: Side): Promise<Seen | { kind: 'moved'; id: string }> {
  if (work.state.record.places?.[side] !== work.places[side]) {
    return { kind: 'failed', error: codedError('place-unconfirmed', { detail: side }) };
  }
  const { kind, linkId } = link;
  const byStamp = await findByStamp(work, kind, side, linkId);
  if (!byStamp.ok) return { kind: 'failed', error: byStamp.error };
  const { id } = link[side];
  const stamp = { linkId, mailbox: work.call.mailbox };
  const evidence = await clientOf(work, side).evidence(work.call, { kind, id }, stamp);
  if (!evidence.ok) return { kind: 'failed', error: evidence.error };
  const suspicion = suspicionsOf(link).find((one) => one.side === side && one.seenByStamp !== true);
  const missing = {
    side,
    id,
    byStamp: byStamp.value,
    named: work.namedDelete === id || link.held?.side === side,
    since: suspicion?.since,
  };
  return judge(missing, evidence.value, nowOf(work), work.tools.config.proofGapMs);
}
