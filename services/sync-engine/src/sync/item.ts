// One changed item: a pair that we know, or a newcomer.
import { type ItemChanged, isItemKind, type Side } from '@lockstep/contracts';
import { again, done, readOne, recordHistory, type StepResult, type Work } from '../carry-out/work.ts';
import { stateOf } from '../decide/own-image.ts';
import { isOn } from '../decide/policy.ts';
import { isSettled, type Link } from '../state/link.ts';
import { syncNewcomer } from './newcomer.ts';
import { syncPair } from './pair.ts';

export async function syncItem(work: Work, change: ItemChanged): Promise<StepResult> {
  const { item: kind, side, id } = change;
  if (!isItemKind(kind)) return ofLaterKind(work, change);
  if (!isOn(work.policies[kind])) return done;
  const link = work.state.linkOf(side, kind, id);
  if (link === undefined) {
    return syncNewcomer(work, { kind, side, id }, { shownAt: change.vanished ? undefined : change.firstSeenAt });
  }
  if (!isEcho(link, side, change)) return syncPair(namedIn(work, change), link.linkId);
  work.tools.metrics.decisions.inc({ kind: 'echo' });
  return link[side].unconfirmed === true ? confirm(work, link, side) : done;
}

/** A newer release found it and was replaced by this one. That release compares the mailbox when it is back. */
async function ofLaterKind(work: Work, { item: kind, side, id, version = '' }: ItemChanged): Promise<StepResult> {
  const told = await recordHistory(work, { kind, [side]: { id, version }, decision: 'parked: kind-unknown' });
  return told.ok ? done : again(told.error);
}

/** ICS lists deletes by name. That SuperOffice's row vanished was concluded from a read and proves no more than ours. */
function namedIn(work: Work, { side, vanished, id }: ItemChanged): Work {
  return vanished && side === 'exchange' ? { ...work, namedDelete: id } : work;
}

/** The detector saw the very version that we recorded: our own write, or nothing new. */
function isEcho(link: Link, side: Side, { vanished, version }: ItemChanged): boolean {
  return isSettled(link) && !vanished && version !== undefined && version === link[side].version;
}

/** Reads once what the side made of our write; only this side, since nothing is to be decided. */
async function confirm(work: Work, link: Link, side: Side): Promise<StepResult> {
  const seen = await readOne(work, { kind: link.kind, side, id: link[side].id });
  if (seen.kind === 'failed' && seen.error.retry !== 'never') return again(seen.error);
  if (seen.kind !== 'found' || seen.item.version !== link[side].version) {
    return syncPair(work, link.linkId, { [side]: seen });
  }
  await work.state.saveLink({ ...link, [side]: stateOf(seen.item, link[side], link.agreed) });
  return done;
}
