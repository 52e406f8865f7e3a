// Creates the streams and buckets that are missing and refuses to run with others than declared: the server would silently
// keep what it has, and a work queue with other limits loses changes.
import type { BucketName, StreamName } from '@lockstep/contracts';
import { buckets, streams } from '@lockstep/contracts';
import type { Connection } from './connection.ts';
import { callApi, faultCodes, refused } from './jetstream.ts';
import { bucketConfig, difference, type StreamConfig, streamConfig } from './storage-config.ts';

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

/** What one service uses. A user of NATS may see and create only this (contracts/access.ts). */
export interface UsedStorage {
  readonly streams: readonly StreamName[];
  readonly buckets: readonly BucketName[];
}

export async function ensureStorage(connection: Connection, used: UsedStorage, replicas: number): Promise<void> {
  for (const name of used.streams) await ensureStream(connection, streamConfig(streams[name], replicas));
  for (const name of used.buckets) await ensureStream(connection, bucketConfig(buckets[name], replicas));
}

async function ensureStream(connection: Connection, wanted: StreamConfig): Promise<void> {
  const found = (await read(connection, wanted.name)) ?? (await create(connection, wanted));
  const differs = difference(wanted, found);
  if (differs !== undefined) throw new StorageDiffers(wanted.name, differs.field, differs.wanted, differs.found);
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
  throw refused(created.fault, wanted.name);
}
