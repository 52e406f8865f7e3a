// Creates the counterpart of an item. A create cannot be repeated safely, so an intent is stored first; only the link that
// it made, or the certainty that it made nothing, closes the intent.

import { codedError, type Instant, type Item, type LinkId, type Outcome, type Side } from '@lockstep/contracts';
import { contentHash, counterpart, groupHashes, kindOf, startOf } from '@lockstep/items';
import { withWrites } from '../decide/loop-breaker.ts';
import { type Link, otherSide, type SideState } from '../state/link.ts';
import { type Intent, kindOfStored } from '../state/mailbox-record.ts';
import { mayHaveHappened } from './outcome.ts';
import { parkItem, parkLink, unparkItem } from './park.ts';
import {
  again,
  type Conflict,
  clientOf,
  confirmPlaces,
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

export interface Creation {
  readonly linkId: LinkId;
  readonly target: Side;
  /** The item on the other side, as just read. */
  readonly source: Item;
  readonly rule: string;
  /** Set when a vanished item of an existing link is made anew: the id that it had. */
  readonly replaces?: string;
}

export async function createCounterpart(work: Work, creation: Creation): Promise<StepResult | Conflict> {
  const { linkId, target, source, rule } = creation;
  if (work.state.record.intents.length >= work.tools.config.openIntents) return again(codedError('service-busy'));
  const from = otherSide(target);
  const record = (result: string) => recordCreate(work, creation, result);
  const begun = await record('begun');
  if (!begun.ok) return again(begun.error);
  const intent = intentFor(work, creation);
  await openIntent(work, intent);

  const stamped = await stampSource(work, from, source, linkId);
  if (!stamped.ok || stamped.value.kind !== 'written') {
    await closeIntent(work, linkId);
    if (!stamped.ok) return refused(work, creation, stamped.error, again(stamped.error));
    return conflict;
  }
  const { kind } = source;
  const said = { kind, content: counterpart(source, target, work.policies[kind].zone) };
  const stamp = { linkId, mailbox: work.call.mailbox };
  const made = await clientOf(work, target).create(work.call, said, stamp);
  countWrite(work, target, 'create', made.ok ? 'created' : made.error.code);
  if (!made.ok) {
    await record(made.error.code);
    // The intent stays open: it is settled when the call can no longer be under way, by what is found then.
    if (mayHaveHappened(made.error)) return done;
    await closeIntent(work, linkId);
    return refused(work, creation, made.error, again(made.error));
  }
  const told = await record('created');
  const sourceState = { id: source.id, version: stamped.value.version, contentHash: contentHash(source) };
  await work.state.saveLink(
    linkFor(work, intent, sourceState, { ...made.value, contentHash: contentHash(said), unconfirmed: true }),
  );
  await closeIntent(work, linkId);
  await confirmPlaces(work, ['exchange', 'superoffice']);
  await unparkItem(work, { kind, side: from, id: source.id });
  work.tools.metrics.decisions.inc({ kind: `create: ${rule}` });
  return told.ok ? done : again(told.error);
}

function intentFor(work: Work, { linkId, target, source, replaces }: Creation): Intent {
  const { writeLimitMs, settleMarginMs } = work.tools.config;
  const start = startOf(source, work.policies[source.kind].zone);
  return {
    linkId,
    target,
    source: { kind: source.kind, side: otherSide(target), id: source.id },
    ...(replaces === undefined ? {} : { replaces }),
    agreed: groupHashes(source),
    ...(start === undefined ? {} : { start }),
    at: nowOf(work),
    owner: work.tools.instance,
    // Two calls of that limit: the stamp on the source, then the create.
    settleAfter: later(work, 2 * writeLimitMs + settleMarginMs),
  };
}

async function openIntent(work: Work, intent: Intent): Promise<void> {
  const { intents, lookAgainAt } = work.state.record;
  const others = intents.filter(({ linkId }) => linkId !== intent.linkId);
  await work.state.saveRecord({ intents: [...others, intent], lookAgainAt: sooner(lookAgainAt, intent.settleAfter) });
}

export async function closeIntent(work: Work, linkId: LinkId): Promise<void> {
  const { intents } = work.state.record;
  await work.state.saveRecord({ intents: intents.filter((intent) => intent.linkId !== linkId) });
}

/** The source bears the stamp too: even with all our state lost, the stamps of both rebuild the link. */
async function stampSource(
  work: Work,
  side: Side,
  source: Item,
  linkId: LinkId,
): Promise<
  Outcome<{ readonly kind: 'written'; readonly version: string } | { readonly kind: 'conflict' | 'missing' }>
> {
  const { mailbox } = work.call;
  if (source.stamp?.linkId === linkId && source.stamp.mailbox === mailbox) {
    return { ok: true, value: { kind: 'written', version: source.version } };
  }
  const reply = await clientOf(work, side).stamp(work.call, source, { linkId, mailbox });
  countWrite(work, side, 'stamp', reply.ok ? reply.value.kind : reply.error.code);
  return reply;
}

/** The link that a create made, on top of the one that it renews, if any. */
export function linkFor(work: Work, intent: Intent, source: SideState, made: SideState): Link {
  const { linkId, target, agreed, start } = intent;
  const kind = kindOfStored(intent.source);
  const before = work.state.link(linkId);
  const now: Instant = nowOf(work);
  const [exchange, superoffice] = target === 'exchange' ? [made, source] : [source, made];
  const writes = withWrites(before?.writes ?? [], [target], now);
  const common = { linkId, kind, createdAt: before?.createdAt ?? now, exchange, superoffice, agreed, writes };
  return start === undefined ? common : { ...common, start };
}

/** What a side refuses for good is parked; everything else is tried again. */
async function refused(
  work: Work,
  { linkId, target, source, rule }: Creation,
  error: { retry: string; code: string },
  otherwise: StepResult,
) {
  if (error.retry !== 'never') return otherwise;
  const link = work.state.link(linkId);
  if (link !== undefined) return parkLink(work, link, rule, error.code);
  return parkItem(work, otherSide(target), source, error.code);
}

function recordCreate(work: Work, { linkId, target, source, rule }: Creation, result: string) {
  const cut = kindOf(source.kind).cutGroups(source.content);
  return recordHistory(work, {
    linkId,
    kind: source.kind,
    [otherSide(target)]: { id: source.id, version: source.version },
    decision: cut.length === 0 ? rule : `${rule}; too long, only its beginning: ${cut.join(', ')}`,
    write: { side: target, action: 'create', groups: [], result },
  });
}
