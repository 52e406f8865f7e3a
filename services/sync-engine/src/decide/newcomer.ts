// What to do about an item that no link knows: a person made it, or copied, moved or restored it, or we made it ourselves
// and lost the answer. Pure and staged: where more must be known first, the decision says what to ask.

import type { Instant, Item, LinkId, MailboxKey, Side } from '@lockstep/contracts';
import { groupHashes, groupsOf } from '@lockstep/items';
import { clockSkewMs } from '../config.ts';
import type { Link } from '../state/link.ts';
import { type Intent, kindOfStored } from '../state/mailbox-record.ts';
import { isInWindow, type Policy } from './policy.ts';
import type { Seen } from './seen.ts';

/** A create of ours whose outcome is not known for certain: not settled yet, or settled and due for a second look. */
export interface OpenCreate {
  readonly settled: boolean;
  readonly create: Intent;
  /** When it is looked at next. */
  readonly until: Instant;
}

export interface Newcomer {
  readonly side: Side;
  readonly item: Item;
  readonly mailbox: MailboxKey;
  readonly policy: Policy;
  readonly now: Instant;
  readonly openCreates: readonly OpenCreate[];
  /** The link that the item's stamp names, if there is one. */
  readonly stamped: Link | undefined;
  /** What reading the item of that link on the same side came to, once asked. */
  readonly linkedItem: Seen | undefined;
  /** The item on the other side with the same stamp and no link, once asked: `none` or its id. */
  readonly counterpart: { readonly kind: 'none' } | { readonly kind: 'found'; readonly id: string } | undefined;
  /** Whether our own account registered it, which only its side can tell; undefined before that is asked. */
  readonly registeredByUs: boolean | undefined;
}

export type NewcomerDecision =
  | { readonly kind: 'park'; readonly reason: string }
  | { readonly kind: 'leave'; readonly reason: 'direction' | 'window' | 'being created' }
  /** It may be what an open create made; that is known only later. */
  | { readonly kind: 'wait'; readonly until: Instant }
  | { readonly kind: 'adopt'; readonly create: Intent }
  /** Somebody edited it while a create of ours was open: is it what that create made? */
  | { readonly kind: 'ask-registered'; readonly since: Instant }
  | { readonly kind: 'ask-linked-item'; readonly link: Link }
  /** The linked item is no more: this one takes the link over. */
  | { readonly kind: 'take-over'; readonly link: Link }
  /** A late twin that we made ourselves and nobody changed. */
  | { readonly kind: 'remove-twin'; readonly link: Link }
  | { readonly kind: 'ask-counterpart'; readonly linkId: LinkId }
  | { readonly kind: 'rebuild'; readonly linkId: LinkId; readonly counterpartId: string }
  /** Create the counterpart; without `linkId` the item gets a new link and its stamp. */
  | { readonly kind: 'create'; readonly linkId: LinkId | undefined; readonly rule: string };

export function decideNewcomer(newcomer: Newcomer): NewcomerDecision {
  const { item, side, openCreates } = newcomer;
  if (item.shape !== 'single') return { kind: 'park', reason: `shape-${item.shape}` };
  const isSource = openCreates.some(({ settled, create }) => !settled && isSourceOf(create, item, side));
  if (isSource) return { kind: 'leave', reason: 'being created' };
  // Link ids are unique, so that a stamp tells its pair under a former key of the mailbox too.
  return item.stamp === undefined ? decideUnstamped(newcomer) : decideStamped(newcomer, item.stamp.linkId);
}

function decideUnstamped(newcomer: Newcomer): NewcomerDecision {
  const { item, side, openCreates, now, registeredByUs } = newcomer;
  // SuperOffice is stamped by a second call: until that is over, our own row looks like a person's.
  const ours = openCreates.find(({ create, until }) => create.target === side && until > now && isOurs(item, create));
  if (ours !== undefined) return { kind: 'wait', until: ours.until };
  const unsettled = openCreates.find(
    ({ settled, create, until }) => !settled && create.target === side && until > now && isMadeWithin(item, create),
  );
  if (unsettled !== undefined) {
    if (registeredByUs === undefined) return { kind: 'ask-registered', since: sinceOf(unsettled.create) };
    if (registeredByUs) return { kind: 'wait', until: unsettled.until };
  }
  return decideCreate(newcomer, undefined, 'new');
}

