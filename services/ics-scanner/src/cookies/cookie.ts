// The cookie of a watched folder: how far its changes are in the stream, as Exchange's opaque sync state. Streams and buckets are
// flushed separately, so after a crash of the NATS machine a cookie can be newer than the stream; therefore one that was valid at
// least 10 minutes earlier stands beside it. A third, `between`, becomes that older one in turn: without it, in a folder that
// changes all day, the older one would never move.
import { type Data, Instant, recordVersion, storedRecord } from '@lockstep/contracts';
import { Type } from 'typebox';

const Kept = Type.Object({ syncState: Type.String(), validAt: Instant });

/** In the bucket `cookies`, key `<mailbox>.<folder>`. */
const CookieRecord = Type.Object({
  v: recordVersion,
  /** The NATS server that it was stored at. Another one now means that NATS was restarted and the stream may have lost its end. */
  serverId: Type.String(),
  syncState: Type.String(),
  /** When `syncState` was asked for. */
  validAt: Instant,
  between: Type.Optional(Kept),
  older: Type.Optional(Kept),
});
export type CookieRecord = Data<typeof CookieRecord>;

const cookieVersion = 1;
export const cookieRecord = storedRecord({ name: 'cookie', version: cookieVersion, schema: CookieRecord });
const olderByMs = 600_000;
/** The bucket takes 256 KiB a value. */
const maxRecordBytes = 250 * 1024;

/** The sync state to ask from: the newest, the older one when NATS was restarted since, undefined when there is none. */
export function beginningOf(record: CookieRecord, serverId: string): string | undefined {
  return record.serverId === serverId ? record.syncState : record.older?.syncState;
}

/** The record of a folder whose earlier changes are covered by a full comparison. */
export function firstCookie(syncState: string, at: Instant, serverId: string): CookieRecord {
  return { v: cookieVersion, serverId, syncState, validAt: at };
}

/** The record after the changes up to `syncState`, asked for at `at`, are in the stream. The same object when nothing moved. */
export function advancedCookie(record: CookieRecord, syncState: string, at: Instant, serverId: string): CookieRecord {
  if (syncState === record.syncState && serverId === record.serverId) return record;
  // NATS was restarted: what was asked again is published but perhaps not flushed, so the older one stays for its ten minutes.
  if (serverId !== record.serverId)
    return { ...firstCookie(syncState, at, serverId), ...(record.older ? { older: record.older } : {}) };
  const replaced = { syncState: record.syncState, validAt: record.validAt };
  const { older, between = replaced } = record;
  const isOld = Date.parse(at) - Date.parse(between.validAt) >= olderByMs;
  const kept = isOld ? { between: replaced, older: between } : { between, ...(older ? { older } : {}) };
  const advanced = { ...firstCookie(syncState, at, serverId), ...kept };
  // Without the older ones a restart of NATS costs a full comparison; a record that cannot be stored would cost one every time.
  return JSON.stringify(advanced).length > maxRecordBytes ? firstCookie(syncState, at, serverId) : advanced;
}
