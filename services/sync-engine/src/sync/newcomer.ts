// An item that no link knows: find out what it is, then link it, create its counterpart, or leave it alone.
import {
  type CodedError,
  codedError,
  type Instant,
  type Item,
  type ItemRef,
  type LinkId,
  type Side,
} from '@lockstep/contracts';
import { startOf } from '@lockstep/items';
import { createCounterpart } from '../carry-out/create.ts';
import { parkItem } from '../carry-out/park.ts';
import { removeTwin } from '../carry-out/remove-twin.ts';
import {
  again,
  type Conflict,
  clientOf,
  done,
  findByLinkId,
  findByStamp,
  later,
  nowOf,
  readOne,
  recordHistory,
  type StepResult,
  type Work,
} from '../carry-out/work.ts';
import { decideNewcomer, type Newcomer, type NewcomerDecision, type OpenCreate } from '../decide/newcomer.ts';
import { laggingRead, type Seen } from '../decide/seen.ts';
import { preferred } from '../decide/stamps.ts';
import { type Link, otherSide, withSuspicions } from '../state/link.ts';
import { type Intent, kindOfStored } from '../state/mailbox-record.ts';
import { linkUp, linkWithEqual, unread } from './link-up.ts';
import { syncPair } from './pair.ts';

export interface NewcomerSeen {
  /** What is known of it already. */
  readonly given?: Seen | undefined;
  /** When it was reported or listed; undefined where it was reported to be gone. */
  readonly shownAt: Instant | undefined;
  /** A compare listed both sides just now: nothing equal is left to be paired with. */
  readonly isCompared?: boolean;
}

export async function syncNewcomer(work: Work, ref: ItemRef, newcomer: NewcomerSeen): Promise<StepResult> {
  const { side } = ref;
  const { given, shownAt, isCompared = false } = newcomer;
  let seen = given;
  for (let round = 0; round < work.tools.config.tries; round++) {
    seen ??= await readOne(work, ref);
    if (seen.kind === 'failed') return notRead(work, ref, seen.error);
    if (seen.kind !== 'found') return missed(work, shownAt);
    const decision = await decide(work, side, seen.item);
    // Before the first compare has seen everything, the other side may hold the same item, unknown to us.
    if (decision.kind === 'create' && !isCompared && !work.state.record.firstLoadDone) {
      const equal = await linkWithEqual(work, side, seen.item);
      if (!equal.ok) return again(equal.error);
      if (equal.value !== undefined) return syncPair(work, equal.value);
    }
    if (decision.kind === 'again') return notRead(work, ref, decision.error);
    const carried = await carryOut(work, side, seen.item, decision);
    if (carried.kind !== 'conflict') return carried;
    seen = undefined;
  }
  return { kind: 'wait', until: later(work, work.tools.config.contendedDelayMs) };
}

/** What its side can never give is parked with the reason, and holds up no first load; it is tried again when it changes. */
async function notRead(work: Work, { kind, side, id }: ItemRef, error: CodedError): Promise<StepResult> {
  if (error.retry !== 'never') return again(error);
  return parkItem(work, side, { kind, id, version: '' }, `${error.code}: ${error.detail ?? ''}`);
}

/** One read that does not show what was just reported may be wrong: it is read again until a minute is over. */
function missed(work: Work, shownAt: Instant | undefined): StepResult {
  if (shownAt === undefined) return done;
  const until = new Date(Date.parse(shownAt) + work.tools.config.proofGapMs).toISOString();
  return until > nowOf(work) ? { kind: 'wait', until } : done;
}

type Asking = Extract<NewcomerDecision, { kind: 'ask-linked-item' | 'ask-counterpart' | 'ask-registered' }>;
type Decided = Exclude<NewcomerDecision, Asking>;

/** Decides in stages: what a decision asks for is looked up, then it is decided again. */
async function decide(work: Work, side: Side, item: Item): Promise<Decided | Extract<StepResult, { kind: 'again' }>> {
  const { state, call } = work;
  const policy = work.policies[item.kind];
  const linkId = item.stamp?.linkId;
  let linkedItem: Newcomer['linkedItem'];
  let counterpart: Newcomer['counterpart'];
  let registeredByUs: Newcomer['registeredByUs'];
  for (;;) {
    const decision = decideNewcomer({
      side,
      item,
      mailbox: call.mailbox,
      policy,
      now: nowOf(work),
      openCreates: openCreates(work),
      stamped: linkId === undefined ? undefined : state.link(linkId),
      linkedItem,
      counterpart,
      registeredByUs,
    });
    if (decision.kind === 'ask-linked-item') {
      linkedItem = await readOne(work, { kind: item.kind, side, id: decision.link[side].id });
      if (linkedItem.kind === 'failed') return { kind: 'again', error: linkedItem.error };
      if (linkedItem.kind === 'missing') {
        const shown = await findByStamp(work, item.kind, side, decision.link.linkId);
        if (!shown.ok) return { kind: 'again', error: shown.error };
        if (shown.value.includes(decision.link[side].id)) return { kind: 'again', error: laggingRead(side) };
      }
    } else if (decision.kind === 'ask-counterpart') {
      const found = await findByLinkId(work, item.kind, otherSide(side), decision.linkId);
      if (!found.ok) return { kind: 'again', error: found.error };
      const first = preferred(found.value, call.mailbox)[0];
      counterpart = first === undefined ? { kind: 'none' } : { kind: 'found', id: first.id };
    } else if (decision.kind === 'ask-registered') {
      const ours = await clientOf(work, side).findUnstamped(work.call, item.kind, decision.since);
      if (!ours.ok) return { kind: 'again', error: ours.error };
      registeredByUs = ours.value.some(({ id }) => id === item.id);
    } else return decision;
  }
}

