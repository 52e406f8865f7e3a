// The decision table for a linked pair (docs/architecture.md §7). Pure: it is given what was read on both sides and answers with what
// to do, as data. It decides from the state of both sides alone, never from the message that woke us.

import type { CodedError, Instant, Item, ItemContent, Side } from '@lockstep/contracts';
import { contentHash, type FieldGroup, groupHashes, groupsOf, kindOf, merge, startOf } from '@lockstep/items';
import { loopBreaker } from '../config.ts';
import {
  type GroupHashes,
  isSettled,
  type Link,
  otherSide,
  type SideState,
  type Suspicion,
  settled,
  suspicionsOf,
} from '../state/link.ts';
import { alternatingWrites, loopReason, stillLooping, withWrites } from './loop-breaker.ts';
import { imageOf, seenThroughImages, stateOf } from './own-image.ts';
import type { Policy } from './policy.ts';
import type { Found, Seen } from './seen.ts';

const sides = ['exchange', 'superoffice'] as const;

export interface Write {
  readonly side: Side;
  readonly id: string;
  /** The write is refused unless the item still has this version. */
  readonly version: string;
  readonly changes: ItemContent;
  /** What the side says before. */
  readonly before: ItemContent;
  readonly groups: readonly FieldGroup[];
  /** What the side will say once this is written. */
  readonly contentHash: string;
}

export interface LostValue {
  readonly group: FieldGroup;
  readonly rule: string;
  readonly winner: Side;
  readonly lost: unknown;
}

export type PairDecision =
  | { readonly kind: 'unchanged' }
  /** `link` is what to record; the versions of what is written come from the writes. */
  | {
      readonly kind: 'merge';
      readonly rule: string;
      readonly writes: readonly Write[];
      /** Groups left alone because a side gives only their beginning; empty while both sides are as recorded. */
      readonly skipped: readonly FieldGroup[];
      readonly conflicts: readonly LostValue[];
      readonly link: Link;
    }
  | {
      readonly kind: 'delete';
      readonly rule: string;
      readonly side: Side;
      readonly id: string;
      readonly version: string;
      /** What it says. */
      readonly before: ItemContent;
    }
  | { readonly kind: 'recreate'; readonly rule: string; readonly side: Side; readonly source: Item }
  | { readonly kind: 'forget'; readonly rule: string }
  | { readonly kind: 'prove'; readonly side: Side }
  /** Nothing is done before it is looked at again; `lagging` is a side that has the item and does not let it be read. */
  | {
      readonly kind: 'suspect';
      readonly rule: string;
      readonly suspicions: readonly Suspicion[];
      readonly lagging: Side | undefined;
    }
  | { readonly kind: 'hold'; readonly rule: string; readonly side: Side }
  | { readonly kind: 'park'; readonly rule: string; readonly reason: string }
  | { readonly kind: 'failed'; readonly error: CodedError };

export interface Situation {
  readonly link: Link;
  readonly exchange: Seen;
  readonly superoffice: Seen;
  readonly policy: Policy;
  /** May one more item be deleted, by the brake? */
  readonly mayDelete: boolean;
  /** An administrator let the held deletes of this mailbox go. */
  readonly released: boolean;
  readonly now: Instant;
}

/** Decides what to do about one linked pair. */
export function decidePair(situation: Situation): PairDecision {
  const { exchange, superoffice } = situation;
  if (exchange.kind === 'failed') return { kind: 'failed', error: exchange.error };
  if (superoffice.kind === 'failed') return { kind: 'failed', error: superoffice.error };
  if (exchange.kind === 'missing') return { kind: 'prove', side: 'exchange' };
  if (superoffice.kind === 'missing') return { kind: 'prove', side: 'superoffice' };
  const suspected = decideSuspected(situation);
  if (suspected !== undefined) return suspected;
  if (exchange.kind === 'found' && superoffice.kind === 'found') return decideBoth(situation, exchange, superoffice);
  if (exchange.kind === 'found') return decideSurvivor(situation, 'exchange', exchange.item);
  if (superoffice.kind === 'found') return decideSurvivor(situation, 'superoffice', superoffice.item);
  return { kind: 'forget', rule: 'deleted/deleted' };
}

