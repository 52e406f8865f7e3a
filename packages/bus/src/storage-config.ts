// How a declared stream or bucket looks to the server. Everything is written out, so that a later default of the server
// (or another client's) cannot differ unseen.
import type { BucketDeclaration, StreamDeclaration } from '@lockstep/contracts';
import { bucketStream } from './bucket.ts';
import { toNanos } from './delivered.ts';

/** The fields of a stream's configuration that we set and compare. Durations are nanoseconds. */
export interface StreamConfig {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly retention: 'limits' | 'workqueue';
  readonly discard: 'old' | 'new';
  readonly discard_new_per_subject: boolean;
  readonly storage: 'file';
  readonly num_replicas: number;
  readonly max_msgs: number;
  readonly max_bytes: number;
  readonly max_msgs_per_subject: number;
  readonly max_age: number;
  readonly max_msg_size: number;
  readonly max_consumers: number;
  readonly duplicate_window: number;
  readonly allow_rollup_hdrs: boolean;
  readonly deny_delete: boolean;
  readonly no_ack: boolean;
  readonly sealed: boolean;
}

const twoMinutesMs = 120_000;
/** A value's headers count as part of it; ours are far below this. */
const headerBytes = 1_024;

export function streamConfig(declared: StreamDeclaration, replicas: number): StreamConfig {
  return {
    ...common(declared.maxAgeMs, replicas),
    name: declared.name,
    subjects: [...declared.subjects],
    retention: declared.retention === 'work-queue' ? 'workqueue' : 'limits',
    discard: declared.discard,
    max_msgs: declared.maxMessages,
    max_bytes: declared.maxBytes,
    max_msgs_per_subject: declared.maxMessagesPerSubject,
    max_msg_size: -1,
    allow_rollup_hdrs: false,
  };
}

/** As ADR-8 of NATS lays buckets out, so that its command line reads them. */
export function bucketConfig(declared: BucketDeclaration, replicas: number): StreamConfig {
  return {
    ...common(declared.ttlMs, replicas),
    name: bucketStream(declared.name),
    subjects: [`$KV.${declared.name}.>`],
    retention: 'limits',
    discard: 'new',
    max_msgs: -1,
    max_bytes: -1,
    max_msgs_per_subject: declared.history,
    max_msg_size: declared.maxValueBytes + headerBytes,
    allow_rollup_hdrs: true,
  };
}

function common(maxAgeMs: number, replicas: number) {
  return {
    discard_new_per_subject: false,
    storage: 'file',
    num_replicas: replicas,
    max_age: toNanos(maxAgeMs),
    max_consumers: -1,
    duplicate_window: toNanos(maxAgeMs > 0 ? Math.min(maxAgeMs, twoMinutesMs) : twoMinutesMs),
    deny_delete: true,
    no_ack: false,
    sealed: false,
  } as const;
}

/** The first field in which the server's configuration differs, with both values; undefined when none does. */
export function difference(
  wanted: StreamConfig,
  reported: Readonly<Record<string, unknown>>,
): { readonly field: string; readonly wanted: string; readonly found: string } | undefined {
  for (const [field, value] of Object.entries(wanted)) {
    // The server leaves out what is false or 0.
    const found = reported[field] ?? (typeof value === 'boolean' ? false : typeof value === 'number' ? 0 : undefined);
    const [a, b] = [value, found].map((side) => JSON.stringify(Array.isArray(side) ? [...side].sort() : side));
    if (a !== b) return { field, wanted: a ?? 'nothing', found: b ?? 'nothing' };
  }
  return undefined;
}
