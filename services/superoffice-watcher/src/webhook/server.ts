// Where SuperOffice delivers. A server of its own, since its address is reachable from outside, unlike metrics and health.
import type { Kit } from '@lockstep/service-kit';
import { type FastifyInstance, fastify } from 'fastify';
import { watcherConfig } from '../config.ts';
import type { Deliveries, DeliveryResult } from './delivery.ts';

export interface WebhookServerOptions {
  readonly host: string;
  readonly port: number;
  readonly deliveries: Deliveries;
  readonly log: Kit['log'];
  readonly count: (result: DeliveryResult) => void;
}

export interface WebhookServer {
  /** Takes no new delivery and waits for those that run. */
  close(): Promise<void>;
}

export async function startWebhookServer(options: WebhookServerOptions): Promise<WebhookServer> {
  const { maxBodyBytes, requestTimeoutMs } = watcherConfig.webhook;
  const app = fastify({ bodyLimit: maxBodyBytes, requestTimeout: requestTimeoutMs, forceCloseConnections: 'idle' });
  app.removeAllContentTypeParsers();
  // The signature is over the raw bytes, so nothing may parse them before it is checked.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error: { readonly statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) options.log.error({ err: error }, 'webhook delivery ended by a defect');
    return reply.code(status).send({ result: 'refused' });
  });
  addRoute(app, options);
  await app.listen({ host: options.host, port: options.port });
  return { close: () => app.close() };
}

function addRoute(app: FastifyInstance, { deliveries, log, count }: WebhookServerOptions): void {
  app.post<{ Params: { tenant: string } }>('/hooks/superoffice/:tenant', async (request, reply) => {
    const result = await deliveries.receive({
      tenant: request.params.tenant,
      body: request.body instanceof Uint8Array ? request.body : new Uint8Array(),
      signature: header(request.headers['x-superoffice-signature']),
      isTest: header(request.headers['x-hook-test'])?.toLowerCase() === 'true',
    });
    count(result);
    if (result.status !== 200) log.warn({ status: result.status, what: result.what }, 'webhook delivery refused');
    return reply.code(result.status).send({ result: result.what });
  });
}

function header(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
