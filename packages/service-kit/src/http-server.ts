// The HTTP server of every service: metrics, health, readiness, and the routes that the service adds.
// It listens before the service has started, so that a probe is answered meanwhile; Fastify takes no routes after its first
// request, so until `open` everything but those three is answered 503 here.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type FastifyInstance, fastify } from 'fastify';
import type { Registry } from 'prom-client';

export interface Readiness {
  readonly nats: boolean;
  readonly settings: boolean;
  readonly service: boolean;
}

export interface HttpServer {
  readonly app: FastifyInstance;
  /** Port 0 takes a free one. Returns the address. */
  listen(host: string, port: number): Promise<string>;
  /** From now on the routes of the service answer. */
  open(): Promise<void>;
  close(): Promise<void>;
}

export interface HttpServerOptions {
  readonly metrics: Registry;
  readonly readiness: () => Readiness;
  /** For tests, which start a service by hand: the first request opens. */
  readonly opensByItself?: boolean;
}

type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

const bodyLimitBytes = 1024 * 1024;
const requestTimeoutMs = 60_000;

export function createHttpServer({ metrics, readiness, opensByItself = false }: HttpServerOptions): HttpServer {
  let opened: Promise<unknown> | undefined;
  const created: { server: Server | undefined } = { server: undefined };
  const app = fastify({
    // Request logs hold addresses and names in their paths.
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: true,
    serverFactory: (handler) => {
      created.server = createServer((request, response) => route(handler, request, response));
      created.server.requestTimeout = requestTimeoutMs;
      return created.server;
    },
  });
  const open = async () => {
    opened ??= Promise.resolve(app.ready());
    await opened;
  };

  const route = (handler: RequestListener, request: IncomingMessage, response: ServerResponse): void => {
    if (opened === undefined && !opensByItself) return void answerEarly(request, response);
    open().then(
      () => handler(request, response),
      () => response.writeHead(500).end(),
    );
  };
  const status = () => {
    const state = readiness();
    const ready = state.nats && state.settings && state.service;
    return { code: ready ? 200 : 503, body: { ready, ...state } };
  };
  const answerEarly = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const json = (code: number, body: unknown) =>
      response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.url === '/healthz') json(200, { status: 'ok' });
    else if (request.url === '/readyz') json(503, status().body);
    else if (request.url === '/metrics')
      response.writeHead(200, { 'content-type': metrics.contentType }).end(await metrics.metrics());
    else json(503, { status: 'starting' });
  };

  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const { code, body } = status();
    return reply.code(code).send(body);
  });
  app.get('/metrics', async (_request, reply) => {
    return reply.type(metrics.contentType).send(await metrics.metrics());
  });

  const server = (): Server => {
    if (created.server === undefined) throw new Error('fastify made no server');
    return created.server;
  };
  return {
    app,
    open,
    async listen(host, port) {
      server().listen(port, host);
      await once(server(), 'listening');
      const address = server().address();
      if (address === null || typeof address === 'string') throw new Error('the HTTP server has no port');
      return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
    },
    async close() {
      await app.close();
      if (!server().listening) return;
      const closed = once(server(), 'close');
      server().close();
      server().closeAllConnections();
      await closed;
    },
  };
}
