// Every stream and bucket there is, with its limits. `bus.ensure()` creates them at start and refuses to run when one differs,
// since the server would silently keep or change it; only a migration command changes one.

import type { ChangeClass } from './change.ts';
import { partitionCount } from './mailbox.ts';
import { subjectPrefix } from './operation.ts';

export interface StreamDeclaration {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly retention: 'work-queue' | 'limits';
  /** `new` refuses growth when full, and still replaces a message of the same subject. */
  readonly discard: 'new' | 'old';
  readonly maxMessages: number;
  readonly maxBytes: number;
  /** 1 = newest only; -1 = no bound. */
  readonly maxMessagesPerSubject: number;
  readonly maxAgeMs: number;
}

export interface BucketDeclaration {
  readonly name: string;
  readonly history: number;
  /** 0 = entries do not expire. */
  readonly ttlMs: number;
  readonly maxValueBytes: number;
}

const KiB = 1024;
const GiB = 1024 ** 3;
const dayMs = 86_400_000;

// Never `discard_new_per_subject`: a publish while the old message is worked on would be refused and the change lost.
export const streams = {
  CHANGE: {
    name: 'CHANGE',
    subjects: [`${subjectPrefix}.change.*.*.*.*.*`],
    retention: 'work-queue',
    discard: 'new',
    maxMessages: 2_000_000,
    maxBytes: 2 * GiB,
    maxMessagesPerSubject: 1,
    maxAgeMs: 0,
  },
  NOTIFIED: {
    name: 'NOTIFIED',
    subjects: [`${subjectPrefix}.notified.*.*`],
    retention: 'work-queue',
    discard: 'new',
    maxMessages: 100_000,
    maxBytes: GiB,
    maxMessagesPerSubject: 1,
    maxAgeMs: 0,
  },
  HISTORY: {
    name: 'HISTORY',
    subjects: [`${subjectPrefix}.history.*`],
    retention: 'limits',
    discard: 'old',
    maxMessages: -1,
    maxBytes: 20 * GiB,
    maxMessagesPerSubject: -1,
    maxAgeMs: 90 * dayMs,
  },
} as const satisfies Record<string, StreamDeclaration>;
export type StreamName = keyof typeof streams;

export const buckets = {
  settings: { name: 'settings', history: 64, ttlMs: 0, maxValueBytes: 512 * KiB },
  cookies: { name: 'cookies', history: 1, ttlMs: 0, maxValueBytes: 256 * KiB },
  mailboxes: { name: 'mailboxes', history: 1, ttlMs: 0, maxValueBytes: 256 * KiB },
  links: { name: 'links', history: 1, ttlMs: 0, maxValueBytes: 256 * KiB },
  'superoffice-index': { name: 'superoffice-index', history: 1, ttlMs: 0, maxValueBytes: 256 * KiB },
  // Who shares a streaming connection; 10,000 mailboxes are some 190 KB.
  'streaming-groups': { name: 'streaming-groups', history: 1, ttlMs: 0, maxValueBytes: 512 * KiB },
  leases: { name: 'leases', history: 1, ttlMs: 15_000, maxValueBytes: 4 * KiB },
  sessions: { name: 'sessions', history: 1, ttlMs: 10_000, maxValueBytes: 64 * KiB },
} as const satisfies Record<string, BucketDeclaration>;
export type BucketName = keyof typeof buckets;

/** One durable pull consumer a partition and class; only the holder of the partition's lease makes and pulls it. */
export interface ConsumerDeclaration {
  readonly stream: StreamName;
  readonly durable: string;
  /** Written out token by token: nats-server 2.9 refuses `change.3.>` for a stream on `change.*.*.*.*.*`. */
  readonly filter: string;
  readonly ackWaitMs: number;
}

export function changeConsumer(partition: number, changeClass: ChangeClass): ConsumerDeclaration {
  return {
    stream: 'CHANGE',
    durable: `change-${partition}-${changeClass}`,
    filter: `${subjectPrefix}.change.${partition}.*.${changeClass}.*.*`,
    ackWaitMs: 30_000,
  };
}

export function notifiedConsumer(partition: number): ConsumerDeclaration {
  return {
    stream: 'NOTIFIED',
    durable: `notified-${partition}`,
    filter: `${subjectPrefix}.notified.${partition}.*`,
    ackWaitMs: 30_000,
  };
}

export const partitions: readonly number[] = Array.from({ length: partitionCount }, (_, partition) => partition);

/** Keys in the bucket `leases`. */
export const leaseKeys = {
  governor: 'governor',
  scannerPartition: (partition: number) => `scanner.${partition}`,
  /** Held by each scanner process for itself, so that the others know among how many they share the partitions. */
  scannerReplica: (replica: string) => `scanner.replica.${replica}`,
  sweep: 'scanner.sweep',
  enginePartition: (partition: number) => `engine.${partition}`,
  /** Held by each replica while it is alive; the replicas share the partitions evenly by it. */
  engineMember: (member: string) => `engine.member.${member}`,
  superofficePolling: 'superoffice.polling',
  /** Held for one write: no address and no associate may be linked twice, and the links lie in several keys. */
  userLinks: 'settings.user-links',
  streamingGroup: (group: string) => `streaming.${group}`,
} as const;
