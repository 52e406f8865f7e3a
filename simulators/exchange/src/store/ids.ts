// How ids and change keys look on the wire. An id carries the mailbox, what it names, and a serial, and ends in a checksum:
// a damaged one is told apart (malformed) from one whose object is gone (not found). Nothing but this file looks inside.
import { crc32 } from 'node:zlib';

export type ObjectKind = 'item' | 'folder' | 'occurrence';

export interface ObjectId {
  readonly mailboxGuid: string;
  readonly kind: ObjectKind;
  readonly serial: number;
  /** The original start of an occurrence, in seconds since 1970. */
  readonly occurrence: number;
}

const head = [0x00, 0x03, 0x24, 0x00];
const kinds: Readonly<Record<ObjectKind, number>> = { item: 0x07, folder: 0x01, occurrence: 0x09 };
const guidBytes = 36;
const bodyBytes = head.length + guidBytes + 1 + 8 + 8;

/** The id as clients see it: base64, case-sensitive. */
export function writeId(mailboxGuid: string, kind: ObjectKind, serial: number, occurrence = 0): string {
  const bytes = Buffer.alloc(bodyBytes + 4);
  bytes.set(head, 0);
  bytes.write(mailboxGuid, head.length, 'latin1');
  bytes[head.length + guidBytes] = kinds[kind];
  bytes.writeBigUInt64BE(BigInt(serial), head.length + guidBytes + 1);
  bytes.writeBigInt64BE(BigInt(occurrence), head.length + guidBytes + 9);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, bodyBytes)), bodyBytes);
  return bytes.toString('base64');
}

/** Reads an id back; undefined when it is not one of ours. */
export function readId(text: string): ObjectId | undefined {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== bodyBytes + 4 || bytes.toString('base64') !== text) return undefined;
  if (bytes.readUInt32BE(bodyBytes) !== crc32(bytes.subarray(0, bodyBytes))) return undefined;
  const code = bytes[head.length + guidBytes];
  const kind = (Object.keys(kinds) as ObjectKind[]).find((each) => kinds[each] === code);
  if (kind === undefined) return undefined;
  return {
    mailboxGuid: bytes.toString('latin1', head.length, head.length + guidBytes),
    kind,
    serial: Number(bytes.readBigUInt64BE(head.length + guidBytes + 1)),
    occurrence: Number(bytes.readBigInt64BE(head.length + guidBytes + 9)),
  };
}

const keyHeads: Readonly<Record<ObjectKind, readonly number[]>> = {
  item: [0x0f, 0, 0, 0, 0x16, 0, 0, 0],
  folder: [0x01, 0, 0, 0, 0x16, 0, 0, 0],
  occurrence: [0x0f, 0, 0, 0, 0x16, 0, 0, 0],
};

/** The change key of a version. */
export function writeChangeKey(kind: ObjectKind, version: number): string {
  const bytes = Buffer.alloc(20);
  bytes.set(keyHeads[kind], 0);
  bytes.writeBigUInt64BE(BigInt(version), 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 16)), 16);
  return bytes.toString('base64');
}

/** The version of a change key; undefined when it cannot be read. */
export function readChangeKey(text: string): number | undefined {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 20 || bytes.toString('base64') !== text) return undefined;
  if (bytes.readUInt32BE(16) !== crc32(bytes.subarray(0, 16))) return undefined;
  return Number(bytes.readBigUInt64BE(8));
}

/** The short keys of events, as captured from a real server: of no use for an update. */
export const eventChangeKeys = { item: 'DwAAAA==', folder: 'AQAAAA==' } as const;
