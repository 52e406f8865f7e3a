// What a mailbox owes itself: creates whose outcome is unknown, the second look at them, suspected deletes, and a compare each
// night. All of it is in the stored state with its time, so that whoever owns the mailbox next does it as well.
import { type Instant, type Item, type ItemRef, isItemKind } from '@lockstep/contracts';
import { removeTwin } from '../carry-out/remove-twin.ts';
import {
  again,
  clientOf,
  done,
  findByStamp,
  later,
  nightAfter,
  nowOf,
  readOne,
  type StepResult,
  sooner,
  type Work,
} from '../carry-out/work.ts';
import { isOurs, madeBy, sinceOf } from '../decide/newcomer.ts';
import { suspicionsOf } from '../state/link.ts';
import { type Intent, kindOfStored, refOfStored, type SecondLook } from '../state/mailbox-record.ts';
import { adopt } from './newcomer.ts';
import { syncPair } from './pair.ts';

/** Does what is due and stores when to look next. A side that fails delays that, and nothing else. */
export async function lookAgain(work: Work): Promise<void> {
  let failed = false;
  const note = (result: StepResult) => {
    if (result.kind === 'again') failed = true;
  };
  for (const intent of work.state.record.intents.filter(isKnown)) note(await settle(work, intent));
  for (const look of work.state.record.secondLooks.filter(({ due, create }) => due <= nowOf(work) && isKnown(create))) {
    note(await lookTwice(work, look));
  }
  const suspects = [...work.state.links()].filter((link) => suspicionsOf(link).some(({ since }) => isDue(work, since)));
  for (const link of suspects.slice(0, work.tools.config.suspectsAtOnce)) note(await syncPair(work, link.linkId));
  note(await compareByNight(work));
  const next = nextLook(work);
  const earliest = later(work, failed ? work.tools.config.failedLookDelayMs : 0);
  const lookAgainAt = next !== undefined && next < earliest ? earliest : next;
  if (lookAgainAt !== work.state.record.lookAgainAt) await work.state.saveRecord({ lookAgainAt });
}

/** Tells the mailbox to be compared once its night has come. In a record of the first release the nights begin now. */
async function compareByNight(work: Work): Promise<StepResult> {
  const { firstLoadDone, comparedAt } = work.state.record;
  if (!firstLoadDone) return done;
  const now = nowOf(work);
  if (comparedAt !== undefined) {
    if (nightAfter(work, comparedAt) > now) return done;
    const { mailbox, correlationId } = work.call;
    const woken = await work.tools.wakeUp.all(mailbox, 'verification', now, correlationId);
    if (!woken.ok) return again(woken.error);
  }
  await work.state.saveRecord({ comparedAt: now });
  return done;
}

/** What a newer release began with a kind of its own waits for that release. */
const isKnown = ({ source }: Intent): boolean => isItemKind(kindOfStored(source));

function isDue(work: Work, since: Instant): boolean {
  const { clock, config } = work.tools;
  return clock.now() - Date.parse(since) >= config.proofGapMs;
}

function nextLook(work: Work): Instant | undefined {
  const { state, tools } = work;
  const { comparedAt } = state.record;
  let next = comparedAt === undefined ? undefined : nightAfter(work, comparedAt);
  for (const { settleAfter } of state.record.intents.filter(isKnown)) next = sooner(next, settleAfter);
  for (const { due, create } of state.record.secondLooks) if (isKnown(create)) next = sooner(next, due);
  for (const link of state.links()) {
    for (const { since } of suspicionsOf(link)) {
      next = sooner(next, new Date(Date.parse(since) + tools.config.proofGapMs).toISOString());
    }
  }
  return next;
}

/**
 * Settles a create whose answer we never got. What is found is adopted at once; finding nothing means something only
 * after the call can no longer be under way, and then the source is decided on anew. Either way a wake-up for the source
 * is in the stream before the intent is closed.
 */
async function settle(work: Work, intent: Intent): Promise<StepResult> {
  const { linkId, target, source, replaces, at } = intent;
  const link = work.state.link(linkId);
  const isLinked = link !== undefined && (replaces === undefined || link[target].id !== replaces);
  if (!isLinked) {
    const made = await findMade(work, intent);
    if (!made.ok) return again(made.error);
    if (made.value === undefined && intent.settleAfter > nowOf(work)) return done;
    const adopted = made.value === undefined ? done : await adopt(work, intent, made.value);
    if (adopted.kind !== 'done') return adopted;
  }
  const woken = await wake(work, refOfStored(source), at);
  if (woken.kind !== 'done') return woken;
  const { intents, secondLooks } = work.state.record;
  const look = { create: intent, due: later(work, work.tools.config.secondLookMs) };
  await work.state.saveRecord({
    intents: intents.filter((other) => other.linkId !== linkId),
    secondLooks: [...secondLooks.filter(({ create }) => create.linkId !== linkId), look].slice(
      -work.tools.config.secondLooks,
    ),
  });
  return done;
}