/** One side, or both, do not show the item, and that proves nothing yet: what is known of it since when. */
function decideSuspected({ link, exchange, superoffice, now }: Situation): PairDecision | undefined {
  const seen = { exchange: exchange.kind, superoffice: superoffice.kind };
  const known = suspicionsOf(link);
  const suspicions = sides.flatMap((side): Suspicion[] => {
    if (seen[side] === 'alive') return [{ side, since: now, seenByStamp: true }];
    if (seen[side] !== 'suspected') return [];
    const before = known.find((one) => one.side === side && one.seenByStamp !== true);
    return [before ?? { side, since: now }];
  });
  if (suspicions.length === 0) return undefined;
  const lagging = sides.find((side) => seen[side] === 'alive');
  const named = suspicions.map(({ side }) => side).join(', ');
  const rule = lagging === undefined ? `missing, not proved: ${named}` : `not shown, found by its stamp: ${lagging}`;
  return { kind: 'suspect', rule, suspicions, lagging };
}

function decideBoth(situation: Situation, { item: exchange }: Found, { item: superoffice }: Found): PairDecision {
  const { link, policy, now } = situation;
  for (const item of [exchange, superoffice]) {
    if (item.shape !== 'single') return { kind: 'park', rule: 'not synchronized yet', reason: `shape-${item.shape}` };
  }
  // A group that a link of an earlier release lacks is agreed on while both sides are as recorded: later, the first change of
  // it would be taken for a conflict.
  const isComplete = groupsOf(link.kind).every((group) => link.agreed[group] !== undefined);
  if (
    isComplete &&
    isSettled(link) &&
    isInStep(exchange, link, 'exchange') &&
    isInStep(superoffice, link, 'superoffice')
  )
    return { kind: 'unchanged' };
  const edited = {
    exchange: editedByPerson(exchange, link.exchange),
    superoffice: editedByPerson(superoffice, link.superoffice),
  };
  const personEdited = edited.exchange || edited.superoffice;
  if (stillLooping(link, personEdited, now)) return { kind: 'park', rule: 'loop breaker', reason: loopReason };

  const input = seenThroughImages(link, exchange, superoffice);
  const plan = merge(
    link.kind,
    input.agreed,
    { content: input.exchange, modifiedAt: exchange.modifiedAt },
    { content: input.superoffice, modifiedAt: superoffice.modifiedAt },
    policy.merge,
  );
  const wanted: readonly (Write | undefined)[] = [
    writeTo('exchange', exchange, plan.toExchange, plan.exchangeGroups),
    writeTo('superoffice', superoffice, plan.toSuperOffice, plan.superofficeGroups),
  ];
  const writes = wanted.filter((write) => write !== undefined).filter(({ side }) => policy.mayWrite[side]);
  const written = writes.map(({ side }) => side);
  const counted = withWrites(personEdited || link.parked?.reason === loopReason ? [] : link.writes, written, now);
  if (writes.length > 0 && alternatingWrites(counted) > loopBreaker.maxAlternatingWrites) {
    return { kind: 'park', rule: 'loop breaker', reason: loopReason };
  }
  const forbidden = forbiddenGroups(plan, policy);
  const { start: _start, ...kept } = settled(link);
  return {
    kind: 'merge',
    rule: ruleOf(plan, forbidden),
    writes,
    conflicts: plan.conflicts.filter(({ group }) => !forbidden.has(group)),
    skipped:
      link.exchange.version === exchange.version && link.superoffice.version === superoffice.version
        ? []
        : plan.skipped,
    link: {
      ...kept,
      exchange: stateOf(exchange, link.exchange, link.agreed),
      superoffice: stateOf(superoffice, link.superoffice, link.agreed),
      agreed: agreedWithout(forbidden, plan.agreed, link.agreed),
      ...startAfter({ ...exchange, content: { ...exchange.content, ...plan.toExchange } }, policy.zone),
      writes: counted,
    },
  };
}

