// Creates the streams and buckets that are missing and refuses to run with others than declared: the server would silently
// keep what it has, and a work queue with other limits loses changes.
import type { BucketName, StreamName } from '@lockstep/contracts';
import { buckets, streams } from '@lockstep/contracts';
import type { Connection } from './connection.ts';
import { callApi, faultCodes, refused } from './jetstream.ts';
import { bucketConfig, difference, type StreamConfig, streamConfig } from './storage-config.ts';

const GiB = 1024 ** 3;

/** A stream or bucket is not as contracts/storage.ts declares it. Only a migration command may change it. */
export class StorageDiffers extends Error {
  readonly stream: string;
  readonly field: string;
  constructor(stream: string, field: string, wanted: string, found: string) {
    super(`NATS stream ${stream} differs from what this version needs: ${field} is ${found} instead of ${wanted}.`);
    this.name = 'StorageDiffers';
    this.stream = stream;
    this.field = field;
  }
}

/** NATS will not set aside what a stream may grow to. Only whoever runs it can give it more. */
export class StorageTooSmall extends Error {
  readonly stream: string;
  /** `bytes`: what the stream may take. */
  constructor(stream: string, bytes: number) {
    const gib = (bytes / GiB).toFixed(0);
    const others = Object.values(streams).filter(({ name }) => name !== stream);
    // One more for the buckets, which have no bound of their own.
    const needed = (others.reduce((sum, { maxBytes }) => sum + maxBytes, bytes + GiB) / GiB).toFixed(0);
    super(
      `NATS has no room for its stream ${stream}, which may take ${gib} GiB. Give JetStream ${needed} GiB of storage ` +
        '(max_file_store), or bound the history by LOCKSTEP_HISTORY_GIB.',
    );
    this.name = 'StorageTooSmall';
    this.stream = stream;
  }
}

/** What one service uses. A user of NATS may see and create only this (contracts/access.ts). */
export interface UsedStorage {
  readonly streams: readonly StreamName[];
  readonly buckets: readonly BucketName[];
}

export interface StorageSize {
  readonly replicas?: number;
  readonly historyBytes?: number;
}

export async function ensureStorage(
  connection: Connection,
  used: UsedStorage,
  { replicas = 1, historyBytes = streams.HISTORY.maxBytes }: StorageSize,
): Promise<void> {
  for (const name of used.streams) {
    const declared = streams[name];
    const sized = name === 'HISTORY' ? { ...declared, maxBytes: historyBytes } : declared;
    await ensureStream(connection, streamConfig(sized, replicas));
  }
  for (const name of used.buckets) await ensureStream(connection, bucketConfig(buckets[name], replicas));
}

async function ensureStream(connection: Connection, wanted: StreamConfig): Promise<void> {
  const found = (await read(connection, wanted.name)) ?? (await create(connection, wanted));
  const differs = difference(asBounded(wanted, found), found);
  if (differs !== undefined) throw new StorageDiffers(wanted.name, differs.field, differs.wanted, differs.found);
}

/** The history loses its oldest records at whatever bound it has: the one that it was made with is as good as another. */
function asBounded(wanted: StreamConfig, { max_bytes: bound }: Reported): StreamConfig {
  if (wanted.name !== streams.HISTORY.name || typeof bound !== 'number' || bound <= 0) return wanted;
  return { ...wanted, max_bytes: bound };
}

type Reported = Readonly<Record<string, unknown>>;

async function read(connection: Connection, name: string): Promise<Reported | undefined> {
  const info = await callApi<{ config: Reported }>(connection, `STREAM.INFO.${name}`, undefined);
  if (info.kind === 'ok') return info.value.config;
  if (info.fault.errCode === faultCodes.streamNotFound) return undefined;
  throw refused(info.fault, name);
}

async function create(connection: Connection, wanted: StreamConfig): Promise<Reported> {
  const created = await callApi<{ config: Reported }>(connection, `STREAM.CREATE.${wanted.name}`, wanted);
  if (created.kind === 'ok') return created.value.config;
  // Another process created it between the two calls; the comparison says whether as we would have.
  if (created.fault.errCode === faultCodes.streamNameInUse) return (await read(connection, wanted.name)) ?? {};
  const tooSmall: readonly number[] = [faultCodes.insufficientResources, faultCodes.storageExceeded];
  if (tooSmall.includes(created.fault.errCode)) throw new StorageTooSmall(wanted.name, wanted.max_bytes);
  throw refused(created.fault, wanted.name);
}
