// The one connection to NATS, with what the client lacks: a question that ends when the connection does (the client would keep
// the caller waiting for an answer that never comes), and distrust: a connection on which the server refuses what we need is
// no connection, whatever its socket says.
import { codedError } from '@lockstep/contracts';
import { createInbox, type Msg, type MsgHdrs, type NatsConnection, NatsError, type Subscription } from 'nats';
import { BusError } from './bus.ts';
import type { OnBusEvent } from './events.ts';
import { monotonicMs, wait } from './wait.ts';

/** What became of a question. `timeout` and `disconnected`: it may or may not have been carried out. */
export type Answer =
  | { readonly kind: 'answered'; readonly data: Uint8Array }
  | { readonly kind: 'no-responders' | 'timeout' | 'disconnected' | 'not-permitted' | 'aborted' };

export interface AskOptions {
  readonly timeoutMs: number;
  readonly headers?: MsgHdrs;
  readonly signal?: AbortSignal;
}

/** A permission that is missing for good must not make us connect again and again: once in so long. */
const distrustEveryMs = 10_000;

export class Connection {
  readonly nats: NatsConnection;
  readonly onEvent: OnBusEvent;
  #connected = true;
  #distrusted = false;
  #distrustedAt = Number.NEGATIVE_INFINITY;
  #epoch = 0;
  #closing = false;
  readonly #onLost = new Set<() => void>();
  readonly #onBack = new Set<() => void>();
  readonly #reconnectListeners: (() => void)[] = [];
  readonly #inboxPrefix: string;

  constructor(nats: NatsConnection, inboxPrefix: string, onEvent: OnBusEvent) {
    this.nats = nats;
    this.#inboxPrefix = inboxPrefix;
    this.onEvent = onEvent;
    void this.#follow();
  }

  /** False while it is lost, and from a refusal of the server on until there is another one. */
  connected(): boolean {
    return this.#connected && !this.#distrusted && !this.nats.isClosed();
  }

  /** Grows with each loss. An answer may leave only on the connection that its question came on: the server refuses any other. */
  get epoch(): number {
    return this.#epoch;
  }

  /** A subject of our own that nobody else may listen to. */
  newInbox(): string {
    return createInbox(this.#inboxPrefix);
  }

  onReconnect(listener: () => void): void {
    this.#reconnectListeners.push(listener);
  }

  /** Sends a question and waits for its answer, at most `timeoutMs`; while disconnected it waits to be connected first. */
  async ask(subject: string, data: Uint8Array, options: AskOptions): Promise<Answer> {
    const deadline = monotonicMs() + options.timeoutMs;
    if (options.signal?.aborted) return { kind: 'aborted' };
    if (!(await this.connectedWithin(options.timeoutMs, options.signal)))
      return { kind: options.signal?.aborted ? 'aborted' : 'disconnected' };
    const timeout = Math.floor(deadline - monotonicMs());
    if (timeout < 1) return { kind: 'timeout' };
    return new Promise((resolve, reject) => {
      const settle = (answer: Answer) => {
        this.#onLost.delete(lost);
        options.signal?.removeEventListener('abort', aborted);
        resolve(answer);
      };
      const lost = () => settle({ kind: 'disconnected' });
      const aborted = () => settle({ kind: 'aborted' });
      this.#onLost.add(lost);
      options.signal?.addEventListener('abort', aborted, { once: true });
      this.nats.request(subject, data, { timeout, ...(options.headers ? { headers: options.headers } : {}) }).then(
        (message) => settle({ kind: 'answered', data: message.data }),
        (error: unknown) => (error instanceof NatsError ? settle(failed(error)) : reject(error)),
      );
    });
  }

  /** True as soon as the connection stands, false when it does not within the time. */
  connectedWithin(ms: number, signal?: AbortSignal): Promise<boolean> {
    if (this.connected()) return Promise.resolve(true);
    if (this.nats.isClosed() || signal?.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(timer);
        this.#onBack.delete(settle);
        signal?.removeEventListener('abort', settle);
        resolve(this.connected());
      };
      const timer = setTimeout(settle, ms);
      this.#onBack.add(settle);
      signal?.addEventListener('abort', settle, { once: true });
    });
  }

  /** Subscribes and waits until the server has accepted it; throws `BusError` when it refuses or cannot be reached. */
  async subscribe(subject: string, onMessage: (message: Msg) => void, queue?: string): Promise<Subscription> {
    let refused: NatsError | undefined;
    let accepted = false;
    const subscription = this.nats.subscribe(subject, {
      ...(queue === undefined ? {} : { queue }),
      callback: (error, message) => {
        if (error === null) onMessage(message);
        else if (!accepted) refused = error;
        // Nothing would come here any more, and nobody would notice: the process has to start anew.
        else void this.nats.close();
      },
    });
    const flushed = await this.nats.flush().catch((error: unknown) => error);
    const cause = refused ?? flushed;
    accepted = cause === undefined;
    if (accepted) return subscription;
    subscription.unsubscribe();
    throw new BusError(codedError('bus-unavailable', { detail: `subscription to ${subject}` }), cause);
  }

  /** For good: every question under way ends, and nobody is told that the connection was lost. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.nats.close();
    this.#connected = false;
    for (const settle of [...this.#onLost, ...this.#onBack]) settle();
  }

  /** Whoever asks waits from now on for the next connection. */
  async #distrust(): Promise<void> {
    if (this.#distrusted) return;
    this.#distrusted = true;
    await wait(this.#distrustedAt + distrustEveryMs - monotonicMs());
    if (!this.#distrusted || this.#closing) return;
    this.#distrustedAt = monotonicMs();
    await this.nats.reconnect().catch(() => undefined);
  }

  async #follow(): Promise<void> {
    for await (const status of this.nats.status()) {
      switch (String(status.type)) {
        case 'disconnect':
          this.#connected = false;
          this.#epoch++;
          for (const lost of [...this.#onLost]) lost();
          if (!this.#closing) this.onEvent({ kind: 'disconnected' });
          break;
        case 'reconnect':
          this.#connected = true;
          this.#distrusted = false;
          this.onEvent({ kind: 'reconnected', serverId: this.nats.info?.server_id ?? '' });
          for (const back of [...this.#onBack]) back();
          for (const listener of this.#reconnectListeners) listener();
          break;
        case 'error':
          if (status.permissionContext !== undefined) {
            const { operation, subject } = status.permissionContext;
            this.onEvent({ kind: 'not-permitted', detail: `${operation} ${subject}` });
            if (operation === 'publish') void this.#distrust();
          }
          break;
      }
    }
  }
}

function failed(error: NatsError): Answer {
  switch (error.code) {
    case '503':
      return { kind: 'no-responders' };
    case 'TIMEOUT':
      return { kind: 'timeout' };
    case 'PERMISSIONS_VIOLATION':
      return { kind: 'not-permitted' };
    default:
      // Closed, closing or cut: whether it was carried out is not known.
      return { kind: 'disconnected' };
  }
}
