// Reads cookies from their bucket. One that cannot be read is lost, not an obstacle: its folder is compared in full; but one that a
// newer version wrote is left alone, since going on could overwrite what we do not understand.
import { type Bucket, BusError, type Entry } from '@lockstep/bus';
import { type FolderName, type MailboxKey, recordVersion } from '@lockstep/contracts';
import { Type } from 'typebox';
import { CookieRecord, cookieVersion } from './cookie.ts';

/** The key of the cookie of a mailbox's folder in the bucket `cookies`. */
export const cookieKey = (mailbox: MailboxKey, folder: FolderName): string => `${mailbox}.${folder}`;

export type StoredCookie =
  | { readonly kind: 'none' }
  | { readonly kind: 'cookie'; readonly entry: Entry<CookieRecord> }
  | { readonly kind: 'damaged'; readonly revision: number };

const Versioned = Type.Object({ v: recordVersion });

/** Throws `BusError` when NATS does not answer, `Error` when the record is of a newer version. */
export async function readCookie(cookies: Bucket, key: string): Promise<StoredCookie> {
  try {
    const entry = await cookies.get(key, CookieRecord);
    if (entry === undefined) return { kind: 'none' };
    refuseNewer(entry.value.v);
    return { kind: 'cookie', entry };
  } catch (error) {
    if (!isUnreadable(error)) throw error;
  }
  const versioned = await cookies.get(key, Versioned).catch((error) => {
    if (!isUnreadable(error)) throw error;
    return undefined;
  });
  if (versioned !== undefined) refuseNewer(versioned.value.v);
  const bytes = await cookies.getBytes(key);
  return bytes === undefined ? { kind: 'none' } : { kind: 'damaged', revision: bytes.revision };
}

function refuseNewer(version: number): void {
  if (version > cookieVersion) throw new Error('a cookie was written by a newer version');
}

function isUnreadable(error: unknown): boolean {
  return error instanceof BusError && error.error.code === 'reply-invalid';
}
