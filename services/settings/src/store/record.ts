// Reading and writing what lies in the bucket `settings`: values beside which stands who wrote them and when.
import type { Bucket } from '@lockstep/bus';
import { readSettings, type StoredReading, type StoredRecord, UnreadableRecord } from '@lockstep/contracts';

/** Who asks for a change, and which revision they have seen; without `ifMatch` the last writer wins. */
export interface Writer {
  readonly author: string;
  readonly ifMatch?: readonly string[] | undefined;
}

/** A value as it was at one revision. Revision 0: nothing was stored yet. */
export interface Revision<T> {
  readonly revision: number;
  readonly author?: string;
  readonly at?: string;
  readonly settings: T;
}

/** What lies at a key: a value, nothing yet, or something that cannot be read and waits for its repair. */
export type Lying<T> =
  | { readonly kind: 'value'; readonly at: Revision<T> }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'damaged'; readonly revision: number; readonly error: UnreadableRecord };

/** Throws `UnreadableRecord` for what a newer release stored: writing over it would lose what that release added. */
export async function lyingAt<T>(bucket: Bucket, key: string, record: StoredRecord<T>): Promise<Lying<T>> {
  const entry = await bucket.getBytes(key);
  if (entry === undefined) return { kind: 'nothing' };
  return understood(key, entry.revision, readSettings(record, entry.value));
}

/** Every kept revision that can be read, newest first; at most 64, which is what the bucket keeps. */
export async function revisionsAt<T>(
  bucket: Bucket,
  key: string,
  record: StoredRecord<T>,
): Promise<readonly Revision<T>[]> {
  const entries = await bucket.history(key);
  const found = entries.map(({ revision, value }) => understood(key, revision, readSettings(record, value)));
  return found.flatMap((one) => (one.kind === 'value' ? [one.at] : [])).reverse();
}

/** Undefined when somebody else wrote since `revision`. */
export async function put(bucket: Bucket, key: string, value: unknown, revision: number): Promise<number | undefined> {
  const written = revision === 0 ? await bucket.create(key, value) : await bucket.update(key, value, revision);
  return written.kind === 'conflict' ? undefined : written.revision;
}

function understood<T>(
  key: string,
  revision: number,
  reading: StoredReading<{ readonly author: string; readonly at: string; readonly value: T }>,
): Lying<T> {
  if (reading.kind === 'ok') {
    const { author, at, value } = reading.value;
    return { kind: 'value', at: { revision, author, at, settings: value } };
  }
  const error = new UnreadableRecord('setting', key, reading);
  if (error.isNewer) throw error;
  return { kind: 'damaged', revision, error };
}

export const instantOf = (milliseconds: number): string => new Date(milliseconds).toISOString();
