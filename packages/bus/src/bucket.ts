// A key-value bucket, laid out as every NATS client lays it out (stream `KV_<name>`, subjects `$KV.<name>.<key>`).
// Values are read from the stream's leader, not by direct get: that could be stale, and then every compare-and-set after it
// would be refused. A write that was not answered may be done: read again before trying again.
import { type BucketDeclaration, codedError } from '@lockstep/contracts';
import { headers, type Msg } from 'nats';
import { type Bucket, BusError, type Entry, type Written } from './bus.ts';
import { type Checker, toBytes } from './check.ts';
import type { Connection } from './connection.ts';
import { append, callApi, faultCodes, refused } from './jetstream.ts';
import { startScan } from './scan.ts';

interface StoredMessage {
  readonly message: { readonly subject: string; readonly seq: number; readonly data?: string; readonly hdrs?: string };
}
type Stored =
  | { readonly kind: 'value'; readonly entry: Entry<Uint8Array> }
  | { readonly kind: 'deleted'; readonly revision: number };

export const bucketStream = (name: string): string => `KV_${name}`;

/** Dots make levels that permissions and `keys` can name. The characters are those of the NATS key-value design (ADR-8). */
const validKey = /^[-/_=a-zA-Z0-9]+(\.[-/_=a-zA-Z0-9]+)*$/;

export function openBucket(connection: Connection, checker: Checker, declared: BucketDeclaration): Bucket {
  const stream = bucketStream(declared.name);
  const subjectOfKey = (key: string): string => {
    if (!validKey.test(key)) throw new RangeError(`not a key for bucket ${declared.name}`);
    return `$KV.${declared.name}.${key}`;
  };

  /** The stored message that a query finds; a delete marker is a message too. */
  const find = async (key: string, query: Record<string, unknown>): Promise<Stored | undefined> => {
    const found = await callApi<StoredMessage>(connection, `STREAM.MSG.GET.${stream}`, query);
    if (found.kind === 'fault') {
      if (found.fault.errCode === faultCodes.noMessageFound) return undefined;
      throw refused(found.fault, stream);
    }
    const { seq, data = '', hdrs = '' } = found.value.message;
    const marker = /^KV-Operation: *(DEL|PURGE)/im.test(Buffer.from(hdrs, 'base64').toString('latin1'));
    if (marker) return { kind: 'deleted', revision: seq };
    return { kind: 'value', entry: { key, value: new Uint8Array(Buffer.from(data, 'base64')), revision: seq } };
  };
  const newest = (key: string) => find(key, { last_by_subj: subjectOfKey(key) });

  const write = async (key: string, value: Uint8Array, revision: number, operation?: 'DEL'): Promise<Written> => {
    if (value.length > declared.maxValueBytes) {
      const detail = `${value.length} bytes in bucket ${declared.name}, which takes ${declared.maxValueBytes}`;
      throw new BusError(codedError('message-too-large', { detail }));
    }
    const expected = headers();
    expected.set('Nats-Expected-Last-Subject-Sequence', String(revision));
    if (operation !== undefined) expected.set('KV-Operation', operation);
    const ack = await append(connection, subjectOfKey(key), value, expected);
    if (ack.kind === 'ok') return { kind: 'written', revision: ack.value.seq };
    if (ack.fault.errCode === faultCodes.wrongLastSequence) return { kind: 'conflict' };
    throw refused(ack.fault, stream);
  };

  const getBytes = async (key: string): Promise<Entry<Uint8Array> | undefined> => {
    const stored = await newest(key);
    return stored?.kind === 'value' ? stored.entry : undefined;
  };

  const createBytes = async (key: string, value: Uint8Array): Promise<Written> => {
    const first = await write(key, value, 0);
    if (first.kind === 'written') return first;
    // A deleted key still has its marker, whose revision has to be named.
    const stored = await newest(key);
    return stored?.kind === 'deleted' ? write(key, value, stored.revision) : first;
  };

  return {
    getBytes,
    createBytes,
    updateBytes: (key, value, revision) => write(key, value, revision),
    create: (key, value) => createBytes(key, toBytes(value)),
    update: (key, value, revision) => write(key, toBytes(value), revision),
    delete: (key, revision) => write(key, new Uint8Array(), revision, 'DEL'),
    async get(key, schema) {
      const entry = await getBytes(key);
      if (entry === undefined) return undefined;
      const read = checker.read(schema, entry.value);
      if (read.ok) return { key, revision: entry.revision, value: read.value };
      const message = `The value of ${key} in bucket ${declared.name} cannot be read: ${read.field || '/'} ${read.reason}`;
      throw new BusError(codedError('reply-invalid', { message, field: read.field }));
    },
    async history(key) {
      const entries: Entry<Uint8Array>[] = [];
      let seq = 1;
      // Bounded by the bucket's history, which is the number of messages that the server keeps of one subject.
      for (let read = 0; read <= declared.history; read++) {
        const stored = await find(key, { seq, next_by_subj: subjectOfKey(key) });
        if (stored === undefined) break;
        if (stored.kind === 'value') entries.push(stored.entry);
        seq = (stored.kind === 'value' ? stored.entry.revision : stored.revision) + 1;
      }
      return entries;
    },
    async keys(filter) {
      const prefix = `$KV.${declared.name}.`;
      const scan = await startScan(connection, {
        stream,
        filter: `${prefix}${filter}`,
        from: 'newest',
        headersOnly: true,
      });
      // A key that was written during the scan comes twice; the later message counts.
      const there = new Map<string, boolean>();
      for (const message of await scan.read()) there.set(message.subject.slice(prefix.length), !isMarker(message));
      return [...there].flatMap(([key, exists]) => (exists ? [key] : []));
    },
  };
}

const isMarker = (message: Msg): boolean => ['DEL', 'PURGE'].includes(message.headers?.get('KV-Operation') ?? '');