function decideSurvivor(situation: Situation, side: Side, item: Item): PairDecision {
  const { link, policy, mayDelete, released } = situation;
  if (item.shape !== 'single') return { kind: 'park', rule: 'not synchronized yet', reason: `shape-${item.shape}` };
  const vanished = otherSide(side);
  if (differs(item, link, side)) {
    if (!policy.mayWrite[vanished]) return { kind: 'park', rule: 'deleted/changed', reason: 'direction' };
    return { kind: 'recreate', rule: 'deleted/changed', side: vanished, source: item };
  }
  if (!policy.mayWrite[side]) return { kind: 'park', rule: 'deleted/same', reason: 'direction' };
  if (!released && (link.held !== undefined || !mayDelete))
    return { kind: 'hold', rule: 'delete brake', side: vanished };
  const { id, version, content: before } = item;
  return { kind: 'delete', rule: 'deleted/same', side, id, version, before };
}

/**
 * Version and content hash are those recorded: this is our own echo, or nothing happened at all. And it says what was agreed:
 * a change that the direction forbade to carry over is recorded too, and is carried over once it may be.
 */
function isInStep(item: Item, link: Link, side: Side): boolean {
  const recorded = link[side];
  const isAsRecorded = item.version === recorded.version && contentHash(item) === recorded.contentHash;
  return isAsRecorded && !differs(item, link, side);
}

function editedByPerson(item: Item, recorded: SideState): boolean {
  return item.version !== recorded.version && item.modifiedByUs === false;
}

/** When the item begins once everything is written; a kind without a time has none. */
function startAfter(item: Item, zone: string): { readonly start?: Instant } {
  const start = startOf(item, zone);
  return start === undefined ? {} : { start };
}

/** Does it say anything else than what was agreed? A cut text tells nothing, since its hash is that of the cut. */
function differs(item: Item, link: Link, side: Side): boolean {
  const hashes = groupHashes(item);
  const image = imageOf(item, link[side], link.agreed);
  const cut = kindOf(item.kind).cutGroups(item.content);
  const isChanged = (group: FieldGroup) => hashes[group] !== link.agreed[group] && image[group] === undefined;
  return groupsOf(item.kind).some((group) => isChanged(group) && !cut.includes(group));
}

function writeTo(
  side: Side,
  item: Item,
  changes: ItemContent | undefined,
  groups: readonly FieldGroup[],
): Write | undefined {
  if (changes === undefined) return undefined;
  const { kind, id, version, content } = item;
  const written = { kind, content: { ...content, ...changes } };
  return { side, id, version, changes, before: content, groups, contentHash: contentHash(written) };
}

type Plan = ReturnType<typeof merge>;

function forbiddenGroups(plan: Plan, { mayWrite }: Policy): ReadonlySet<FieldGroup> {
  return new Set([
    ...(mayWrite.exchange ? [] : plan.exchangeGroups),
    ...(mayWrite.superoffice ? [] : plan.superofficeGroups),
  ]);
}

/** What may not be written is not agreed on: it stays as it was, until the settings or the other side change. */
function agreedWithout(
  forbidden: ReadonlySet<FieldGroup>,
  agreed: GroupHashes,
  agreedBefore: GroupHashes,
): GroupHashes {
  const before = Object.entries(agreedBefore).filter(([group]) => forbidden.has(group));
  const now = Object.entries(agreed).filter(([group]) => !forbidden.has(group));
  return Object.fromEntries([...before, ...now]);
}

function ruleOf(plan: Plan, forbidden: ReadonlySet<FieldGroup>): string {
  if (plan.conflicts.some(({ group }) => !forbidden.has(group))) return 'changed/changed, different';
  const written = [...plan.exchangeGroups, ...plan.superofficeGroups].filter((group) => !forbidden.has(group));
  if (written.length > 0)
    return plan.exchangeGroups.length > 0 && plan.superofficeGroups.length > 0
      ? 'changed/changed, other groups'
      : 'changed/same';
  return forbidden.size > 0 ? 'changed, but the direction forbids it' : 'equal, recorded';
}
