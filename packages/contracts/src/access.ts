// What each service may do on NATS, as its NATS user. The server's permissions are made from this (bus, nats-config.ts), and
// `ensure` creates only what stands here. A service that needs more gets a line here, never a wider pattern.

import { type ServiceName, serviceNames } from './environment.ts';
import * as exchange from './exchange.ts';
import * as governor from './governor.ts';
import { governorState, grantLog } from './governor.ts';
import { settingsChanged } from './settings/settings.ts';
import { exchangeItems, superofficeItems } from './side-operations.ts';
import type { BucketName, StreamName } from './storage.ts';
import * as superoffice from './superoffice.ts';
import * as sync from './sync.ts';

interface OnSubject {
  readonly subject: string;
}

export interface ServiceAccess {
  readonly requests: readonly OnSubject[];
  readonly serves: readonly OnSubject[];
  readonly broadcasts: readonly OnSubject[];
  readonly listens: readonly OnSubject[];
  readonly publishes: readonly StreamName[];
  /** Work queues that it takes messages from; it makes and removes its own consumers. */
  readonly consumes: readonly StreamName[];
  /** Streams of kind `limits` that it reads from. */
  readonly looksInto: readonly StreamName[];
  readonly reads: readonly BucketName[];
  /** Reads and writes. The bucket `leases` is not named here: see `leases`. */
  readonly writes: readonly BucketName[];
  /** Patterns of the keys in the bucket `leases` that it may hold. */
  readonly leases: readonly string[];
}

/** The user of tests, tools and people: everything. No service runs as it. */
export const operatorUser = 'operator';
export type UserName = ServiceName | typeof operatorUser;
export const userNames: readonly UserName[] = [...serviceNames, operatorUser];

const none = {
  requests: [],
  serves: [],
  broadcasts: [],
  listens: [settingsChanged],
  publishes: [],
  consumes: [],
  looksInto: [],
  reads: ['settings'],
  writes: [],
  leases: [],
} as const satisfies ServiceAccess;

export const access: Readonly<Record<ServiceName, ServiceAccess>> = {
  settings: {
    ...none,
    requests: [
      ...[exchange.testConnection, exchange.autodiscover, superoffice.listAssociates],
      ...[sync.syncNow, sync.explain, sync.releaseDeletes, sync.rebuild],
    ],
    broadcasts: [settingsChanged],
    listens: [settingsChanged, governorState],
    looksInto: ['HISTORY'],
    writes: ['settings'],
    leases: ['settings.>'],
  },
  'throttle-governor': {
    ...none,
    serves: operationsOf(governor),
    broadcasts: [governorState, grantLog],
    listens: [settingsChanged, governorState],
    writes: ['sessions'],
    leases: ['governor'],
  },
  'exchange-gateway': {
    ...none,
    requests: operationsOf(governor),
    serves: [...operationsOf(exchange), ...operationsOf(exchangeItems)],
    listens: [settingsChanged, governorState],
    publishes: ['NOTIFIED'],
    writes: ['sessions', 'streaming-groups'],
    leases: ['streaming.>'],
  },
  'ics-scanner': {
    ...none,
    requests: [exchange.syncFolderItems, exchange.getFolder],
    // How many mailboxes at a time the paced sweep visits follows the governor.
    listens: [settingsChanged, governorState],
    publishes: ['CHANGE', 'NOTIFIED'],
    consumes: ['NOTIFIED'],
    // leases: lists which replicas are alive.
    reads: ['settings', 'leases'],
    writes: ['cookies'],
    leases: ['scanner.>'],
  },
  'superoffice-watcher': {
    ...none,
    serves: [...operationsOf(superoffice), ...operationsOf(superofficeItems)],
    publishes: ['CHANGE'],
    writes: ['superoffice-index'],
    leases: ['superoffice.>'],
  },
  'sync-engine': {
    ...none,
    requests: [exchange, superoffice, exchangeItems, superofficeItems].flatMap(operationsOf),
    serves: operationsOf(sync),
    // NOTIFIED: a "sync now" lets the scanner look, too.
    publishes: ['CHANGE', 'HISTORY', 'NOTIFIED'],
    consumes: ['CHANGE'],
    looksInto: ['HISTORY'],
    // leases: lists which replicas are alive.
    reads: ['settings', 'leases'],
    writes: ['mailboxes', 'links'],
    leases: ['engine.>'],
  },
};

/** The streams and buckets that a service uses, `leases` among them if it holds any. */
export function usedStorage(service: ServiceName): {
  readonly streams: readonly StreamName[];
  readonly buckets: readonly BucketName[];
} {
  const { publishes, consumes, looksInto, reads, writes, leases } = access[service];
  return {
    streams: [...new Set([...publishes, ...consumes, ...looksInto])],
    buckets: [...new Set<BucketName>([...reads, ...writes, ...(leases.length > 0 ? (['leases'] as const) : [])])],
  };
}

/** Every operation that a contract file declares. */
function operationsOf(contract: Readonly<Record<string, unknown>>): readonly OnSubject[] {
  return Object.values(contract).filter(
    (declared): declared is OnSubject =>
      typeof declared === 'object' && declared !== null && 'kind' in declared && declared.kind === 'operation',
  );
}
