// The whole of what a service may ask of the bus; `connect()` in connect.ts makes one from a NATS server.
// Expected failures are outcomes (`Outcome`), never exceptions; what is thrown is a defect.
import type {
  Broadcast,
  BucketName,
  CodedError,
  ConsumerDeclaration,
  Data,
  Operation,
  Outcome,
  StreamMessage,
} from '@lockstep/contracts';
import type { TSchema } from 'typebox';

/** What travels beside a body: who follows it, and how long anybody may work on it. */
export interface MessageContext {
  readonly correlationId: string;
  readonly traceparent?: string;
}

export interface RequestOptions extends MessageContext {
  /** Remaining time for everything, retries included. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
  /** Fills the `*` tokens of the operation's subject. */
  readonly tokens?: readonly string[];
}

export interface RequestContext extends MessageContext {
  /** Aborted when the deadline has passed or the service stops waiting for handlers. */
  readonly signal: AbortSignal;
  /** Milliseconds left at this moment, 0 when none. */
  remainingMs(): number;
  /** The subject tokens that `*` stood for. */
  readonly tokens: readonly string[];
}

export interface ServeBounds {
  readonly running: number;
  /** Beyond this many waiting, a request is answered `service-busy`. */
  readonly waiting: number;
}

export interface ServeOptions extends ServeBounds {
  /** Replaces leading `*` tokens of the subject, for the owner of a partition: `['3', '*']`. */
  readonly tokens?: readonly string[];
  /** Every replica that serves gets each request, and the first answer counts: one that hangs keeps nothing from the others. */
  readonly everyone?: boolean;
}

/** What a broadcast or its listener may say beside the message. */
export interface BroadcastOptions {
  /** Fills the `*` tokens of the subject. */
  readonly tokens?: readonly string[];
}

/** A process that a server can see the end of. */
export interface Presence extends Stoppable {
  /** Names its connection; undefined while there is none, and on a server that does not know such users. */
  readonly id: string | undefined;
}

/** `gone`: the connection was closed by its own side, as the kernel does for a process that ended; never for one that hangs. */
export interface PresenceEvent {
  readonly kind: 'there' | 'gone';
  readonly id: string;
  readonly name: string;
}

/** Something that was started and can be ended; ending waits for what runs. */
export interface Stoppable {
  stop(): Promise<void>;
}

/** A stored value with the revision that compare-and-set needs. */
export interface Entry<T> {
  readonly key: string;
  readonly value: T;
  readonly revision: number;
}

/** `conflict`: somebody else wrote since the revision that was read; nothing was changed. */
export type Written = { readonly kind: 'written'; readonly revision: number } | { readonly kind: 'conflict' };

/** One bucket. Values are JSON, checked with the schema given to each call. Throws `BusError` when NATS does not answer. */
export interface Bucket {
  get<S extends TSchema>(key: string, schema: S): Promise<Entry<Data<S>> | undefined>;
  getBytes(key: string): Promise<Entry<Uint8Array> | undefined>;
  /** Writes only when the key does not exist. */
  create(key: string, value: unknown): Promise<Written>;
  /** Writes only when the revision is still the given one. */
  update(key: string, value: unknown, revision: number): Promise<Written>;
  createBytes(key: string, value: Uint8Array): Promise<Written>;
  updateBytes(key: string, value: Uint8Array, revision: number): Promise<Written>;
  /** Deletes only when the revision is still the given one. */
  delete(key: string, revision: number): Promise<Written>;
  /** Every stored revision of a key, oldest first, at most the bucket's history. */
  history(key: string): Promise<readonly Entry<Uint8Array>[]>;
  /** Keys below a prefix (`user-links.>`). Slow (0.5 s for 400,000 keys): never on a hot path. */
  keys(filter: string): Promise<readonly string[]>;
}

/** A fetched stream message. Exactly one of ack, retry is called, once. */
export interface Delivery<T> {
  readonly subject: string;
  readonly context: MessageContext;
  readonly body:
    | { readonly kind: 'read'; readonly value: T }
    | { readonly kind: 'unreadable'; readonly reason: string };
  /** How often it was delivered, this time included. */
  readonly deliveries: number;
  /** The effect is recorded. */
  ack(): Promise<void>;
  /** Deliver it again after the delay. */
  retry(delayMs: number): void;
  /** Still at work: restarts the wait for the acknowledgement. Call every 10 s. */
  working(): void;
}

