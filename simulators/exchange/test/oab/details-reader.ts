// Reads the "full details" file of an offline address book, version 4 (MS-OXOAB 2.9): all kinds of value, and nothing left over.

export type DetailsValue = string | number | boolean | Buffer | readonly (string | number | Buffer)[];
export type DetailsRecord = ReadonlyMap<number, DetailsValue>;

export interface Details {
  readonly serial: number;
  readonly head: DetailsRecord;
  readonly people: readonly DetailsRecord[];
  /** The properties that are marked as the primary key. */
  readonly primaryKeys: readonly number[];
}

interface Property {
  readonly tag: number;
  readonly flags: number;
}

const version = 0x20;
const primaryKey = 2;
const multiple = 0x1000;

/** @throws RangeError when a size is wrong or bytes are left */
export function readDetails(file: Buffer): Details {
  const cursor = new Cursor(file);
  if (cursor.u32() !== version) throw new RangeError('The version is not 0x20.');
  const serial = cursor.u32();
  const count = cursor.u32();
  const meta = cursor.sized();
  const headTable = readTable(meta);
  const table = readTable(meta);
  meta.expectEnd();
  const head = readRecord(cursor.sized(), headTable);
  const people: DetailsRecord[] = [];
  for (let index = 0; index < count; index += 1) people.push(readRecord(cursor.sized(), table));
  cursor.expectEnd();
  const primaryKeys = table.filter(({ flags }) => (flags & primaryKey) !== 0).map(({ tag }) => tag);
  return { serial, head, people, primaryKeys };
}

function readTable(cursor: Cursor): readonly Property[] {
  const count = cursor.u32();
  return Array.from({ length: count }, () => ({ tag: cursor.u32(), flags: cursor.u32() }));
}

function readRecord(cursor: Cursor, table: readonly Property[]): DetailsRecord {
  const presence = cursor.bytes(Math.ceil(table.length / 8));
  const values = new Map<number, DetailsValue>();
  for (const [index, { tag }] of table.entries()) {
    const present = ((presence[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0;
    if (present) values.set(tag, readValue(cursor, tag & 0xffff));
  }
  cursor.expectEnd();
  return values;
}

function readValue(cursor: Cursor, type: number): DetailsValue {
  if ((type & multiple) === 0) return type === 0x000b ? cursor.byte() !== 0 : readSingle(cursor, type);
  return Array.from({ length: cursor.varint() }, () => readSingle(cursor, type & ~multiple));
}

function readSingle(cursor: Cursor, type: number): string | number | Buffer {
  if (type === 0x0003) return cursor.varint();
  if (type === 0x001e) return cursor.text('latin1');
  if (type === 0x001f) return cursor.text('utf8');
  if (type === 0x0102) return cursor.bytes(cursor.varint());
  throw new RangeError(`The type ${type.toString(16)} is not one of an address book.`);
}

class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  bytes(count: number): Buffer {
    if (this.#at + count > this.#bytes.length) throw new RangeError('A value goes past the end.');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  byte(): number {
    return this.bytes(1).readUInt8();
  }

  u32(): number {
    return this.bytes(4).readUInt32LE();
  }

  varint(): number {
    const first = this.byte();
    if (first < 0x80) return first;
    if (first > 0x84) throw new RangeError('A number has more than four bytes.');
    return this.bytes(first - 0x80).readUIntLE(0, first - 0x80);
  }

  /** What follows a size that counts itself. */
  sized(): Cursor {
    return new Cursor(this.bytes(this.u32() - 4));
  }

  text(encoding: 'latin1' | 'utf8'): string {
    const end = this.#bytes.indexOf(0, this.#at);
    const text = this.bytes(end - this.#at).toString(encoding);
    this.byte();
    if (text === '') throw new RangeError('An empty text is never stored.');
    return text;
  }

  expectEnd(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError('Bytes are left over.');
  }
}
