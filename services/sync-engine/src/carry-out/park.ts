// Parking: what cannot be synchronized is set aside with its reason, and tried again when it changes next. It never
// blocks anything else, so parking ends the step well.
import type { ItemRef, Side } from '@lockstep/contracts';
import type { Link } from '../state/link.ts';
import { kindOfStored, maxParkedItems, type ParkedItem } from '../state/mailbox-record.ts';
import { aboutLink } from './about.ts';
import { again, done, nowOf, recordHistory, type StepResult, type Work } from './work.ts';

export async function parkLink(work: Work, link: Link, rule: string, reason: string): Promise<StepResult> {
  if (link.parked?.reason === reason) return done;
  work.tools.metrics.decisions.inc({ kind: 'park' });
  const told = await recordHistory(work, { ...aboutLink(link), decision: `parked: ${rule} (${reason})` });
  if (!told.ok) return again(told.error);
  await work.state.saveLink({ ...link, parked: { reason, since: nowOf(work) } });
  return done;
}

/** Parks an item that has no link. Only the newest are kept by name; the history has them all once. */
export async function parkItem(
  work: Work,
  side: Side,
  item: Pick<ItemRef, 'kind' | 'id'> & { readonly version: string },
  reason: string,
): Promise<StepResult> {
  const { kind, id, version } = item;
  const { parked } = work.state.record;
  const known = parked.find(isAbout({ kind, side, id }));
  if (known?.version === version && known.reason === reason) return done;
  work.tools.metrics.decisions.inc({ kind: 'park' });
  const told = await recordHistory(work, { kind, [side]: { id, version }, decision: `parked: ${reason}` });
  if (!told.ok) return again(told.error);
  const others = parked.filter((entry) => entry !== known);
  const entry = { kind, side, id, version, reason, since: nowOf(work) };
  await work.state.saveRecord({ parked: [...others, entry].slice(-maxParkedItems) });
  return done;
}

/** An item that is dealt with is parked no longer. */
export async function unparkItem(work: Work, item: ItemRef): Promise<void> {
  const { parked } = work.state.record;
  const others = parked.filter((entry) => !isAbout(item)(entry));
  if (others.length !== parked.length) await work.state.saveRecord({ parked: others });
}

const isAbout =
  ({ kind, side, id }: ItemRef) =>
  (entry: ParkedItem): boolean =>
    entry.side === side && entry.id === id && kindOfStored(entry) === kind;
