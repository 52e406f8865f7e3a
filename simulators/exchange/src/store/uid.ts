// The UID of an appointment that Exchange made: the hex text of a GlobalObjectId (MS-OXOCAL 2.2.1.27).
// It is computed from what never changes, so that it need not be stored a million times.
import { createHash } from 'node:crypto';
import type { Item } from './folder.ts';

const classId = '040000008200E00074C5B7101A82E008';
const ticksBetween1601And1970 = 116_444_736_000_000_000n;

/** The UID that a client gave, else the computed one. */
export function uidOf(mailboxGuid: string, item: Item): string {
  const given = item.values['UID'];
  return typeof given === 'string' ? given : globalObjectId(mailboxGuid, item);
}

function globalObjectId(mailboxGuid: string, item: Item): string {
  const time = Buffer.alloc(8);
  time.writeBigUInt64LE(BigInt(item.createdAtMs) * 10_000n + ticksBetween1601And1970);
  const data = createHash('md5').update(`${mailboxGuid}:${item.birth}`).digest('hex');
  return `${classId}00000000${time.toString('hex')}${'00'.repeat(8)}10000000${data}`.toUpperCase();
}

/** The binary GlobalObjectId of a UID, for the MAPI properties; foreign UIDs are wrapped as Outlook does. */
export function globalObjectIdBytes(uid: string): Buffer {
  if (/^[0-9A-Fa-f]+$/.test(uid) && uid.length % 2 === 0 && uid.toUpperCase().startsWith(classId)) {
    return Buffer.from(uid, 'hex');
  }
  const foreign = Buffer.concat([Buffer.from('vCal-Uid'), Buffer.from([1, 0, 0, 0]), Buffer.from(`${uid}\0`)]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(foreign.length);
  return Buffer.concat([Buffer.from(classId, 'hex'), Buffer.alloc(20), size, foreign]);
}

/** The same with the date of an occurrence in it (year big-endian, month, day), as PidLidGlobalObjectId has it. */
export function withInstanceDate(bytes: Buffer, originalWallMs: number): Buffer {
  const dated = Buffer.from(bytes);
  const date = new Date(originalWallMs);
  dated.writeUInt16BE(date.getUTCFullYear(), 16);
  dated[18] = date.getUTCMonth() + 1;
  dated[19] = date.getUTCDate();
  return dated;
}
