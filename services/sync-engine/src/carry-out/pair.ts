// Carries out what was decided about a linked pair. Each effect is followed by the state write that records it; a refused
// conditional write ends in `conflict`, and whoever asked reads both sides again.
import type { Side } from '@lockstep/contracts';
import { countDelete } from '../decide/delete-brake.ts';
import type { LostValue, PairDecision, Write } from '../decide/pair.ts';
import { laggingRead } from '../decide/seen.ts';
import { isSettled, type Link, type Suspicion, suspicionsOf, withSuspicions } from '../state/link.ts';
import { aboutLink } from './about.ts';
import { createCounterpart } from './create.ts';
import { parkLink } from './park.ts';
import { takenAway } from './taken-away.ts';
import {
  again,
  type Conflict,
  clientOf,
  conflict,
  countWrite,
  done,
  later,
  nowOf,
  recordHistory,
  type StepResult,
  sooner,
  type Work,
} from './work.ts';

type Carried = Promise<StepResult | Conflict>;
type DecisionOf<K extends PairDecision['kind']> = Extract<PairDecision, { kind: K }>;

/** `prove` is not carried out: the evidence is asked for where the sides are read. */
export async function carryOutPair(
  work: Work,
  link: Link,
  decision: Exclude<PairDecision, { kind: 'prove' }>,
): Carried {
  switch (decision.kind) {
    case 'unchanged':
      work.tools.metrics.decisions.inc({ kind: 'unchanged' });
      return done;
    case 'merge':
      return carryOutMerge(work, link, decision);
    case 'delete':
      return carryOutDelete(work, link, decision);
    case 'recreate': {
      const { side: target, source, rule } = decision;
      return createCounterpart(work, { linkId: link.linkId, target, source, rule, replaces: link[target].id });
    }
    case 'forget':
      return forget(work, link, decision.rule);
    case 'suspect':
      return suspect(work, link, decision);
    case 'hold':
      return hold(work, link, decision);
    case 'park':
      return parkLink(work, link, decision.rule, decision.reason);
    case 'failed':
      return decision.error.retry === 'never'
        ? parkLink(work, link, 'unreadable', decision.error.code)
        : again(decision.error);
  }
}

async function carryOutMerge(
  work: Work,
  link: Link,
  { rule, writes, conflicts, skipped, link: becomes }: DecisionOf<'merge'>,
): Carried {
  let merged = becomes;
  let recorded = link;
  if (skipped.length > 0) {
    const decision = `left alone, too long to be compared: ${skipped.join(', ')}`;
    const told = await recordHistory(work, { ...aboutLink(becomes), decision });
    if (!told.ok) return again(told.error);
  }
  for (const write of writes) {
    const lost = conflicts.filter(({ winner }) => winner !== write.side);
    const record = (result: string) => recordWrite(work, becomes, rule, write, lost, result);
    const begun = await record('begun');
    if (!begun.ok) return again(begun.error);
    const { side, id, version, changes } = write;
    const reply = await clientOf(work, side).write(work.call, { kind: link.kind, id, version }, changes);
    countWrite(work, side, 'update', reply.ok ? reply.value.kind : reply.error.code);
    const told = await record(reply.ok ? reply.value.kind : reply.error.code);
    if (!reply.ok)
      return reply.error.retry === 'never' ? parkLink(work, recorded, rule, reply.error.code) : again(reply.error);
    if (reply.value.kind !== 'written') return conflict;
    if (!told.ok) return again(told.error);
    const { image } = merged[side];
    const written = { id: reply.value.id, version: reply.value.version, contentHash: write.contentHash };
    const becomesThere = { ...written, unconfirmed: true, ...(image === undefined ? {} : { image }) };
    merged = { ...merged, [side]: becomesThere };
    if (write === writes.at(-1)) continue;
    // Recorded before the next write: where that is refused, this one must not be taken for a person's change.
    const agreed = Object.fromEntries(write.groups.map((group) => [group, becomes.agreed[group] ?? '']));
    const half = { ...becomesThere, wrote: [...write.groups] };
    recorded = { ...recorded, [side]: half, agreed: { ...recorded.agreed, ...agreed } };
    await work.state.saveLink(recorded);
  }
  if (writes.length === 0 && isNews(link, becomes, rule)) {
    const told = await recordHistory(work, { ...aboutLink(becomes), decision: rule });
    if (!told.ok) return again(told.error);
  }
  for (const { group, rule: by } of conflicts) work.tools.metrics.conflicts.inc({ group, rule: by });
  work.tools.metrics.decisions.inc({ kind: writes.length > 0 ? 'merge' : 'record' });
  await work.state.saveLink(merged);
  return done;
}

