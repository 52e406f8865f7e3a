// Reads cookies from their bucket. One that cannot be read is lost, not an obstacle: its folder is compared in full; but one that a
// newer release wrote stops the service, since going on could overwrite what we do not understand.
import type { Bucket, Entry } from '@lockstep/bus';
import { type FolderName, type MailboxKey, UnreadableRecord } from '@lockstep/contracts';
import { type CookieRecord, cookieRecord } from './cookie.ts';

/** The key of the cookie of a mailbox's folder in the bucket `cookies`. */
export const cookieKey = (mailbox: MailboxKey, folder: FolderName): string => `${mailbox}.${folder}`;

export type StoredCookie =
  | { readonly kind: 'none' }
  | { readonly kind: 'cookie'; readonly entry: Entry<CookieRecord> }
  | { readonly kind: 'damaged'; readonly revision: number };

/** Throws `BusError` when NATS does not answer, `UnreadableRecord` when a newer release wrote the record. */
export async function readCookie(cookies: Bucket, key: string): Promise<StoredCookie> {
  const entry = await cookies.getBytes(key);
  if (entry === undefined) return { kind: 'none' };
  const reading = cookieRecord.read(entry.value);
  if (reading.kind === 'newer') throw new UnreadableRecord(cookieRecord.name, key, reading);
  if (reading.kind === 'damaged') return { kind: 'damaged', revision: entry.revision };
  return { kind: 'cookie', entry: { ...entry, value: reading.value } };
}
