// One changed item: a pair that we know, or a newcomer.
import type { ItemChanged, Side } from '@lockstep/contracts';
import type { Link } from '../state/link.ts';
import { syncNewcomer } from './sync-newcomer.ts';
import { syncPair } from './sync-pair.ts';
import { done, type StepResult, type Work } from './work.ts';

export async function syncItem(work: Work, change: ItemChanged): Promise<StepResult> {
  const { item, side, id } = change;
  if (item !== 'appointment') return done;
  const { mayWrite } = work.policy;
  if (!mayWrite.exchange && !mayWrite.superoffice) return done;
  const link = work.state.linkOf(side, id);
  if (link === undefined) return syncNewcomer(work, side, id);
  if (isEcho(link, side, change)) {
    work.tools.metrics.decisions.inc({ kind: 'echo' });
    return done;
  }
  return syncPair(work, link.linkId);
}

/** The detector saw the very version that we recorded: our own write, or nothing new. It need not be read again. */
function isEcho(link: Link, side: Side, { vanished, version }: ItemChanged): boolean {
  const isSettled = link.suspected === undefined && link.held === undefined && link.parked === undefined;
  return isSettled && !vanished && version !== undefined && version === link[side].version;
}
