import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { recordVersion } from './shape.ts';
import { storedRecord, UnreadableRecord } from './stored-record.ts';

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

const record = storedRecord({
  name: 'shelf',
  version: 3,
  schema: Type.Object({ v: recordVersion, books: Type.Array(Type.String()), colour: Type.String() }),
  upgrade: {
    1: ({ book, ...rest }) => ({ ...rest, v: 2, books: [book] }),
    2: (older) => ({ ...older, v: 3 }),
  },
  complete: (stored) => ({ colour: 'white', ...stored }),
});

describe('a stored record', () => {
  it('is read as this release writes it, with what it does not know', () => {
    const value = { v: 3, books: ['a'], colour: 'red', later: 1 };
    expect(record.read(bytes(value))).toEqual({ kind: 'ok', value });
  });

  it('of the two versions before is read as one of this version', () => {
    expect(record.read(bytes({ v: 1, book: 'a' }))).toEqual({
      kind: 'ok',
      value: { v: 3, books: ['a'], colour: 'white' },
    });
    expect(record.read(bytes({ v: 2, books: [], later: 1 }))).toMatchObject({ kind: 'ok', value: { v: 3, later: 1 } });
  });

  it('that lacks a field with a default has the default', () => {
    expect(record.read(bytes({ v: 3, books: [] }))).toMatchObject({ kind: 'ok', value: { colour: 'white' } });
  });

  it('of a newer release is named as newer even when nothing in it fits our schema', () => {
    expect(record.read(bytes({ v: 4, shelves: 7 }))).toEqual({ kind: 'newer', found: 4, reads: 3 });
  });

  it.each([
    ['text that is no JSON', new TextEncoder().encode('{"v":3'), ''],
    ['bytes that are no text', new Uint8Array([0xff, 0xfe]), ''],
    ['nothing', new Uint8Array(), ''],
    ['another value than an object', bytes(7), '/v'],
    ['no version', bytes({ books: [] }), '/v'],
    ['a version that is no number', bytes({ v: '3', books: [] }), '/v'],
    ['a version that nobody reads any more', bytes({ v: 0, books: [] }), '/v'],
    ['a missing field', bytes({ v: 3, colour: 'red' }), '/books'],
    ['a wrong field', bytes({ v: 3, books: [1] }), '/books/0'],
    ['an old record that its reader trips over', bytes({ v: 1 }), '/books/0'],
  ])('is damaged with %s, and the field is named', (_what, stored, field) => {
    expect(record.read(stored)).toMatchObject({ kind: 'damaged', field });
  });

  it('that cannot be used names key, version and what this release reads, and never a stored value', () => {
    const thrown = (stored: unknown) => {
      try {
        return record.valueOf('shelf.1', bytes(stored));
      } catch (error) {
        return error;
      }
    };
    const newer = thrown({ v: 9 });
    expect(newer).toBeInstanceOf(UnreadableRecord);
    expect(newer).toMatchObject({
      isNewer: true,
      message: 'The shelf shelf.1 is of version 9; this release reads up to 3.',
      error: { code: 'stored-record-newer', detail: 'shelf.1' },
    });
    const damaged = thrown({ v: 3, books: ['a', 4711] });
    expect(damaged).toMatchObject({ isNewer: false, error: { code: 'stored-record-damaged', field: '/books/1' } });
    expect(JSON.stringify(damaged)).not.toContain('4711');
  });
});
