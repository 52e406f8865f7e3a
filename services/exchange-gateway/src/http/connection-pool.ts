// Kept-alive connections, one request at a time on each. We hold the connections ourselves, because a token may be released only
// when the socket of an aborted call is closed: a shared undici Agent does not tell when that is.
import { Client } from 'undici';

export interface ConnectionPoolOptions {
  /** Connections kept open without a request. Those in use are bounded by the tokens and by the bounds of the operations. */
  readonly maxIdle: number;
  /** An idle connection is closed after this time; below what servers and load balancers allow (IIS: 120 s). */
  readonly idleMs: number;
  /** A write rides only on a connection used within this time: on a stale one its outcome would be unknown. */
  readonly freshMs: number;
  readonly connectTimeoutMs: number;
  readonly monotonic: () => number;
}

export interface Connection {
  readonly origin: string;
  readonly client: Client;
  /** True when it carried a request before, so that the server may have closed it meanwhile. */
  readonly reused: boolean;
}

interface Idle {
  readonly origin: string;
  readonly client: Client;
  readonly idleFromAt: number;
}

export class ConnectionPool {
  readonly #options: ConnectionPoolOptions;
  #idle: readonly Idle[] = [];

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  /** A connection to this origin for one request: the one used last, else a new one. */
  take(origin: string, purpose: 'read' | 'write' | 'stream'): Connection {
    const now = this.#options.monotonic();
    const maxIdleMs =
      purpose === 'read'
        ? this.#options.idleMs
        : purpose === 'write'
          ? this.#options.freshMs
          : Number.NEGATIVE_INFINITY;
    const found = this.#idle.findLast((idle) => idle.origin === origin && now - idle.idleFromAt < maxIdleMs);
    if (found === undefined) return { origin, client: this.#open(origin), reused: false };
    this.#idle = this.#idle.filter((idle) => idle !== found);
    return { origin, client: found.client, reused: true };
  }

  /** Gives a connection back after a complete answer. */
  give(connection: Connection): void {
    const { origin, client } = connection;
    const kept = [...this.#idle, { origin, client, idleFromAt: this.#options.monotonic() }];
    const surplus = kept.slice(0, Math.max(0, kept.length - this.#options.maxIdle));
    this.#idle = kept.slice(surplus.length);
    for (const idle of surplus) void idle.client.destroy();
  }

  /** Closes a connection whose request failed; resolves when its socket is closed. */
  async discard(connection: Connection): Promise<void> {
    await connection.client.destroy();
  }

  /** Closes the idle connections, for example when the server or the credentials have changed. */
  async closeIdle(): Promise<void> {
    const closing = this.#idle;
    this.#idle = [];
    await Promise.all(closing.map((idle) => idle.client.destroy()));
  }

  #open(origin: string): Client {
    const { idleMs, connectTimeoutMs } = this.#options;
    return new Client(origin, {
      allowH2: false,
      pipelining: 1,
      keepAliveTimeout: idleMs,
      keepAliveMaxTimeout: idleMs,
      connect: { timeout: connectTimeoutMs },
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }
}
