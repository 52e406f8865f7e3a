// What one step of a mailbox works with: its state, both sides, what the settings allow, and on whose behalf it works.
import {
  type CodedError,
  firstKind,
  type Instant,
  type ItemKind,
  type ItemRef,
  type ItemRow,
  type LinkId,
  type Outcome,
  type Side,
  success,
  type sync,
} from '@lockstep/contracts';
import type { Clock, Ids } from '@lockstep/service-kit';
import type { EngineConfig } from '../config.ts';
import { nextNightly } from '../decide/nightly.ts';
import { confirmed, type Places } from '../decide/places.ts';
import type { Policies } from '../decide/policy.ts';
import { idOfRead, type Seen, seenOf } from '../decide/seen.ts';
import type { Metrics } from '../metrics.ts';
import type { Call, SideClient, Sides } from '../sides/side.ts';
import type { MailboxState } from '../state/mailbox-state.ts';
import type { History, HistoryDraft } from './history.ts';
import type { WakeUp } from './wake-up.ts';

/** What never changes while the service runs. */
export interface Tools {
  readonly sides: Sides;
  readonly history: History;
  readonly wakeUp: WakeUp;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly config: EngineConfig;
  readonly metrics: Metrics;
  readonly instance: string;
}

export interface Work {
  readonly tools: Tools;
  readonly state: MailboxState;
  readonly call: Call;
  readonly policies: Policies;
  /** Where the settings say that this mailbox's items are. */
  readonly places: Required<Places>;
  readonly cause: sync.HistoryRecord['cause'];
  /** The id of an Exchange item whose delete Exchange itself named in its list of changes. */
  readonly namedDelete?: string;
  /** An administrator let the held deletes of this mailbox go. */
  readonly released: boolean;
}

export type StepResult =
  | { readonly kind: 'done' }
  /** A side failed; try again as the error says. */
  | { readonly kind: 'again'; readonly error: CodedError }
  /** Nothing can be known before this instant. */
  | { readonly kind: 'wait'; readonly until: Instant };

/** Somebody changed the item since we read it: read and decide again. */
export const conflict = { kind: 'conflict' } as const;
export type Conflict = typeof conflict;

export const done: StepResult = { kind: 'done' };
export const again = (error: CodedError): StepResult => ({ kind: 'again', error });

export function nowOf({ tools }: Work): Instant {
  return new Date(tools.clock.now()).toISOString();
}

export function later(work: Work, byMs: number): Instant {
  return new Date(work.tools.clock.now() + byMs).toISOString();
}

/** `either` when the other is absent, else the earlier one. */
export function sooner(either: Instant | undefined, or: Instant): Instant {
  return either === undefined || or < either ? or : either;
}

/** When the mailbox is to be compared for the night, if it was compared in full at this instant. */
export function nightAfter({ call, policies }: Work, comparedAt: Instant): Instant {
  return nextNightly(comparedAt, call.mailbox, policies[firstKind].zone);
}

export function countWrite(work: Work, side: Side, action: string, result: string): void {
  work.tools.metrics.writes.inc({ side, action, result });
}

export function clientOf(work: Work, side: Side): SideClient {
  return work.tools.sides[side];
}

/** Reads one item of a side. */
export async function readOne(work: Work, { kind, side, id }: ItemRef): Promise<Seen> {
  const reply = await clientOf(work, side).read(work.call, kind, [id]);
  if (!reply.ok) {
    // What fails the whole request is not the item's: it is tried again, even after a code that nobody repeats.
    const { error } = reply;
    return { kind: 'failed', error: error.retry === 'never' ? { ...error, retry: 'later' } : error };
  }
  return seenOf(
    reply.value.find((result) => idOfRead(result) === id),
    side,
  );
}

/** Reads items of a side at once, at most `config.readAtOnce`. */
export async function readMany(
  work: Work,
  side: Side,
  kind: ItemKind,
  ids: readonly string[],
): Promise<Outcome<ReadonlyMap<string, Seen>>> {
  if (ids.length === 0) return success(new Map());
  const reply = await clientOf(work, side).read(work.call, kind, ids);
  if (!reply.ok) return reply;
  const results = new Map(reply.value.map((result) => [idOfRead(result), result]));
  return success(new Map(ids.map((id) => [id, seenOf(results.get(id), side)])));
}

/** Records that linked items of ours were seen on these sides: from now on a delete can be believed there. */
export async function confirmPlaces({ state, places }: Work, seenOn: readonly Side[]): Promise<void> {
  const known = confirmed(state.record.places, places, seenOn);
  if (known !== undefined) await state.saveRecord({ places: known });
}

/** Publishes a history record of this step. */
export function recordHistory(work: Work, draft: HistoryDraft) {
  const { mailbox, correlationId } = work.call;
  return work.tools.history.record({ mailbox, correlationId, cause: work.cause, at: nowOf(work) }, draft);
}

/** The items of a kind that bear this link's id on a side, whatever mailbox key beside it, and belong to no other link. */
export async function findByLinkId(
  work: Work,
  kind: ItemKind,
  side: Side,
  linkId: LinkId,
): Promise<Outcome<readonly ItemRow[]>> {
  const { mailbox } = work.call;
  const reply = await clientOf(work, side).findByStamp(work.call, kind, { linkId, mailbox }, true);
  if (!reply.ok) return reply;
  const isFree = ({ id }: ItemRow) => (work.state.linkOf(side, kind, id)?.linkId ?? linkId) === linkId;
  return { ok: true, value: reply.value.filter(isFree) };
}

/** The ids of the items of a kind that bear this link's stamp on a side and belong to no other link. */
export async function findByStamp(
  work: Work,
  kind: ItemKind,
  side: Side,
  linkId: LinkId,
): Promise<Outcome<readonly string[]>> {
  const { mailbox } = work.call;
  const reply = await clientOf(work, side).findByStamp(work.call, kind, { linkId, mailbox });
  if (!reply.ok) return reply;
  const isFree = ({ id }: ItemRow) => (work.state.linkOf(side, kind, id)?.linkId ?? linkId) === linkId;
  return { ok: true, value: reply.value.filter(isFree).map(({ id }) => id) };
}