/** The id of what a create made, by its stamp, else by being registered by us and unstamped, whatever was edited since. */
async function findMade(work: Work, intent: Intent) {
  const { target, linkId, replaces } = intent;
  const byStamp = await findByStamp(work, kindOfStored(intent.source), target, linkId);
  if (!byStamp.ok) return byStamp;
  const stamped = byStamp.value.find((id) => id !== replaces);
  if (stamped !== undefined) return { ok: true as const, value: stamped };
  const unstamped = await findUnstamped(work, intent);
  if (!unstamped.ok) return unstamped;
  const others = work.state.record.intents.filter((other) => other.linkId !== linkId && other.target === target);
  const item = madeBy(intent, unstamped.value, others);
  if (item === undefined) return { ok: true as const, value: undefined };
  const stamped2 = await clientOf(work, target).stamp(work.call, item, { linkId, mailbox: work.call.mailbox });
  return stamped2.ok ? { ok: true as const, value: item.id } : stamped2;
}

async function findUnstamped(work: Work, intent: Intent) {
  const { target } = intent;
  const reply = await clientOf(work, target).findUnstamped(work.call, kindOfStored(intent.source), sinceOf(intent));
  if (!reply.ok) return reply;
  const isFree = ({ kind, id }: Item) => work.state.linkOf(target, kind, id) === undefined;
  return { ok: true as const, value: reply.value.filter(isFree) };
}

/** Five minutes after an unknown outcome: of two items of one create the one that is not linked goes. */
async function lookTwice(work: Work, { create }: SecondLook): Promise<StepResult> {
  const { linkId, target } = create;
  const byStamp = await findByStamp(work, kindOfStored(create.source), target, linkId);
  if (!byStamp.ok) return again(byStamp.error);
  const unstamped = hasEqual(work, create) ? { ok: true as const, value: [] } : await findUnstamped(work, create);
  if (!unstamped.ok) return again(unstamped.error);
  const linked = work.state.link(linkId)?.[target].id;
  const unchanged = unstamped.value.filter((item) => isOurs(item, create));
  const found = new Set([...byStamp.value, ...unchanged.map(({ id }) => id)]);
  for (const id of found) {
    if (id === linked) continue;
    const result = linked === undefined ? await adoptLate(work, create, id) : await removeIfOurs(work, create, id);
    if (result.kind === 'again') return result;
    if (linked === undefined) break;
  }
  const { secondLooks } = work.state.record;
  await work.state.saveRecord({ secondLooks: secondLooks.filter((other) => other.create.linkId !== linkId) });
  return done;
}

/** Another open create of the same content: an unstamped row could be that one's. */
function hasEqual({ state }: Work, { linkId, target, agreed }: Intent): boolean {
  const { intents, secondLooks } = state.record;
  const others = [...intents, ...secondLooks.map(({ create }) => create)].filter((other) => other.linkId !== linkId);
  return others.some((other) => other.target === target && JSON.stringify(other.agreed) === JSON.stringify(agreed));
}

/** The create had its effect after all, and nothing was made in its place: the pair is compared as any other. */
async function adoptLate(work: Work, create: Intent, id: string): Promise<StepResult> {
  const adopted = await adopt(work, create, id);
  return adopted.kind === 'done' ? wake(work, refOfStored(create.source), create.at) : adopted;
}

async function removeIfOurs(work: Work, create: Intent, id: string): Promise<StepResult> {
  const made = { kind: kindOfStored(create.source), side: create.target, id };
  const seen = await readOne(work, made);
  // What can never be read is parked when its own message comes.
  if (seen.kind === 'failed') return seen.error.retry === 'never' ? wake(work, made, create.at) : again(seen.error);
  if (seen.kind !== 'found') return done;
  // A copy that a person made, or a twin that a person changed, is an appointment of its own.
  if (!isOurs(seen.item, create)) return wake(work, made, create.at);
  const removed = await removeTwin(work, create.target, seen.item, create.linkId);
  return removed.kind === 'conflict' ? done : removed;
}

async function wake(work: Work, item: ItemRef, firstSeenAt: Instant): Promise<StepResult> {
  const { mailbox, correlationId } = work.call;
  const woken = await work.tools.wakeUp.item({ mailbox, item, changeClass: 'now', firstSeenAt, correlationId });
  return woken.ok ? done : again(woken.error);
}
