// One chunk of the index that says which mailbox a SuperOffice row belongs to. A delete event names nothing but the id,
// and afterwards nobody can be asked whose row it was. Ids come from one sequence, so a chunk is a range of 256 of them.
import { type ItemKind, itemKinds, MailboxKey, recordVersion } from '@lockstep/contracts';
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
 * only ever added at the end. A code of a later release is no row to this one.
 */
export const StoredChunk = Type.Object({
  v: recordVersion,
  mailboxes: Type.Array(MailboxKey),
  rows: Type.Record(Type.String(), Type.Tuple([Type.Integer(), Type.Integer(), Type.String(), Type.Integer()])),
});
export type StoredChunk = Static<typeof StoredChunk>;

export type Chunk = ReadonlyMap<number, IndexRow>;

const idsPerChunk = 256;

/** The key of the chunk that holds this id in the bucket `superoffice-index`. */
export function chunkKey(id: number): string {
  return `rows.${Math.floor(id / idsPerChunk)}`;
}

export function readChunk(stored: Pick<StoredChunk, 'mailboxes' | 'rows'>): Chunk {
  const rows = new Map<number, IndexRow>();
  for (const [id, [position, touchedSec, digest, stateCode]] of Object.entries(stored.rows)) {
    const mailbox = stored.mailboxes[position];
    const state = states[stateCode % states.length];
    const kind = itemKinds[Math.floor(stateCode / states.length)];
    if (mailbox !== undefined && state !== undefined && kind !== undefined)
      rows.set(Number(id), { mailbox, kind, state, touchedSec, digest });
  }
  return rows;
}

/** Leaves out rows that have been gone for a day and mailboxes that no row names any more. */
export function writeChunk(chunk: Chunk, nowSec: number): StoredChunk {
  const mailboxes: MailboxKey[] = [];
  const positions = new Map<MailboxKey, number>();
  const rows: StoredChunk['rows'] = {};
  for (const [id, row] of chunk) {
    if (row.state === 'gone' && nowSec - row.touchedSec > watcherConfig.index.goneKeptSec) continue;
    const position = positions.get(row.mailbox) ?? mailboxes.push(row.mailbox) - 1;
    positions.set(row.mailbox, position);
    const code = states.indexOf(row.state) + states.length * itemKinds.indexOf(row.kind);
    rows[String(id)] = [position, row.touchedSec, row.digest, code];
  }
  return { v: 1, mailboxes, rows };
}
