// Tries one by one what has to stand before a request can be sent: the name, the port, the way with TLS. Nothing is sent by it but what a
// tunnel and TLS need. With a proxy, name and port are the proxy's: it looks the server up itself.
import { lookup } from 'node:dns/promises';
import { connect, type Socket } from 'node:net';
import { makeConnector } from './connector.ts';
import type { Route } from './route.ts';
import { networkFailure, TransportError } from './transport-error.ts';

/** Each rejects with a `TransportError`. */
export interface Probe {
  /** The addresses of the name. */
  name(): Promise<readonly string[]>;
  port(): Promise<void>;
  /** Tunnel and TLS, as a call has them. */
  way(): Promise<void>;
}

export function probeOf(url: URL, route: Route, timeoutMs: number): Probe {
  const first = route.proxy?.url ?? url;
  const hostname = first.hostname.replace(/^\[|\]$/g, '');
  return {
    name: async () => {
      const found = lookup(hostname, { all: true });
      return (await within(timeoutMs, found)).map(({ address }) => address);
    },
    port: async () => {
      const socket = connect({ host: hostname, port: portOf(first) });
      try {
        await within(timeoutMs, stands(socket));
      } finally {
        socket.destroy();
      }
    },
    way: () =>
      new Promise((resolve, reject) => {
        const connector = makeConnector({ route, timeoutMs, onSocket: (socket) => socket.destroy() });
        const { hostname: host, protocol } = url;
        connector({ hostname: host, host, protocol, port: String(portOf(url)), servername: '' }, (...[error]) =>
          error === null ? resolve() : reject(failed(error)),
        );
      }),
  };
}

function stands(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => socket.once('connect', () => resolve()).once('error', reject));
}

async function within<T>(timeoutMs: number, promise: Promise<T>): Promise<T> {
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(() => over.reject(new TransportError('timeout', false)), timeoutMs);
  try {
    return await Promise.race([promise, over.promise]);
  } catch (error) {
    throw failed(error);
  } finally {
    clearTimeout(timer);
  }
}

function failed(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const { failure, systemCode } = networkFailure(error);
  return new TransportError(failure, false, systemCode);
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}
