// The HTTP servers, without TLS and with it: which path is what.
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import { serveControl } from '../control/control-api.ts';
import { isOverTls } from '../http/tcp-connections.ts';
import type { Simulator } from '../simulator.ts';
import type { TlsFront } from '../tls/tls-front.ts';
import { serveAutodiscover } from './autodiscover-endpoint.ts';
import { serveEws } from './ews-endpoint.ts';
import { serveOab } from './oab-endpoint.ts';
import { serveToken } from './token-endpoint.ts';

const connectionOptions = { keepAliveTimeout: 120_000, noDelay: true } as const;

/** A server that is not listening yet. */
export function createHttpServer(simulator: Simulator): Server {
  return createServer(connectionOptions, listenerOf(simulator));
}

/** The same over TLS, without the control API. When the settings change, everybody has to shake hands anew. */
export function createTlsServer(simulator: Simulator, front: TlsFront): SecureServer {
  const server = createSecureServer({ ...connectionOptions, ...front.secureContext() }, listenerOf(simulator));
  simulator.tcp.watch(server);
  front.onChange(() => {
    // Sessions of before are not resumed: the keys of their tickets go with the old context.
    server.setSecureContext(front.secureContext());
    simulator.tcp.destroyAll();
  });
  return server;
}

function listenerOf(simulator: Simulator): RequestListener {
  return (request, response) => {
    request.on('error', () => request.destroy());
    response.on('error', () => response.destroy());
    route(simulator, request, response).catch((error: unknown) => {
      if (!response.destroyed) process.emitWarning(String(error), 'ExchangeSimulator');
      response.destroy();
    });
  };
}

async function route(simulator: Simulator, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '/').split('?')[0]?.toLowerCase() ?? '/';
  const forControl = path.startsWith('/control/') && !isOverTls(request);
  const frozen = forControl ? undefined : simulator.freezer.wait();
  if (frozen !== undefined) await frozen;
  if (path === '/ews/exchange.asmx') return serveEws(simulator, request, response);
  if (forControl) return serveControl(simulator, request, response);
  if (path.startsWith('/autodiscover/')) return serveAutodiscover(simulator, request, response);
  if (path.startsWith('/oab/')) {
    serveOab(simulator, request, response);
    return;
  }
  if (path.endsWith('/oauth2/v2.0/token')) return serveToken(simulator, request, response);
  if (path === '/healthz') {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end('{"status":"ok"}');
    return;
  }
  response.writeHead(404, { 'Content-Type': 'text/plain' });
  response.end('Not found\n');
}
