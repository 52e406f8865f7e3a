import { itemKinds, type MailboxKey } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';
import { type Chunk, chunkKey, type IndexRow, laterRows, readChunk, writeChunk } from './index-chunk.ts';

const alice = 'aaaaaaaaaaaaaaaa' as MailboxKey;
const bob = 'bbbbbbbbbbbbbbbb' as MailboxKey;
const nowSec = 1_800_000_000;
const row = (change: Partial<IndexRow> = {}): IndexRow => ({
  mailbox: alice,
  kind: 'appointment',
  state: 'settled',
  touchedSec: nowSec - 100_000,
  digest: 'abcdefghijk',
  ...change,
});

describe('an index chunk', () => {
  it('reads back as it was written', () => {
    const chunk: Chunk = new Map([
      [1, row()],
      [2, row({ mailbox: bob, state: 'placed', digest: '' })],
      [3, row({ kind: 'task', state: 'seen' })],
      [255, row({ state: 'gone', touchedSec: nowSec - 10 })],
    ]);
    expect(readChunk(JSON.parse(JSON.stringify(writeChunk(chunk, nowSec))))).toEqual(chunk);
  });

  it('of the first release reads as it was meant, and a code of a later one is no row', () => {
    const rows = { 1: [0, 7, 'd', 2], 2: [0, 7, 'd', 3], 3: [0, 7, 'd', 4_000] } as never;
    expect(readChunk({ mailboxes: [alice], rows })).toEqual(
      new Map([
        [1, row({ state: 'settled', touchedSec: 7, digest: 'd' })],
        [2, row({ state: 'gone', touchedSec: 7, digest: 'd' })],
      ]),
    );
  });

  it('keeps rows of the kinds of a later release as they are', () => {
    const stored = {
      v: 1,
      mailboxes: [bob, alice],
      rows: { 1: [1, 7, 'd', 2], 9: [1, nowSec, 'later', 4_001] },
    } as never;
    const written = writeChunk(readChunk(stored), nowSec, laterRows(stored));
    expect(laterRows(written)).toEqual(
      new Map([[9, { mailbox: alice, touchedSec: nowSec, digest: 'later', code: 4_001 }]]),
    );
    expect([...readChunk(written).keys()]).toEqual([1]);
  });

  it('numbers the kinds for good: what is stored as a kind stays one', () => {
    const codes = itemKinds.map(
      (kind) => writeChunk(new Map([[1, row({ kind, state: 'placed' })]]), nowSec).rows['1']?.[3],
    );
    expect(Object.fromEntries(itemKinds.map((kind, at) => [kind, codes[at]]))).toMatchObject({
      appointment: 0,
      task: 4,
    });
  });

  it('forgets what has been gone for a day, and mailboxes without rows', () => {
    const chunk: Chunk = new Map([
      [1, row({ state: 'gone' })],
      [2, row({ mailbox: bob })],
    ]);
    expect(writeChunk(chunk, nowSec).mailboxes).toEqual([bob]);
    expect(Object.keys(writeChunk(chunk, nowSec).rows)).toEqual(['2']);
  });

  it('stays far below the size of a value when it is full', () => {
    const mailbox = (id: number) =>
      id
        .toString(32)
        .padStart(16, 'a')
        .replace(/[0189]/g, 'b') as MailboxKey;
    const chunk = new Map(Array.from({ length: 256 }, (_, id) => [4_294_967_000 + id, row({ mailbox: mailbox(id) })]));
    expect(JSON.stringify(writeChunk(chunk, nowSec)).length).toBeLessThan(20_000);
  });

  it('holds neighbouring ids together', () => {
    expect(chunkKey(255)).toBe(chunkKey(0));
    expect(chunkKey(256)).not.toBe(chunkKey(255));
  });
});
