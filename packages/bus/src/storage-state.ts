// Whether the storage of NATS answers. A nats-server whose disk was full can go on serving connections while a stream of it, and
// with it every connection that has asked that stream something, never answers again (2.9.10), or while JetStream is switched
// off (2.10); its own health page says `ok` to the former.
import { bucketStream } from './bucket.ts';
import type { StorageState } from './bus.ts';
import type { Connection } from './connection.ts';
import type { UsedStorage } from './ensure.ts';
import { parse } from './jetstream.ts';
import { monotonicMs } from './wait.ts';

/** What a server without JetStream answers (server/errors.json: JSNotEnabledErr, JSNotEnabledForAccountErr). */
const withoutJetStream = new Set([10076, 10039]);

/** Asks each stream and bucket that is used for its state, at most `withinMs` for all of them. */
export async function storageState(connection: Connection, used: UsedStorage, withinMs: number): Promise<StorageState> {
  const deadline = monotonicMs() + withinMs;
  for (const stream of [...used.streams, ...used.buckets.map(bucketStream)]) {
    const subject = `$JS.API.STREAM.INFO.${stream}`;
    const timeoutMs = Math.max(1, deadline - monotonicMs());
    const answer = await connection.ask(subject, new Uint8Array(), { timeoutMs });
    if (answer.kind === 'disconnected') return 'unreachable';
    if (answer.kind !== 'answered') return 'silent';
    const told = parse(answer.data, subject);
    if (told.kind === 'fault' && withoutJetStream.has(told.fault.errCode)) return 'silent';
  }
  return 'answers';
}
