// The full compare of a mailbox: lists both sides part by part, pairs what belongs together and decides on everything else
// as if it had been reported. It works in slices, so that a person's change of the same mailbox waits for one slice at
// most; the part that it is in stands in the mailbox's record, and a crash begins that part again.
import {
  type AllChanged,
  codedError,
  type ItemKind,
  type ItemRow,
  type Outcome,
  type Side,
  success,
} from '@lockstep/contracts';
import { parkItem } from '../carry-out/park.ts';
import {
  again,
  clientOf,
  done,
  nightAfter,
  nowOf,
  readMany,
  recordHistory,
  type StepResult,
  sooner,
  type Work,
} from '../carry-out/work.ts';
import { isOn } from '../decide/policy.ts';
import type { Seen } from '../decide/seen.ts';
import { linkEqual, linkUp } from '../sync/link-up.ts';
import { syncNewcomer } from '../sync/newcomer.ts';
import { type Given, syncPair } from '../sync/pair.ts';
import { beginCompare, followSettings } from './follow-settings.ts';
import { type CompareItem, planSegment, type StampedPair } from './plan-segment.ts';
import { type Part, partsOf } from './segments.ts';

/** What is left of the part that a compare is in. Memory only. */
export interface CompareRun {
  readonly kind: ItemKind;
  readonly items: readonly CompareItem[];
}

/** Reasons to read every pair: what a side was not allowed to be told before is not seen from the versions alone. */
const thoroughFor: ReadonlySet<string> = new Set(['verification', 'widened'] satisfies AllChanged['reason'][]);

export type SliceResult = StepResult | { readonly kind: 'more'; readonly run: CompareRun | undefined };

/** Does one slice. `left` is what the last slice left; undefined at the beginning of a part, and after a crash. */
export async function compareSlice(
  work: Work,
  reason: AllChanged['reason'],
  left: CompareRun | undefined,
): Promise<SliceResult> {
  const { compare } = work.state.record;
  const position = compare ?? (await beginCompare(work, reason));
  // Without a position the mailbox was rebuilt meanwhile: what was left belongs to no part of this compare.
  const run = compare === undefined ? undefined : left;
  const part = partsOf(position, position.startedAt)[position.segment];
  if (part === undefined) {
    const { coverage } = position;
    const covered = coverage === undefined ? {} : { covered: coverage };
    const comparedAt = nowOf(work);
    const lookAgainAt = sooner(work.state.record.lookAgainAt, nightAfter(work, comparedAt));
    await work.state.saveRecord({ compare: undefined, firstLoadDone: true, comparedAt, lookAgainAt, ...covered });
    const followed = await followSettings(work);
    return followed.ok ? done : again(followed.error);
  }
  const next = async () => {
    await work.state.saveRecord({ compare: { ...position, segment: position.segment + 1 } });
    return { kind: 'more', run: undefined } as const;
  };
  const { kind } = part;
  if (!isOn(work.policies[kind])) return next();
  if (run === undefined) {
    const items = await open(work, part, thoroughFor.has(position.reason));
    return items.ok ? { kind: 'more', run: { kind, items: items.value } } : again(items.error);
  }
  const slice = run.items.slice(0, work.tools.config.compareSliceItems);
  const result = await compareItems(work, kind, slice);
  if (result.kind !== 'done') return result;
  const rest = run.items.slice(slice.length);
  return rest.length > 0 ? { kind: 'more', run: { kind, items: rest } } : next();
}

/** Lists both sides of a part, links what is equal, and says what else is to be looked at. */
async function open(work: Work, part: Part, thorough: boolean): Promise<Outcome<readonly CompareItem[]>> {
  const [exchange, superoffice] = await Promise.all([
    listAll(work, 'exchange', part),
    listAll(work, 'superoffice', part),
  ]);
  if (!exchange.ok) return exchange;
  if (!superoffice.ok) return superoffice;
  const plan = planSegment({
    part,
    exchange: exchange.value,
    superoffice: superoffice.value,
    linkOf: (side, id) => work.state.linkOf(side, part.kind, id),
    isLinked: (linkId) => work.state.link(linkId) !== undefined,
    mailbox: work.call.mailbox,
    links: work.state.links(),
    thorough,
  });
  const { stamped, candidates } = plan;
  const rebuilt = await linkStamped(work, part.kind, stamped, exchange.value);
  if (!rebuilt.ok) return rebuilt;
  const paired = await pairsOfEqual(work, part.kind, candidates);
  return paired.ok ? success([...rebuilt.value, ...paired.value, ...plan.items]) : paired;
}

