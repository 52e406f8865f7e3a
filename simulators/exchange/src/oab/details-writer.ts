// The "full details" file of an offline address book, version 4 (MS-OXOAB 2.9): a table of properties, then one record a person
// with a bit for each property that he has.
import { crc32 } from 'node:zlib';

export interface AddressBookEntry {
  readonly legacyDn: string;
  readonly address: string;
  readonly displayName: string;
  readonly alias: string;
}

interface Column<T> {
  readonly tag: number;
  readonly flags: number;
  readonly write: (entry: T) => Buffer | undefined;
}

export interface BookHead {
  readonly name: string;
  readonly dn: string;
  readonly sequence: number;
  readonly guid: string;
}

const ambiguousName = 1;
const primaryKey = 2;

/** Zero-terminated UTF-8; empty texts are never stored. */
const textValue = (text: string): Buffer | undefined => (text === '' ? undefined : Buffer.from(`${text}\0`, 'utf8'));

/** Below 128 one byte, else the number of bytes that follow, then those, little-endian. */
export function varint(value: number): Buffer {
  if (value < 0x80) return Buffer.from([value]);
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.push(rest % 256);
  return Buffer.from([0x80 + bytes.length, ...bytes]);
}

const headColumns: readonly Column<BookHead>[] = [
  { tag: 0x6800001f, flags: 0, write: ({ name }) => textValue(name) },
  { tag: 0x6804001e, flags: 0, write: ({ dn }) => textValue(dn) },
  { tag: 0x68010003, flags: 0, write: ({ sequence }) => varint(sequence) },
  { tag: 0x6802001e, flags: 0, write: ({ guid }) => textValue(guid) },
];

const mailUser = 6;

const entryColumns: readonly Column<AddressBookEntry>[] = [
  { tag: 0x3003001e, flags: primaryKey, write: ({ legacyDn }) => textValue(legacyDn) },
  { tag: 0x39fe001f, flags: ambiguousName, write: ({ address }) => textValue(address) },
  { tag: 0x3001001f, flags: ambiguousName, write: ({ displayName }) => textValue(displayName) },
  { tag: 0x3a00001f, flags: ambiguousName, write: ({ alias }) => textValue(alias) },
  { tag: 0x800f101f, flags: 0, write: ({ address }) => Buffer.concat([varint(1), Buffer.from(`SMTP:${address}\0`)]) },
  { tag: 0x39000003, flags: 0, write: () => varint(0) },
  { tag: 0x0ffe0003, flags: 0, write: () => varint(mailUser) },
];

/** The bytes of the file before compression. */
export function writeDetails(head: BookHead, entries: readonly AddressBookEntry[]): Buffer {
  const tables = Buffer.concat([table(headColumns), table(entryColumns)]);
  const records = [record(headColumns, head), ...entries.map((entry) => record(entryColumns, entry))];
  const rest = Buffer.concat([u32(tables.length + 4), tables, ...records]);
  return Buffer.concat([u32(0x20), u32(crc32(rest)), u32(entries.length), rest]);
}

function table<T>(columns: readonly Column<T>[]): Buffer {
  return Buffer.concat([u32(columns.length), ...columns.flatMap(({ tag, flags }) => [u32(tag), u32(flags)])]);
}

function record<T>(columns: readonly Column<T>[], entry: T): Buffer {
  const presence = Buffer.alloc(Math.ceil(columns.length / 8));
  const values: Buffer[] = [];
  for (const [index, column] of columns.entries()) {
    const value = column.write(entry);
    if (value === undefined) continue;
    presence[index >> 3] = (presence[index >> 3] ?? 0) | (0x80 >> (index & 7));
    values.push(value);
  }
  const body = Buffer.concat([presence, ...values]);
  return Buffer.concat([u32(body.length + 4), body]);
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}
