// Makes a `Bus` from a NATS server. A connection that was made once is kept for ever: it reconnects until it is drained.
import { type BucketName, buckets, codedError, type StreamName, streams } from '@lockstep/contracts';
import { connect as connectNats } from 'nats';
import { broadcast, listen } from './broadcast.ts';
import { openBucket } from './bucket.ts';
import { type Bus, BusError, type Stoppable } from './bus.ts';
import { Checker } from './check.ts';
import { Connection } from './connection.ts';
import { ensureStorage, type UsedStorage } from './ensure.ts';
import type { OnBusEvent } from './events.ts';
import { inboxPrefixOf } from './inbox.ts';
import { tryLease } from './lease.ts';
import { announcePresence, watchPresences } from './presence.ts';
import { publish } from './publish.ts';
import { startPuller } from './puller.ts';
import { readLast } from './read-last.ts';
import { request } from './request.ts';
import { type Serving, serve } from './serve.ts';
import { storageState } from './storage-state.ts';
import { endsWithin } from './wait.ts';

export interface ConnectOptions {
  /** One or several addresses, separated by commas. */
  readonly url: string;
  /** The name of the connection, for people who look at the server. */
  readonly name: string;
  readonly user?: string;
  readonly password?: string;
  /** Copies of each stream and bucket that `ensure` creates, 1 or 3. */
  readonly replicas?: number;
  /** The bound of the history when `ensure` creates it; the declared one unless given. */
  readonly historyBytes?: number;
  /** What `ensure` creates and compares; everything declared unless given. */
  readonly storage?: UsedStorage;
  readonly onEvent?: OnBusEvent;
  /** How long one attempt to connect may take, the first and each later one. */
  readonly timeoutMs?: number;
  /** How often the server is asked whether it is there; after two questions without an answer the connection counts as lost. */
  readonly pingEveryMs?: number;
}

const everything: UsedStorage = {
  streams: Object.keys(streams) as StreamName[],
  buckets: Object.keys(buckets) as BucketName[],
};
const reconnectEveryMs = 200;
/** A server that stands still is noticed within 9 to 12 s; one that is only slow for 6 s is not given up. */
const pingEveryMs = 3_000;

/** Connects once or throws `BusError` (`bus-unavailable`); later losses are repaired silently. */
export async function connect(options: ConnectOptions): Promise<Bus> {
  const connection = await open(options);
  const checker = new Checker();
  const servings = new Set<Serving>();
  const presences = new Set<Stoppable>();
  const present = <T extends Stoppable>(one: T): T => {
    presences.add(one);
    return one;
  };
  const presence = {
    url: options.url,
    user: options.user,
    password: options.password,
    pingEveryMs: options.pingEveryMs ?? pingEveryMs,
    reconnectEveryMs,
  };

  return {
    request: (operation, body, how) => request(connection, checker, operation, body, how),
    async serve(operation, how, handler) {
      const serving = await serve(connection, checker, operation, how, handler);
      servings.add(serving);
      return {
        async stop() {
          await serving.stop();
          servings.delete(serving);
        },
      };
    },
    broadcast: (topic, message, context) => broadcast(connection, topic, message, context),
    listen: (topic, handler, how) => listen(connection, checker, topic, handler, how),
    announce: (name) => present(announcePresence(presence, name)),
    watchPresences: (handler) => present(watchPresences(presence, handler)),
    publish: (declared, subject, message, how) => publish(connection, declared, subject, message, how),
    pull: (declared, consumer) => startPuller(connection, checker, declared, consumer),
    readLast: (declared, subject, max) => readLast(connection, checker, declared, subject, max),
    bucket: (name) => openBucket(connection, checker, buckets[name]),
    tryLease: (lease) => tryLease(openBucket(connection, checker, buckets.leases), lease),
    ensure: () => ensureStorage(connection, options.storage ?? everything, options),
    storageState: (withinMs) => storageState(connection, options.storage ?? everything, withinMs),
    serverId: () => connection.nats.info?.server_id ?? '',
    connected: () => connection.connected(),
    onReconnect: (listener) => connection.onReconnect(listener),
    closed: connection.nats.closed().then(() => undefined),
    async drain(withinMs) {
      await drain(connection, servings, withinMs);
      await Promise.all([...presences].map((one) => one.stop()));
    },
  };
}

async function open(options: ConnectOptions): Promise<Connection> {
  const user = options.user === undefined ? {} : { user: options.user, pass: options.password ?? '' };
  const inboxPrefix = inboxPrefixOf(options.user);
  try {
    const nats = await connectNats({
      servers: options.url.split(',').map((address) => address.trim()),
      name: options.name,
      ...user,
      inboxPrefix,
      timeout: options.timeoutMs ?? 5_000,
      maxReconnectAttempts: -1,
      reconnectTimeWait: reconnectEveryMs,
      reconnectJitter: reconnectEveryMs,
      // NATS may come back with its users a moment later; giving up is for the service, not for the client.
      ignoreAuthErrorAbort: true,
      pingInterval: options.pingEveryMs ?? pingEveryMs,
      maxPingOut: 2,
      noAsyncTraces: true,
    });
    return new Connection(nats, inboxPrefix, options.onEvent ?? (() => {}));
  } catch (cause) {
    throw new BusError(
      codedError('bus-unavailable', { detail: `no connection to NATS as ${options.user ?? 'nobody'}` }),
      cause,
    );
  }
}

/** `stop()` of the client's own service API would return while handlers still run. */
async function drain(connection: Connection, servings: ReadonlySet<Serving>, withinMs: number): Promise<void> {
  const { nats } = connection;
  if (nats.isClosed()) return;
  const stopped = Promise.allSettled([...servings].map((serving) => serving.stop()));
  await endsWithin(withinMs, stopped);
  for (const serving of servings) serving.abandon();
  // Without a server there is nobody to flush to, and the client would wait for one for ever.
  if (connection.connected())
    await endsWithin(
      1_000,
      nats.flush().catch(() => undefined),
    );
  await connection.close();
}
