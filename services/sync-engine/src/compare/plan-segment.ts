// What a full compare has to look at in one part, from the two listings alone. Pure. A linked item that a
// listing does not show is looked at by its id; not being listed is never a proof of anything.
import type { ItemRow, LinkId, MailboxKey, Side } from '@lockstep/contracts';
import { sameDayMs } from '../config.ts';
import { preferred } from '../decide/stamps.ts';
import { isSettled, type Link } from '../state/link.ts';
import type { Part } from './segments.ts';

export type CompareItem =
  | { readonly kind: 'pair'; readonly linkId: LinkId }
  | { readonly kind: 'newcomer'; readonly side: Side; readonly id: string }
  /** Not synchronized yet; it need not even be read. */
  | {
      readonly kind: 'park';
      readonly side: Side;
      readonly id: string;
      readonly version: string;
      readonly reason: string;
    };

export interface Listings {
  readonly part: Part;
  readonly exchange: readonly ItemRow[];
  readonly superoffice: readonly ItemRow[];
  readonly linkOf: (side: Side, id: string) => Link | undefined;
  /** Is there a link with this id? */
  readonly isLinked: (linkId: LinkId) => boolean;
  readonly mailbox: MailboxKey;
  readonly links: Iterable<Link>;
  /** Look at every pair, also at those whose listed versions are the recorded ones. */
  readonly thorough: boolean;
}

export interface StampedPair {
  readonly linkId: LinkId;
  readonly exchange: string;
  readonly superoffice: string;
}

export interface SegmentPlan {
  readonly items: readonly CompareItem[];
  /** Unlinked on both sides, with one link id on their stamps. */
  readonly stamped: readonly StampedPair[];
  /** Unlinked on both sides at about the same time, and not known by their stamps: these may be the same item. */
  readonly candidates: { readonly exchange: readonly string[]; readonly superoffice: readonly string[] };
}

export function planSegment(listings: Listings): SegmentPlan {
  const shown = { exchange: rowsByLink(listings, 'exchange'), superoffice: rowsByLink(listings, 'superoffice') };
  const linkIds = new Set([...shown.exchange.keys(), ...shown.superoffice.keys(), ...expectedIn(listings)]);
  const items: CompareItem[] = [];
  for (const linkId of linkIds) {
    const rows = { exchange: shown.exchange.get(linkId), superoffice: shown.superoffice.get(linkId) };
    if (listings.thorough || !isQuiet(rows, listings)) items.push({ kind: 'pair', linkId });
  }
  for (const side of ['exchange', 'superoffice'] as const) {
    for (const row of unlinked(listings, side)) items.push(itemOf(side, row));
  }
  const stamped = stampedPairs(listings);
  return { items, stamped, candidates: candidatesOf(listings, stamped) };
}

/** A stamp that names a link which we do not know, on both sides: our state was lost, or the mailbox has another key now. */
function stampedPairs(listings: Listings): readonly StampedPair[] {
  const [exchange, superoffice] = [lostBy(listings, 'exchange'), lostBy(listings, 'superoffice')];
  return [...exchange].flatMap(([linkId, row]) => {
    const other = superoffice.get(linkId);
    return other === undefined ? [] : [{ linkId, exchange: row.id, superoffice: other.id }];
  });
}

/** By link id the row that bears it; of several the one of this mailbox's own stamp, since copies bear stamps too. */
function lostBy(listings: Listings, side: Side): ReadonlyMap<LinkId, ItemRow> {
  const stamped = unlinked(listings, side).filter(
    ({ stamp, shape }) => stamp !== undefined && shape === 'single' && !listings.isLinked(stamp.linkId),
  );
  const best = new Map<LinkId, ItemRow>();
  for (const row of preferred(stamped, listings.mailbox)) {
    const linkId = row.stamp?.linkId;
    if (linkId !== undefined && !best.has(linkId)) best.set(linkId, row);
  }
  return best;
}

function rowsByLink(listings: Listings, side: Side): Map<LinkId, ItemRow> {
  const rows = new Map<LinkId, ItemRow>();
  for (const row of listings[side]) {
    const link = listings.linkOf(side, row.id);
    if (link !== undefined) rows.set(link.linkId, row);
  }
  return rows;
}

/** Links that belong to this part, whether a listing shows them or not. */
function expectedIn({ links, part: { kind, segment } }: Listings): readonly LinkId[] {
  const begins = (start = '') => segment === undefined || (start >= segment.from && start < segment.to);
  return [...links].filter((link) => link.kind === kind && begins(link.start)).map(({ linkId }) => linkId);
}

function isQuiet(rows: { readonly [S in Side]: ItemRow | undefined }, listings: Listings): boolean {
  const { exchange, superoffice } = rows;
  if (exchange === undefined || superoffice === undefined) return false;
  const link = listings.linkOf('exchange', exchange.id);
  if (link === undefined || !isSettled(link)) return false;
  if (link.exchange.unconfirmed === true || link.superoffice.unconfirmed === true) return false;
  return exchange.version === link.exchange.version && superoffice.version === link.superoffice.version;
}

function unlinked(listings: Listings, side: Side): readonly ItemRow[] {
  return listings[side].filter((row) => listings.linkOf(side, row.id) === undefined);
}

function itemOf(side: Side, { id, version, shape }: ItemRow): CompareItem {
  if (shape === 'single') return { kind: 'newcomer', side, id };
  return { kind: 'park', side, id, version: version ?? '', reason: `shape-${shape}` };
}

function candidatesOf(listings: Listings, pairs: readonly StampedPair[]): SegmentPlan['candidates'] {
  const known = new Set(pairs.map(({ linkId }) => linkId));
  const isOpen = ({ shape, stamp }: ItemRow) =>
    shape === 'single' && (stamp === undefined || !(known.has(stamp.linkId) || listings.isLinked(stamp.linkId)));
  const open = (side: Side) => unlinked(listings, side).filter(isOpen);
  const [exchange, superoffice] = [open('exchange'), open('superoffice')];
  return { exchange: near(exchange, superoffice), superoffice: near(superoffice, exchange) };
}

function near(rows: readonly ItemRow[], others: readonly ItemRow[]): readonly string[] {
  const starts = others.map(({ start }) => (start === undefined ? undefined : Date.parse(start)));
  const known = starts.filter((start) => start !== undefined).sort((a, b) => a - b);
  const isNear = ({ start }: ItemRow) => {
    if (others.length === 0) return false;
    if (start === undefined || known.length < starts.length) return true;
    const closest = firstAtLeast(known, Date.parse(start) - sameDayMs);
    return closest !== undefined && closest <= Date.parse(start) + sameDayMs;
  };
  return rows.filter(isNear).map(({ id }) => id);
}

function firstAtLeast(sorted: readonly number[], bound: number): number | undefined {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < bound) low = middle + 1;
    else high = middle;
  }
  return sorted[low];
}
