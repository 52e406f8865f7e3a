// The HTTP server: which path is what.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { serveControl } from '../control/control-api.ts';
import type { Simulator } from '../simulator.ts';
import { serveAutodiscover } from './autodiscover-endpoint.ts';
import { serveEws } from './ews-endpoint.ts';
import { serveOab } from './oab-endpoint.ts';
import { serveToken } from './token-endpoint.ts';

/** A server that is not listening yet. */
export function createHttpServer(simulator: Simulator): Server {
  const server = createServer({ keepAliveTimeout: 120_000, noDelay: true }, (request, response) => {
    request.on('error', () => request.destroy());
    response.on('error', () => response.destroy());
    route(simulator, request, response).catch((error: unknown) => {
      if (!response.destroyed) process.emitWarning(String(error), 'ExchangeSimulator');
      response.destroy();
    });
  });
  return server;
}

async function route(simulator: Simulator, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '/').split('?')[0]?.toLowerCase() ?? '/';
  const frozen = path.startsWith('/control/') ? undefined : simulator.freezer.wait();
  if (frozen !== undefined) await frozen;
  if (path === '/ews/exchange.asmx') return serveEws(simulator, request, response);
  if (path.startsWith('/control/')) return serveControl(simulator, request, response);
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
