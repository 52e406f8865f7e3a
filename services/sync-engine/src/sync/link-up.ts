// Links two items that are there already: equal ones, or halves known by their stamps. Nothing is written but the link; the
// pair is then compared like any other.
import {
  type Instant,
  type Item,
  type ItemKind,
  type ItemRow,
  type LinkId,
  type Outcome,
  type Side,
  success,
} from '@lockstep/contracts';
import { startOf } from '@lockstep/items';
import { clientOf, findByLinkId, nowOf, readMany, recordHistory, type Work } from '../carry-out/work.ts';
import { sameDayMs } from '../config.ts';
import { describe, pairEqual } from '../decide/equal-items.ts';
import { type Link, notAgreed, otherSide, type SideState } from '../state/link.ts';

export const unread = (id: string): SideState => ({ id, version: '', contentHash: '' });

export interface Halves {
  readonly kind: ItemKind;
  readonly start: Instant | undefined;
  readonly exchange: string;
  readonly superoffice: string;
  /** One of them at least bears no stamp of this link and mailbox. */
  readonly stampDue: boolean;
}

/**
 * A new link on which nothing is agreed yet: groups that differ are decided by their conflict rule, and only then are both
 * items stamped, since a stamp makes its item look newer than it is.
 */
export async function linkUp(work: Work, linkId: LinkId, halves: Halves): Promise<void> {
  const { kind, start, exchange, superoffice, stampDue } = halves;
  const link: Link = {
    ...{ linkId, kind, createdAt: nowOf(work), agreed: notAgreed, writes: [] },
    ...{ exchange: unread(exchange), superoffice: unread(superoffice) },
    ...(start === undefined ? {} : { start }),
    ...(stampDue ? { stampDue } : {}),
  };
  await work.state.saveLink(link);
}

/** Links what is equal among these unlinked items, one to one; answers with the new link ids. */
export async function linkEqual(
  work: Work,
  kind: ItemKind,
  candidates: Readonly<Record<Side, readonly string[]>>,
): Promise<Outcome<readonly LinkId[]>> {
  if (candidates.exchange.length === 0 || candidates.superoffice.length === 0) return success([]);
  const exchange = await readAll(work, 'exchange', kind, candidates.exchange);
  if (!exchange.ok) return exchange;
  const superoffice = await readAll(work, 'superoffice', kind, candidates.superoffice);
  if (!superoffice.ok) return superoffice;
  const free = {
    exchange: await withoutLivingHalf(work, 'exchange', exchange.value, superoffice.value),
    superoffice: await withoutLivingHalf(work, 'superoffice', superoffice.value, exchange.value),
  };
  if (!free.exchange.ok) return free.exchange;
  if (!free.superoffice.ok) return free.superoffice;
  const linked: LinkId[] = [];
  for (const pair of pairEqual(free.exchange.value.map(describe), free.superoffice.value.map(describe))) {
    const item = free.exchange.value.find(({ id }) => id === pair.exchange);
    if (item === undefined) continue;
    const linkId = work.tools.ids.uuidv7() as LinkId;
    const told = await recordHistory(work, {
      linkId,
      kind,
      exchange: { id: pair.exchange },
      superoffice: { id: pair.superoffice },
      decision: 'linked, equal on both sides',
    });
    if (!told.ok) return told;
    await linkUp(work, linkId, { ...pair, kind, start: startOf(item, work.policies[kind].zone), stampDue: true });
    linked.push(linkId);
  }
  return success(linked);
}

/** Links an unlinked item with an equal one of the other side, if there is one; answers with the link id. */
export async function linkWithEqual(work: Work, side: Side, item: Item): Promise<Outcome<LinkId | undefined>> {
  const { kind, id } = item;
  const other = otherSide(side);
  const start = startOf(item, work.policies[kind].zone);
  const around = (byMs: number) => new Date(Date.parse(start ?? '') + byMs).toISOString();
  const range = start === undefined ? undefined : { from: around(-sameDayMs), to: around(sameDayMs) };
  const ids: string[] = [];
  let next: string | undefined;
  do {
    const page = await clientOf(work, other).list(work.call, kind, range, next);
    if (!page.ok) return page;
    ids.push(...page.value.rows.filter((row) => isOpen(work, other, kind, row)).map((row) => row.id));
    next = page.value.next;
  } while (next !== undefined && ids.length < work.tools.config.segmentRows);
  const candidates = side === 'exchange' ? { exchange: [id], superoffice: ids } : { exchange: ids, superoffice: [id] };
  const linked = await linkEqual(work, kind, candidates);
  return linked.ok ? success(linked.value[0]) : linked;
}

function isOpen({ state }: Work, side: Side, kind: ItemKind, { id, shape, stamp }: ItemRow): boolean {
  const isKnown = stamp !== undefined && state.link(stamp.linkId) !== undefined;
  return shape === 'single' && !isKnown && state.linkOf(side, kind, id) === undefined;
}

async function readAll(
  work: Work,
  side: Side,
  kind: ItemKind,
  ids: readonly string[],
): Promise<Outcome<readonly Item[]>> {
  const { readAtOnce } = work.tools.config;
  const read: Item[] = [];
  for (let from = 0; from < ids.length; from += readAtOnce) {
    const seen = await readMany(work, side, kind, ids.slice(from, from + readAtOnce));
    if (!seen.ok) return seen;
    for (const one of seen.value.values()) {
      // Left out here, an item would be made a second time on the other side.
      if (one.kind === 'failed' && one.error.retry !== 'never') return { ok: false, error: one.error };
      if (one.kind === 'found' && one.item.shape === 'single') read.push(one.item);
    }
  }
  return success(read);
}

/** Those that may be paired: an item whose stamp names one that lives on the other side belongs to that one. */
async function withoutLivingHalf(
  work: Work,
  side: Side,
  items: readonly Item[],
  others: readonly Item[],
): Promise<Outcome<readonly Item[]>> {
  const keys = new Set(others.map((other) => describe(other).key));
  const free: Item[] = [];
  for (const item of items) {
    if (item.stamp !== undefined && keys.has(describe(item).key)) {
      const half = await findByLinkId(work, item.kind, otherSide(side), item.stamp.linkId);
      if (!half.ok) return half;
      if (half.value.length > 0) continue;
    }
    free.push(item);
  }
  return success(free);
}
