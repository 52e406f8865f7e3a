// One chunk of the index that says which mailbox a SuperOffice row belongs to. A delete event names nothing but the id,
// and afterwards nobody can be asked whose row it was. Ids come from one sequence, so a chunk is a range of 256 of them.
import {
  type ItemKind,
  itemKinds,
  MailboxKey,
  recordVersion,
  type StoredRecord,
  storedRecord,
} from '@lockstep/contracts';
import { type Static, Type } from 'typebox';
import { watcherConfig } from '../config.ts';

/**
 * `placed`: known, nothing published yet. `seen`: published, but so soon after its time stamp that another change in the
 * same second may follow. `settled`: published and final for its time stamp. `gone`: its vanishing was published; kept a
 * day, so that it can be published again when NATS lost the message.
 */
export type RowState = 'placed' | 'seen' | 'settled' | 'gone';
const states: readonly RowState[] = ['placed', 'seen', 'settled', 'gone'];

export interface IndexRow {
  readonly mailbox: MailboxKey;
  /** A delete event does not tell what it was. */
  readonly kind: ItemKind;
  readonly state: RowState;
  /** Seconds since 1970: the row's time stamp, or for `gone` when we learned of it. */
  readonly touchedSec: number;
  /** Digest of the version that was published last. */
  readonly digest: string;
}

/**
 * Stored as `[position in mailboxes, touchedSec, digest, code]` to keep 10 million rows small. The code is the position in states
 * plus four times that of the kind, so that rows of the first release, which knew one kind, read as they were meant; kinds are
 * only ever added at the end. A row of a kind of a later release is none to this one, and is kept as it is.
 */
const StoredChunk = Type.Object({
  v: recordVersion,
  mailboxes: Type.Array(MailboxKey),
  rows: Type.Record(Type.String(), Type.Tuple([Type.Integer(), Type.Integer(), Type.String(), Type.Integer()])),
});
export type StoredChunk = Static<typeof StoredChunk>;

/** In the bucket `superoffice-index`. The cast: `Data` makes a tuple a list. */
export const chunkRecord = storedRecord({
  name: 'chunk of the index of rows',
  version: 1,
  schema: StoredChunk,
}) as unknown as StoredRecord<StoredChunk>;

export type Chunk = ReadonlyMap<number, IndexRow>;

/** A row of a kind that this release does not know. */
interface LaterRow extends Pick<IndexRow, 'mailbox' | 'touchedSec' | 'digest'> {
  readonly code: number;
}
export type LaterRows = ReadonlyMap<number, LaterRow>;

const idsPerChunk = 256;

/** The key of the chunk that holds this id in the bucket `superoffice-index`. */
export function chunkKey(id: number): string {
  return `rows.${Math.floor(id / idsPerChunk)}`;
}

const stateOf = (code: number): RowState | undefined => states[code % states.length];
const kindOfCode = (code: number): ItemKind | undefined => itemKinds[Math.floor(code / states.length)];

export function readChunk(stored: Pick<StoredChunk, 'mailboxes' | 'rows'>): Chunk {
  const rows = new Map<number, IndexRow>();
  for (const [id, [position, touchedSec, digest, code]] of Object.entries(stored.rows)) {
    const mailbox = stored.mailboxes[position];
    const [state, kind] = [stateOf(code), kindOfCode(code)];
    if (mailbox !== undefined && state !== undefined && kind !== undefined)
      rows.set(Number(id), { mailbox, kind, state, touchedSec, digest });
  }
  return rows;
}

/** What a later release wrote of its own kinds. */
export function laterRows(stored: Pick<StoredChunk, 'mailboxes' | 'rows'>): LaterRows {
  const rows = new Map<number, LaterRow>();
  for (const [id, [position, touchedSec, digest, code]] of Object.entries(stored.rows)) {
    const mailbox = stored.mailboxes[position];
    if (mailbox !== undefined && kindOfCode(code) === undefined)
      rows.set(Number(id), { mailbox, touchedSec, digest, code });
  }
  return rows;
}

/** Leaves out rows that have been gone for a day and mailboxes that no row names any more. */
export function writeChunk(chunk: Chunk, nowSec: number, later: LaterRows = new Map()): StoredChunk {
  const mailboxes: MailboxKey[] = [];
  const positions = new Map<MailboxKey, number>();
  const rows: StoredChunk['rows'] = {};
  const put = (id: number, { mailbox, touchedSec, digest, code }: LaterRow) => {
    if (stateOf(code) === 'gone' && nowSec - touchedSec > watcherConfig.index.goneKeptSec) return;
    const position = positions.get(mailbox) ?? mailboxes.push(mailbox) - 1;
    positions.set(mailbox, position);
    rows[String(id)] = [position, touchedSec, digest, code];
  };
  for (const [id, row] of later) if (!chunk.has(id)) put(id, row);
  for (const [id, row] of chunk)
    put(id, { ...row, code: states.indexOf(row.state) + states.length * itemKinds.indexOf(row.kind) });
  return { v: 1, mailboxes, rows };
}
