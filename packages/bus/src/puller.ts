// A durable pull consumer that one process owns by lease. One subscription serves all its fetches and keeps what comes late,
// so that no message is delivered into a closed inbox and then missing until the server gives up on it.
import { type ConsumerDeclaration, codedError, type Data, type StreamMessage } from '@lockstep/contracts';
import type { Msg, Subscription } from 'nats';
import type { TSchema } from 'typebox';
import { BusError, type Delivery, type Puller } from './bus.ts';
import { type Checker, toBytes } from './check.ts';
import type { Connection } from './connection.ts';
import { acknowledgement, deliveredInfo, toNanos } from './delivered.ts';
import { contextOf } from './headers.ts';
import { callApi, faultCodes, refused } from './jetstream.ts';
import { monotonicMs } from './wait.ts';

/** Messages that may be out and not acknowledged; the owner never fetches more than it has free actors. */
const maxAckPending = 1_024;
/** How long the request for what is already there may take. */
const nowMs = 1_000;
/** Silence after which a batch counts as complete. */
const quietMs = 30;
const ackTimeoutMs = 2_000;

/** Codes: 404 no messages, 408 expired, 409 consumer deleted, 503 no JetStream. */
type RoundEnd =
  | { readonly kind: 'arrived' | 'silent' | 'aborted' }
  | { readonly kind: 'status'; readonly code: number };

export async function startPuller<T extends TSchema>(
  connection: Connection,
  checker: Checker,
  declared: StreamMessage<T>,
  consumer: ConsumerDeclaration,
): Promise<Puller<Data<T>>> {
  await removeConsumer(connection, consumer);
  await addConsumer(connection, consumer);
  const puller = new StreamPuller<T>(connection, checker, declared, consumer);
  await puller.open();
  return puller;
}

async function removeConsumer(connection: Connection, { stream, durable }: ConsumerDeclaration): Promise<void> {
  const removed = await callApi(connection, `CONSUMER.DELETE.${stream}.${durable}`, undefined);
  if (removed.kind === 'fault' && removed.fault.errCode !== faultCodes.consumerNotFound)
    throw refused(removed.fault, durable);
}

async function addConsumer(connection: Connection, consumer: ConsumerDeclaration): Promise<void> {
  const { stream, durable, filter, ackWaitMs } = consumer;
  const config = {
    durable_name: durable,
    filter_subject: filter,
    deliver_policy: 'all',
    ack_policy: 'explicit',
    ack_wait: toNanos(ackWaitMs),
    max_deliver: -1,
    max_ack_pending: maxAckPending,
    replay_policy: 'instant',
  };
  const added = await callApi(connection, `CONSUMER.DURABLE.CREATE.${stream}.${durable}`, {
    stream_name: stream,
    config,
  });
  if (added.kind === 'fault') throw refused(added.fault, durable);
}

class StreamPuller<T extends TSchema> implements Puller<Data<T>> {
  readonly #connection: Connection;
  readonly #checker: Checker;
  readonly #declared: StreamMessage<T>;
  readonly #consumer: ConsumerDeclaration;
  readonly #inbox: string;
  #subscription: Subscription | undefined;
  readonly #arrived: { readonly message: Msg; readonly atMs: number }[] = [];
  #round = 0;
  #onMessage: ((message: Msg) => void) | undefined;
  #onStatus: ((code: number) => void) | undefined;
  #abortRound: (() => void) | undefined;
  #stopped = false;

  constructor(connection: Connection, checker: Checker, declared: StreamMessage<T>, consumer: ConsumerDeclaration) {
    this.#connection = connection;
    this.#checker = checker;
    this.#declared = declared;
    this.#consumer = consumer;
    this.#inbox = connection.newInbox();
  }

  async open(): Promise<void> {
    this.#subscription = await this.#connection.subscribe(`${this.#inbox}.*`, (message) => this.#receive(message));
  }