/** Worth a history record: not a version that moved without a change, nor once more what was decided about these versions. */
function isNews(link: Link, becomes: Link, rule: string): boolean {
  const text = ({ agreed }: Link) => JSON.stringify(Object.entries(agreed).sort());
  if (text(link) !== text(becomes)) return true;
  const isKnown = (side: Side) => link[side].version === becomes[side].version;
  return rule !== 'equal, recorded' && !(isSettled(link) && isKnown('exchange') && isKnown('superoffice'));
}

async function carryOutDelete(
  work: Work,
  link: Link,
  { rule, side, id, version, before: content }: DecisionOf<'delete'>,
): Carried {
  const overwritten = takenAway({ kind: link.kind, content });
  const record = (result: string) => {
    const write = { side, action: 'delete', groups: [], result };
    return recordHistory(work, { ...aboutLink(link), decision: rule, overwritten, write });
  };
  const begun = await record('begun');
  if (!begun.ok) return again(begun.error);
  const counted = work.state.record.deletes;
  // Written before the delete: it counts for the brake whatever happens next, and a former owner is refused here.
  await work.state.saveRecord({ deletes: countDelete(counted, nowOf(work)) });
  const reply = await clientOf(work, side).remove(work.call, { kind: link.kind, id, version });
  countWrite(work, side, 'delete', reply.ok ? reply.value.kind : reply.error.code);
  if (!reply.ok || reply.value.kind !== 'deleted') await work.state.saveRecord({ deletes: counted });
  const told = await record(reply.ok ? reply.value.kind : reply.error.code);
  if (!reply.ok)
    return reply.error.retry === 'never' ? parkLink(work, link, rule, reply.error.code) : again(reply.error);
  // Not found is no proof on this side either: read and decide again.
  if (reply.value.kind !== 'deleted') return conflict;
  if (!told.ok) return again(told.error);
  work.tools.metrics.decisions.inc({ kind: 'delete' });
  await work.state.removeLink(link.linkId);
  return done;
}

async function forget(work: Work, link: Link, rule: string): Carried {
  const told = await recordHistory(work, { ...aboutLink(link), decision: rule });
  if (!told.ok) return again(told.error);
  work.tools.metrics.decisions.inc({ kind: 'forget' });
  await work.state.removeLink(link.linkId);
  return done;
}

/** What waits stands in the state before the message is done, so that it is looked at again whatever happens. */
async function suspect(work: Work, link: Link, { rule, suspicions, lagging }: DecisionOf<'suspect'>): Carried {
  const known = suspicionsOf(link);
  const isKnown = ({ side, seenByStamp }: Suspicion) =>
    known.some((one) => one.side === side && one.seenByStamp === seenByStamp);
  if (suspicions.length !== known.length || !suspicions.every(isKnown)) {
    const told = await recordHistory(work, { ...aboutLink(link), decision: rule });
    if (!told.ok) return again(told.error);
    work.tools.metrics.decisions.inc({ kind: 'suspect' });
  }
  await work.state.saveLink(withSuspicions(link, suspicions));
  await work.state.saveRecord({
    lookAgainAt: sooner(work.state.record.lookAgainAt, later(work, work.tools.config.proofGapMs)),
  });
  // The item is there: whoever brought us here tries again sooner than that.
  return lagging === undefined ? done : again(laggingRead(lagging));
}

async function hold(work: Work, link: Link, { rule, side }: DecisionOf<'hold'>): Carried {
  if (link.held !== undefined) return done;
  const told = await recordHistory(work, {
    ...aboutLink(link),
    decision: `${rule}: held until an administrator allows it`,
  });
  if (!told.ok) return again(told.error);
  work.tools.metrics.decisions.inc({ kind: 'hold' });
  await work.state.saveLink({ ...withSuspicions(link, []), held: { side, since: nowOf(work) } });
  return done;
}

function recordWrite(work: Work, link: Link, rule: string, write: Write, lost: readonly LostValue[], result: string) {
  const { side, groups, before: content } = write;
  return recordHistory(work, {
    ...aboutLink(link),
    decision: rule,
    ...(lost.length > 0 ? { conflicts: lost } : {}),
    overwritten: takenAway({ kind: link.kind, content }, groups),
    write: { side, action: 'update', groups, result },
  });
}
