// Kept-alive connections, one request at a time on each. We hold the connections ourselves, because a token may be released only
// when the socket of an aborted call is closed: a shared undici Agent does not tell when that is. A connection belongs to one route,
// and one that NTLM signs in to one account: it is never given to another.
import type { Socket } from 'node:net';
import { Client } from 'undici';
import { makeConnector } from './connector.ts';
import type { NtlmAccount } from './ntlm/messages.ts';
import type { Route } from './route.ts';

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

/** How a server is reached, and as whom where the connection itself is signed in. */
export interface Via {
  readonly route: Route;
  readonly ntlm?: NtlmAccount;
}

/** The socket under a connection, which the client may replace when the server has closed it. */
export interface Line {
  socket: Socket | undefined;
  /** Whether NTLM has signed this socket in. */
  signedIn: boolean;
}

export interface Connection {
  readonly origin: string;
  /** Who may use it: equal for the same origin, route and account. */
  readonly owner: string;
  readonly client: Client;
  readonly line: Line;
  /** True when it carried a request before, so that the server may have closed it meanwhile. */
  readonly reused: boolean;
}

interface Idle {
  readonly connection: Connection;
  readonly idleFromAt: number;
}

export class ConnectionPool {
  readonly #options: ConnectionPoolOptions;
  #idle: readonly Idle[] = [];

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  /** A connection to this origin for one request: the one used last, else a new one. */
  take(origin: string, via: Via, purpose: 'read' | 'write' | 'stream'): Connection {
    const now = this.#options.monotonic();
    const maxIdleMs =
      purpose === 'read'
        ? this.#options.idleMs
        : purpose === 'write'
          ? this.#options.freshMs
          : Number.NEGATIVE_INFINITY;
    const owner = ownerOf(origin, via);
    const found = this.#idle.findLast(
      ({ connection, idleFromAt }) => connection.owner === owner && now - idleFromAt < maxIdleMs,
    );
    if (found === undefined) return this.#open(origin, owner, via.route);
    this.#idle = this.#idle.filter((idle) => idle !== found);
    return { ...found.connection, reused: true };
  }

  /** Gives a connection back after a complete answer. */
  give(connection: Connection): void {
    const kept = [...this.#idle, { connection, idleFromAt: this.#options.monotonic() }];
    const surplus = kept.slice(0, Math.max(0, kept.length - this.#options.maxIdle));
    this.#idle = kept.slice(surplus.length);
    for (const idle of surplus) void idle.connection.client.destroy();
  }

  /** Closes a connection whose request failed; resolves when its socket is closed. */
  async discard(connection: Connection): Promise<void> {
    await connection.client.destroy();
  }

  /** Closes the idle connections, for example when the server or the credentials have changed. */
  async closeIdle(): Promise<void> {
    const closing = this.#idle;
    this.#idle = [];
    await Promise.all(closing.map((idle) => idle.connection.client.destroy()));
  }

  #open(origin: string, owner: string, route: Route): Connection {
    const { idleMs, connectTimeoutMs } = this.#options;
    const line: Line = { socket: undefined, signedIn: false };
    const onSocket = (socket: Socket) => Object.assign(line, { socket, signedIn: false });
    const client = new Client(origin, {
      allowH2: false,
      pipelining: 1,
      keepAliveTimeout: idleMs,
      keepAliveMaxTimeout: idleMs,
      connect: makeConnector({ route, timeoutMs: connectTimeoutMs, onSocket }),
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    return { origin, owner, client, line, reused: false };
  }
}

function ownerOf(origin: string, { route, ntlm }: Via): string {
  return JSON.stringify([
    origin,
    route.key,
    ...(ntlm === undefined ? [] : [ntlm.domain, ntlm.userName, ntlm.password]),
  ]);
}