  async fetch(max: number, waitMs: number, signal?: AbortSignal): Promise<readonly Delivery<Data<T>>[]> {
    if (this.#onMessage !== undefined) throw new Error('a puller fetches once at a time');
    if (this.#connection.nats.isClosed()) throw new BusError(codedError('bus-unavailable', { detail: 'closed' }));
    if (this.#stopped || signal?.aborted || max < 1) return [];
    this.#dropOld();
    if (this.#arrived.length > 0) return this.#take(max);
    // First what is there, at once; only when nothing is, one message that is yet to come: an open request for more
    // would deliver them while nobody asks.
    const now = await this.#ask({ batch: max, no_wait: true }, max, nowMs, signal);
    if (this.#arrived.length === 0 && now.kind !== 'aborted') {
      const expires = Math.max(1_000, waitMs);
      const later = gone(now)
        ? now
        : await this.#ask({ batch: 1, expires: toNanos(expires) }, 1, expires + nowMs, signal);
      if (gone(later)) await this.#restore();
    }
    return this.#take(max);
  }

  async pending(): Promise<number> {
    const { stream, durable } = this.#consumer;
    const info = await callApi<{ num_pending: number }>(
      this.#connection,
      `CONSUMER.INFO.${stream}.${durable}`,
      undefined,
    );
    if (info.kind === 'fault') throw refused(info.fault, durable);
    return info.value.num_pending;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#abortRound?.();
    if (this.#connection.nats.isClosed()) return;
    for (const { message } of this.#arrived.splice(0)) message.respond(acknowledgement.again(0));
    this.#subscription?.unsubscribe();
  }

  #receive(message: Msg): void {
    if (message.subject.startsWith(this.#inbox)) {
      if (message.subject === `${this.#inbox}.${this.#round}`) this.#onStatus?.(message.headers?.code ?? 0);
      return;
    }
    this.#arrived.push({ message, atMs: monotonicMs() });
    this.#onMessage?.(message);
  }

  /** One request to the consumer; ends with enough messages, a status, silence, or the signal. */
  #ask(options: Record<string, unknown>, enough: number, limitMs: number, signal?: AbortSignal): Promise<RoundEnd> {
    if (this.#stopped || signal?.aborted) return Promise.resolve({ kind: 'aborted' });
    const { stream, durable } = this.#consumer;
    const reply = `${this.#inbox}.${++this.#round}`;
    return new Promise((resolve) => {
      let timer = setTimeout(() => end({ kind: 'silent' }), limitMs);
      const aborted = () => end({ kind: 'aborted' });
      const end = (result: RoundEnd) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
        this.#abortRound = undefined;
        this.#onMessage = undefined;
        this.#onStatus = undefined;
        resolve(result);
      };
      this.#onStatus = (code) => end({ kind: 'status', code });
      this.#onMessage = (message) => {
        if (this.#arrived.length >= enough || deliveredInfo(message).pending === 0) return end({ kind: 'arrived' });
        clearTimeout(timer);
        timer = setTimeout(() => end({ kind: 'arrived' }), quietMs);
      };
      this.#abortRound = aborted;
      signal?.addEventListener('abort', aborted, { once: true });
      this.#connection.nats.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`, toBytes(options), { reply });
    });
  }

  /** Creates the consumer again when it is gone (NATS lost its storage). Throws `BusError` while NATS does not answer. */
  async #restore(): Promise<void> {
    const { stream, durable } = this.#consumer;
    const info = await callApi(this.#connection, `CONSUMER.INFO.${stream}.${durable}`, undefined);
    if (info.kind === 'ok') return;
    if (info.fault.errCode !== faultCodes.consumerNotFound) throw refused(info.fault, durable);
    await addConsumer(this.#connection, this.#consumer);
  }

  /** What waited here for half the acknowledgement time is left to the server, which delivers it again. */
  #dropOld(): void {
    const oldest = monotonicMs() - this.#consumer.ackWaitMs / 2;
    const kept = this.#arrived.filter(({ atMs }) => atMs >= oldest);
    this.#arrived.splice(0, this.#arrived.length, ...kept);
  }

  #take(max: number): readonly Delivery<Data<T>>[] {
    return this.#arrived.splice(0, max).map(({ message }) => this.#delivery(message));
  }

  #delivery(message: Msg): Delivery<Data<T>> {
    const read = this.#checker.read(this.#declared.message, message.data);
    const reason = read.ok ? '' : `${read.field} ${read.reason}`;
    if (!read.ok) this.#connection.onEvent({ kind: 'unreadable', source: this.#declared.stream, reason });
    let settled = false;
    const once = () => {
      if (settled) throw new BusError(codedError('internal-error', { detail: 'a delivery was settled twice' }));
      settled = true;
    };
    const respond = (data: Uint8Array) => {
      if (!this.#connection.nats.isClosed()) message.respond(data);
    };
    return {
      subject: message.subject,
      context: contextOf(message.headers),
      body: read.ok ? { kind: 'read', value: read.value } : { kind: 'unreadable', reason },
      deliveries: deliveredInfo(message).deliveries,
      ack: async () => {
        once();
        // Whether it arrived does not matter: a lost one means another delivery, which is harmless.
        await this.#connection.ask(message.reply ?? '', acknowledgement.done, { timeoutMs: ackTimeoutMs });
      },
      retry: (delayMs) => {
        once();
        respond(acknowledgement.again(delayMs));
      },
      working: () => respond(acknowledgement.working),
    };
  }
}

/** An existing consumer always answers; the server says nothing at all to a request for one that is not there. */
const gone = (end: RoundEnd): boolean =>
  end.kind === 'silent' || (end.kind === 'status' && (end.code === 503 || end.code === 409));
