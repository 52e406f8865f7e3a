// How a connection of a route comes about: TCP or a tunnel, then TLS for https. Everything is tunnelled where there is a proxy, plain
// http to this machine too: NTLM needs one connection from end to end.
import type { Socket } from 'node:net';
import { buildConnector } from 'undici';
import { leastTlsVersion, type Route } from './route.ts';
import { openTunnel } from './tunnel.ts';

export interface ConnectorOptions {
  readonly route: Route;
  /** For the tunnel, and again for TCP and TLS. */
  readonly timeoutMs: number;
  /** Told of each socket that stands: the one that the next request goes out on. */
  readonly onSocket: (socket: Socket) => void;
}

export function makeConnector({ route, timeoutMs, onSocket }: ConnectorOptions): buildConnector.connector {
  const { proxy, secureContext } = route;
  const direct = buildConnector({
    allowH2: false,
    timeout: timeoutMs,
    minVersion: leastTlsVersion,
    ...(secureContext === undefined ? {} : { secureContext }),
  });
  return (options, callback) => {
    const done: buildConnector.Callback = (...came) => {
      if (came[0] === null) onSocket(came[1]);
      callback(...came);
    };
    if (proxy === undefined) return direct(options, done);
    const secure = options.protocol === 'https:';
    const port = Number(options.port) || (secure ? 443 : 80);
    openTunnel(proxy, { hostname: options.hostname, port }, timeoutMs, (error, socket) => {
      if (error !== null) callback(error, null);
      else if (socket === null) callback(new Error('no tunnel'), null);
      else if (secure) direct({ ...options, httpSocket: socket }, done);
      else done(null, socket);
    });
  };
}
