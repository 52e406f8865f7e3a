// The cookie of ICS: which mailbox and folder, up to which change, and during a first load how far it got.
// Nothing is kept on the server for it, so any earlier cookie of the same folder works, as with the real one.
import { crc32 } from 'node:zlib';

export interface SyncState {
  /** `items` of a folder, or `folders` below one. */
  readonly scope: 'items' | 'folders';
  readonly mailboxGuid: string;
  readonly folder: number;
  /** Whether a hierarchy was asked for with a root named, or without. The two do not go together. */
  readonly named: boolean;
  /** Everything up to this change is known. */
  readonly upTo: number;
  /** During a first load: items with a lower serial are still to come. */
  readonly below?: number | undefined;
}

/** Base64, opaque to clients. */
export function writeSyncState(state: SyncState): string {
  const body = Buffer.from(JSON.stringify(state));
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([sum, body]).toString('base64');
}

/** Undefined when it is damaged or foreign. */
export function readSyncState(text: string): SyncState | undefined {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length < 8 || bytes.toString('base64') !== text) return undefined;
  const body = bytes.subarray(4);
  if (bytes.readUInt32BE(0) !== crc32(body)) return undefined;
  try {
    const state: unknown = JSON.parse(body.toString());
    return isSyncState(state) ? state : undefined;
  } catch {
    return undefined; // the sum fits by chance only
  }
}

/** The sum is no secret: whoever makes a cookie of his own may put anything into it. */
function isSyncState(value: unknown): value is SyncState {
  if (typeof value !== 'object' || value === null) return false;
  const { scope, mailboxGuid, folder, named, upTo, below } = value as Record<string, unknown>;
  return (
    (scope === 'items' || scope === 'folders') &&
    typeof mailboxGuid === 'string' &&
    typeof named === 'boolean' &&
    Number.isSafeInteger(folder) &&
    Number.isSafeInteger(upTo) &&
    (below === undefined || Number.isSafeInteger(below))
  );
}