/** A durable pull consumer that this process owns by lease. */
export interface Puller<T> extends Stoppable {
  /** Fetches at most `max` messages that are there within `waitMs` (at least 1,000). Empty when none came. */
  fetch(max: number, waitMs: number, signal?: AbortSignal): Promise<readonly Delivery<T>[]>;
  /** Messages not fetched yet. */
  pending(): Promise<number>;
}

export interface LeaseOptions {
  /** Key in the bucket `leases`. */
  readonly key: string;
  /** Stored beside it, for people to read. */
  readonly holder: string;
  /** Whether the process that holds it is known to have ended: then its lease is taken at once. */
  readonly isOver?: (holder: string) => boolean;
}

/** A held lease. `signal` aborts at the moment from which we may no longer act as the holder. */
export interface Lease {
  readonly key: string;
  /** The revision of the creating write: greater than that of every earlier holder. */
  readonly epoch: number;
  readonly signal: AbortSignal;
  /** The same by the clock, at this moment: after a standstill `signal` comes too late. */
  isValid(): boolean;
  /** Gives it back so that another can have it at once. */
  release(): Promise<void>;
}

/** `silent`: there is a connection, and no answer. `unreachable`: there is none, or it was lost meanwhile. */
export type StorageState = 'answers' | 'silent' | 'unreachable';

export interface Bus {
  request<Q extends TSchema, R extends TSchema>(
    operation: Operation<Q, R>,
    body: Data<Q>,
    options: RequestOptions,
  ): Promise<Outcome<Data<R>>>;

  /** Answers requests, at most `running` at a time. What the handler throws becomes `internal-error`; the process goes on. */
  serve<Q extends TSchema, R extends TSchema>(
    operation: Operation<Q, R>,
    options: ServeOptions,
    handler: (body: Data<Q>, context: RequestContext) => Promise<Outcome<Data<R>>>,
  ): Promise<Stoppable>;

  broadcast<T extends TSchema>(topic: Broadcast<T>, message: Data<T>, context: MessageContext & BroadcastOptions): void;
  /** Unreadable messages are counted and left out. */
  listen<T extends TSchema>(
    topic: Broadcast<T>,
    handler: (message: Data<T>, context: MessageContext) => void,
    options?: BroadcastOptions,
  ): Promise<Stoppable>;

  /** Lets the server see the end of this process, under `name`. */
  announce(name: string): Presence;
  /** Tells of each process that announced itself and came or went; silent where the server does not tell. */
  watchPresences(handler: (event: PresenceEvent) => void): Stoppable;

  /** Repeats until the stream has acknowledged or the deadline is over; never with a message id (docs/architecture.md §4). */
  publish<T extends TSchema>(
    declared: StreamMessage<T>,
    subject: string,
    message: Data<T>,
    options: MessageContext & { readonly deadlineMs: number; readonly signal?: AbortSignal },
  ): Promise<Outcome<void>>;

  /** Deletes and creates the consumer, so that what a dead owner had fetched comes at once; only for the lease holder. */
  pull<T extends TSchema>(declared: StreamMessage<T>, consumer: ConsumerDeclaration): Promise<Puller<Data<T>>>;

  /** Reads the newest messages of a subject of a `limits` stream, newest last, at most `max`. */
  readLast<T extends TSchema>(declared: StreamMessage<T>, subject: string, max: number): Promise<readonly Data<T>[]>;

  bucket(name: BucketName): Bucket;

  /** One attempt to take a lease; undefined when another holds it. Polled by the caller every 2 s ± 20 %. */
  tryLease(options: LeaseOptions): Promise<Lease | undefined>;

  /** Creates every declared stream and bucket that is missing; throws `StorageDiffers` when one differs. */
  ensure(): Promise<void>;
  /** Whether every stream and bucket that is used answers, within the time. */
  storageState(withinMs: number): Promise<StorageState>;

  /** The id of the server we are connected to: another one than before means that NATS was restarted. */
  serverId(): string;
  connected(): boolean;
  onReconnect(listener: () => void): void;
  /** Ends when the connection is closed for good. */
  readonly closed: Promise<void>;
  /** Stops serving, waits for handlers at most `withinMs`, flushes and closes. */
  drain(withinMs: number): Promise<void>;
}

/** NATS did not do what was asked in time; the caller tries again or gives the work back. */
export class BusError extends Error {
  readonly error: CodedError;
  constructor(error: CodedError, cause?: unknown) {
    super(error.message, { cause });
    this.name = 'BusError';
    this.error = error;
  }
}