function decideStamped(newcomer: Newcomer, linkId: LinkId): NewcomerDecision {
  const { side, item, mailbox, openCreates, stamped, linkedItem, counterpart } = newcomer;
  const open = openCreates.find(({ create }) => create.linkId === linkId && create.target === side);
  if (stamped !== undefined) {
    if (open?.settled === false && open.create.replaces === stamped[side].id)
      return { kind: 'adopt', create: open.create };
    if (linkedItem === undefined) return { kind: 'ask-linked-item', link: stamped };
    if (linkedItem.kind !== 'found') return { kind: 'take-over', link: stamped };
    if (open !== undefined && isOurs(item, open.create)) return { kind: 'remove-twin', link: stamped };
    return decideCreate(newcomer, undefined, 'copy');
  }
  if (open !== undefined) return { kind: 'adopt', create: open.create };
  if (counterpart === undefined) return { kind: 'ask-counterpart', linkId };
  if (counterpart.kind === 'found') return { kind: 'rebuild', linkId, counterpartId: counterpart.id };
  // A stamp of another mailbox came with an invitation or a copy: the item gets its own.
  return decideCreate(newcomer, item.stamp?.mailbox === mailbox ? linkId : undefined, 'new');
}

function decideCreate(newcomer: Newcomer, linkId: LinkId | undefined, rule: string): NewcomerDecision {
  const { item, side, policy } = newcomer;
  const target = side === 'exchange' ? 'superoffice' : 'exchange';
  if (!policy.mayWrite[target]) return { kind: 'leave', reason: 'direction' };
  if (!isInWindow(item, policy)) return { kind: 'leave', reason: 'window' };
  return { kind: 'create', linkId, rule };
}

/**
 * Did this create make the item, and has nobody changed it since? It says exactly what we wrote, and our account touched
 * it last or, where the side does not tell (Exchange with impersonation), it was made while the call could still run.
 */
export function isOurs(item: Item, create: Intent): boolean {
  if (kindOfStored(create.source) !== item.kind || item.modifiedByUs === false) return false;
  const hashes = groupHashes(item);
  if (!groupsOf(item.kind).every((group) => hashes[group] === create.agreed[group])) return false;
  return item.createdAt === undefined ? item.modifiedByUs === true : isMadeWithin(item, create);
}

/** Made while the call of this create could run. */
function isMadeWithin(item: Item, create: Intent): boolean {
  if (kindOfStored(create.source) !== item.kind || item.createdAt === undefined) return false;
  const madeAt = Date.parse(item.createdAt);
  return madeAt >= Date.parse(sinceOf(create)) && madeAt <= Date.parse(create.settleAfter) + clockSkewMs;
}

/** What a create made was not there before this instant. */
export function sinceOf({ at }: Intent): Instant {
  return new Date(Date.parse(at) - clockSkewMs).toISOString();
}

/**
 * Which of these rows of ours a create made, whatever people have changed in it since: the one that says most of what was
 * written, and of several such the one registered nearest to it. None that says more of what another open create wrote.
 */
export function madeBy(create: Intent, rows: readonly Item[], others: readonly Intent[]): Item | undefined {
  const likeness = (row: Item, { agreed }: Intent) => {
    const hashes = groupHashes(row);
    return groupsOf(row.kind).filter((group) => hashes[group] === agreed[group]).length;
  };
  const distanceMs = ({ createdAt = '' }: Item, { at }: Intent) => Math.abs(Date.parse(createdAt) - Date.parse(at));
  const isNearer = (row: Item, one: Intent, than: Intent) =>
    likeness(row, one) - likeness(row, than) || distanceMs(row, than) - distanceMs(row, one);
  const own = rows.filter((row) => isMadeWithin(row, create));
  const candidates = own.filter((row) => others.every((other) => isNearer(row, create, other) >= 0));
  return candidates.toSorted(
    (a, b) => likeness(b, create) - likeness(a, create) || distanceMs(a, create) - distanceMs(b, create),
  )[0];
}

function isSourceOf({ source }: Intent, item: Item, side: Side): boolean {
  return source.side === side && source.id === item.id && kindOfStored(source) === item.kind;
}