function openCreates({ state }: Work): readonly OpenCreate[] {
  const { intents, secondLooks } = state.record;
  return [
    ...intents.map((create) => ({ settled: false, create, until: create.settleAfter })),
    ...secondLooks.map(({ create, due }) => ({ settled: true, create, until: due })),
  ];
}

async function carryOut(work: Work, side: Side, item: Item, decision: Decided): Promise<StepResult | Conflict> {
  switch (decision.kind) {
    case 'park':
      return parkItem(work, side, item, decision.reason);
    case 'leave':
      work.tools.metrics.decisions.inc({ kind: `leave: ${decision.reason}` });
      return done;
    case 'wait':
      return { kind: 'wait', until: decision.until };
    case 'adopt':
      return adoptAndSync(work, decision.create, item.id);
    case 'take-over':
      return takeOver(work, side, item, decision.link.linkId);
    case 'remove-twin':
      return removeTwin(work, side, item, decision.link.linkId);
    case 'rebuild':
      return rebuild(work, side, item, decision.linkId, decision.counterpartId);
    case 'create': {
      const linkId = decision.linkId ?? (work.tools.ids.uuidv7() as LinkId);
      return createCounterpart(work, { linkId, target: otherSide(side), source: item, rule: decision.rule });
    }
  }
}

async function adoptAndSync(work: Work, create: Intent, madeId: string): Promise<StepResult> {
  const adopted = await adopt(work, create, madeId);
  return adopted.kind === 'done' ? syncPair(work, create.linkId) : adopted;
}

/** Links what an open create made after all. Neither side is read: the pair is to be compared next. */
export async function adopt(work: Work, create: Intent, madeId: string): Promise<StepResult> {
  const { linkId, target, source, agreed, start } = create;
  const kind = kindOfStored(source);
  const before = work.state.link(linkId);
  const told = await recordHistory(work, {
    linkId,
    kind,
    [target]: { id: madeId },
    [source.side]: { id: source.id },
    decision: 'adopted what an unanswered create made',
  });
  if (!told.ok) return again(told.error);
  work.tools.metrics.decisions.inc({ kind: 'adopt' });
  const made = unread(madeId);
  const origin = before?.[source.side] ?? unread(source.id);
  const [exchange, superoffice] = target === 'exchange' ? [made, origin] : [origin, made];
  const createdAt = before?.createdAt ?? nowOf(work);
  const link: Link = { linkId, kind, createdAt, exchange, superoffice, agreed, writes: before?.writes ?? [] };
  await work.state.saveLink(start === undefined ? link : { ...link, start });
  return done;
}

async function takeOver(work: Work, side: Side, item: Item, linkId: LinkId): Promise<StepResult> {
  const link = work.state.link(linkId);
  if (link === undefined) return again(codedError('internal-error'));
  const told = await recordHistory(work, {
    linkId,
    kind: item.kind,
    [side]: { id: item.id, version: item.version },
    decision: 'moved',
  });
  if (!told.ok) return again(told.error);
  work.tools.metrics.decisions.inc({ kind: 'take over' });
  await work.state.saveLink({ ...withSuspicions(link, []), [side]: unread(item.id) });
  return syncPair(work, linkId, { [side]: { kind: 'found', item } });
}

/** Both sides bear the stamp of a link that we no longer know: the link is made again from them. */
async function rebuild(work: Work, side: Side, item: Item, linkId: LinkId, otherId: string): Promise<StepResult> {
  const told = await recordHistory(work, {
    linkId,
    kind: item.kind,
    [side]: { id: item.id, version: item.version },
    [otherSide(side)]: { id: otherId },
    decision: 'link rebuilt from the stamps',
  });
  if (!told.ok) return again(told.error);
  work.tools.metrics.decisions.inc({ kind: 'rebuild' });
  const [exchange, superoffice] = side === 'exchange' ? [item.id, otherId] : [otherId, item.id];
  const start = startOf(item, work.policies[item.kind].zone);
  const stampDue = item.stamp?.mailbox !== work.call.mailbox;
  await linkUp(work, linkId, { kind: item.kind, start, exchange, superoffice, stampDue });
  return syncPair(work, linkId, { [side]: { kind: 'found', item } });
}
