// Names for a mailbox, its partition and its items, as they stand in subjects, keys, logs and metrics.
// The mailbox key is never derived from the address: an address can change, the key is kept for ever.
import { createHash } from 'node:crypto';
import { Type } from 'typebox';

export type MailboxKey = string & { readonly __brand: 'MailboxKey' };
export const MailboxKey = Type.Unsafe<MailboxKey>(Type.String({ pattern: '^[a-z2-7]{16}$' }));

export const partitionCount = 64;

export const Side = Type.Union([Type.Literal('exchange'), Type.Literal('superoffice')]);
export type Side = 'exchange' | 'superoffice';

/** The 32-bit FNV-1a hash of the UTF-8 bytes. Source: RFC 9923 (offset basis 2166136261, prime 16777619). */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) {
    hash ^= byte;
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

/** The partition that a mailbox belongs to, 0 to 63. */
export function partitionOf(mailbox: MailboxKey): number {
  return fnv1a32(mailbox) % partitionCount;
}

/** The subject token of an item: base64url of the first 16 bytes of SHA-256 over `<kind>:<id>`. The true id is in the body. */
export function itemToken(kind: string, id: string): string {
  return createHash('sha256').update(`${kind}:${id}`).digest().subarray(0, 16).toString('base64url');
}

/** Makes a mailbox key from 10 random bytes (80 bits, 16 characters of lower-case base32). */
export function mailboxKeyFrom(random: Uint8Array): MailboxKey {
  if (random.length !== 10) throw new RangeError('a mailbox key is made of exactly 10 random bytes');
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  let bits = 0n;
  for (const byte of random) bits = (bits << 8n) | BigInt(byte);
  let key = '';
  for (let shift = 75n; shift >= 0n; shift -= 5n) key += alphabet[Number((bits >> shift) & 31n)];
  return key as MailboxKey;
}
