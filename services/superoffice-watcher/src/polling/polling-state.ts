// How far polling has come, in the bucket `superoffice-index` under the key `polling`. It is written by compare-and-set after
// the changes before it are in the stream, so that a leader who dies or is replaced leaves nothing out.
import type { Bucket } from '@lockstep/bus';
import { type Data, Instant, recordVersion, storedRecord, UnreadableRecord } from '@lockstep/contracts';
import { Type } from 'typebox';
import { watcherConfig } from '../config.ts';

/** How far polling had come at a time. The dates are absent in records of before they were kept. */
const EarlierMark = Type.Object({
  at: Instant,
  logId: Type.Integer({ minimum: 0 }),
  updated: Type.Optional(Instant),
  registered: Type.Optional(Instant),
});
type EarlierMark = Data<typeof EarlierMark>;

const PollingState = Type.Object({
  v: recordVersion,
  /** Address of the tenant that the marks belong to. */
  tenant: Type.String(),
  /** The NATS server that acknowledged what lies before the marks. */
  serverId: Type.String(),
  savedAt: Instant,
  /** When the first marks were set; users loaded before may miss what changed since. */
  begunAt: Type.Optional(Instant),
  /** The latest UpdatedDate and RegisteredDate seen, never later than when the turn began that saw them. */
  updated: Instant,
  registered: Instant,
  /** Oldest first. The last one holds the mark in the transaction log; the others are for `restored`. */
  deletes: Type.Array(EarlierMark, { minItems: 1 }),
});
export type PollingState = Data<typeof PollingState>;

const pollingRecord = storedRecord({ name: 'polling state', version: 1, schema: PollingState });

const key = 'polling';
const { restoreMs, markEveryMs, marksKept } = watcherConfig.polling;

export interface StoredState {
  /** Undefined for one that is damaged: polling begins anew and loads every user again. */
  readonly state: PollingState | undefined;
  readonly revision: number;
}

/** Throws `BusError`, and `UnreadableRecord` for a state of a newer release. */
export async function loadState(bucket: Bucket): Promise<StoredState | undefined> {
  const entry = await bucket.getBytes(key);
  if (entry === undefined) return undefined;
  const reading = pollingRecord.read(entry.value);
  if (reading.kind === 'newer') throw new UnreadableRecord(pollingRecord.name, key, reading);
  return { state: reading.kind === 'ok' ? reading.value : undefined, revision: entry.revision };
}

/** Polling begins anew, and every user is loaded again: something else that it relies on was lost. */
export async function forgetState(bucket: Bucket): Promise<void> {
  const entry = await bucket.getBytes(key);
  // A conflict means that a turn ended just now, or that somebody else was faster: whoever needs this asks again.
  if (entry !== undefined && (await bucket.delete(key, entry.revision)).kind === 'conflict') await forgetState(bucket);
}

/** False when somebody else wrote meanwhile: then this leader is none any more. */
export async function saveState(bucket: Bucket, state: PollingState, revision: number): Promise<boolean> {
  const written = revision === 0 ? await bucket.create(key, state) : await bucket.update(key, state, revision);
  return written.kind === 'written';
}

/** From where a turn looks; `at` is when polling had come so far. */
export interface StartingPoint {
  readonly at: Instant;
  readonly updated: Instant;
  readonly registered: Instant;
  readonly logId: number;
}

/**
 * From where to look again when NATS is another server than the one that acknowledged: from where polling stood 15 minutes
 * earlier. Not from dates 15 minutes earlier: what was made up for late bears dates of long ago.
 */
export function restored(state: PollingState): StartingPoint {
  const at = earlier(state.savedAt);
  const old = state.deletes.findLast((mark) => mark.at <= at) ?? state.deletes[0];
  return {
    at,
    updated: least(earlier(state.updated), old?.updated),
    registered: least(earlier(state.registered), old?.registered),
    logId: old?.logId ?? 0,
  };
}

/** The marks moved on. Earlier ones are kept for `restored`: one in five minutes, the oldest beyond 15 minutes. */
export function withMark(marks: PollingState['deletes'], newest: EarlierMark): PollingState['deletes'] {
  const [last, before] = [marks.at(-1), marks.at(-2)];
  const replaces =
    last !== undefined && before !== undefined && Date.parse(newest.at) - Date.parse(before.at) < markEveryMs;
  return [...(replaces ? marks.slice(0, -1) : marks), newest].slice(-marksKept);
}

function earlier(instant: Instant): Instant {
  return new Date(Date.parse(instant) - restoreMs).toISOString();
}

function least(a: Instant, b: Instant | undefined): Instant {
  return b !== undefined && b < a ? b : a;
}