async function listAll(work: Work, side: Side, { kind, segment }: Part): Promise<Outcome<readonly ItemRow[]>> {
  const rows: ItemRow[] = [];
  let next: string | undefined;
  do {
    const page = await clientOf(work, side).list(work.call, kind, segment, next);
    if (!page.ok) return page;
    rows.push(...page.value.rows);
    if (rows.length > work.tools.config.segmentRows) {
      return { ok: false, error: codedError('internal-error', { detail: 'too many rows in one part of the window' }) };
    }
    next = page.value.next;
  } while (next !== undefined);
  return success(rows);
}

/** Links whose two halves are known by their stamps alone; the pairs are then compared like any other. */
async function linkStamped(
  work: Work,
  kind: ItemKind,
  pairs: readonly StampedPair[],
  rows: readonly ItemRow[],
): Promise<Outcome<readonly CompareItem[]>> {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const items: CompareItem[] = [];
  for (const { linkId, exchange, superoffice } of pairs) {
    const decision = 'link rebuilt from the stamps';
    const told = await recordHistory(work, {
      linkId,
      kind,
      exchange: { id: exchange },
      superoffice: { id: superoffice },
      decision,
    });
    if (!told.ok) return told;
    const row = byId.get(exchange);
    const stampDue = row?.stamp?.mailbox !== work.call.mailbox;
    await linkUp(work, linkId, { kind, start: row?.start, exchange, superoffice, stampDue });
    items.push({ kind: 'pair', linkId });
  }
  return success(items);
}

async function pairsOfEqual(
  work: Work,
  kind: ItemKind,
  candidates: Readonly<Record<Side, readonly string[]>>,
): Promise<Outcome<readonly CompareItem[]>> {
  const linked = await linkEqual(work, kind, candidates);
  return linked.ok ? success(linked.value.map((linkId) => ({ kind: 'pair', linkId }))) : linked;
}

/** Reads what a slice needs in one go for each side, then takes item by item. */
async function compareItems(work: Work, kind: ItemKind, slice: readonly CompareItem[]): Promise<StepResult> {
  const wanted = (side: Side) =>
    slice.flatMap((item) => {
      if (item.kind === 'newcomer') return item.side === side ? [item.id] : [];
      const link = item.kind === 'pair' ? work.state.link(item.linkId) : undefined;
      return link === undefined ? [] : [link[side].id];
    });
  const [exchange, superoffice] = await Promise.all([
    readMany(work, 'exchange', kind, wanted('exchange')),
    readMany(work, 'superoffice', kind, wanted('superoffice')),
  ]);
  if (!exchange.ok) return again(exchange.error);
  if (!superoffice.ok) return again(superoffice.error);
  const read = { exchange: exchange.value, superoffice: superoffice.value };
  for (const item of slice) {
    const result = await compareItem(work, kind, item, read);
    if (result.kind === 'done') continue;
    // One item that fails now must not hold up the rest: it gets a message of its own.
    const woken = await wakeLater(work, kind, item);
    if (!woken.ok) return again(woken.error);
    if (result.kind === 'again' && result.error.retry === 'busy') return result;
  }
  return done;
}

type ReadItems = { readonly [S in Side]: ReadonlyMap<string, Seen> };

async function compareItem(work: Work, kind: ItemKind, item: CompareItem, read: ReadItems): Promise<StepResult> {
  if (item.kind === 'park') return parkItem(work, item.side, { ...item, kind }, item.reason);
  if (item.kind === 'newcomer') {
    const { side, id } = item;
    if (work.state.linkOf(side, kind, id) !== undefined) return done;
    return syncNewcomer(
      work,
      { kind, side, id },
      { given: read[side].get(id), shownAt: nowOf(work), isCompared: true },
    );
  }
  const link = work.state.link(item.linkId);
  if (link === undefined) return done;
  const exchange = read.exchange.get(link.exchange.id);
  const superoffice = read.superoffice.get(link.superoffice.id);
  const given: Given = { ...(exchange ? { exchange } : {}), ...(superoffice ? { superoffice } : {}) };
  return syncPair(work, link.linkId, given);
}

async function wakeLater(work: Work, kind: ItemKind, item: CompareItem): Promise<Outcome<void>> {
  const link = item.kind === 'pair' ? work.state.link(item.linkId) : undefined;
  const name = item.kind === 'pair' ? { side: 'exchange' as const, id: link?.exchange.id } : item;
  if (name.id === undefined) return success(undefined);
  const { mailbox, correlationId } = work.call;
  return work.tools.wakeUp.item({
    mailbox,
    item: { kind, side: name.side, id: name.id },
    changeClass: 'bulk',
    firstSeenAt: nowOf(work),
    correlationId,
  });
}
