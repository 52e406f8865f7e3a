// The API below /api/v1: the token, the checks, the errors and the measuring that hold for every route.
import { BusError } from '@lockstep/bus';
import { type CodedError, codedError, UnreadableRecord } from '@lockstep/contracts';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { standardRetryAfterMs } from '../config.ts';
import type { Metrics } from '../metrics.ts';
import type { Administrator } from '../store/administrator.ts';
import { Problem, problemOf, Refusal, statusOf } from './problem.ts';
import type { Api } from './types.ts';
import { validatorCompiler } from './validator.ts';

export interface ApiSurroundings {
  readonly administrator: Administrator;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Prepares a scope of the server, before its routes are added. */
export function prepareApi(api: Api, { administrator, metrics, log }: ApiSurroundings): void {
  api.setValidatorCompiler(validatorCompiler);
  api.addSchema(Problem);

  api.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const token = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined || !administrator.admits(token)) throw new Refusal(codedError('unauthorized'));
  });

  api.addHook('onResponse', async (request, reply) => {
    const { method = request.method, url = 'none' } = request.routeOptions;
    const labels = { method: String(method), route: url, status: `${Math.floor(reply.statusCode / 100)}xx` };
    metrics.answers.observe(labels, reply.elapsedTime / 1000);
  });

  const refuse = (reply: FastifyReply, error: CodedError, status = statusOf(error)) => {
    metrics.refusals.inc({ code: error.code });
    if (error.code === 'unauthorized') reply.header('www-authenticate', 'Bearer realm="lockstep"');
    if (error.retry === 'busy') {
      reply.header('retry-after', String(Math.ceil((error.backOffMs ?? standardRetryAfterMs) / 1000)));
    }
    return reply.code(status).send(problemOf(error));
  };

  api.setNotFoundHandler((_, reply) => refuse(reply, codedError('not-found')));

  api.setErrorHandler((error: unknown, request: FastifyRequest, reply) => {
    if (error instanceof Refusal || error instanceof BusError || error instanceof UnreadableRecord)
      return refuse(reply, error.error);
    const known = isFastifyError(error) ? requestFault(error) : undefined;
    if (known !== undefined) return refuse(reply, known.error, known.status);
    log.error({ err: error, route: request.routeOptions.url }, 'request failed unexpectedly');
    return refuse(reply, codedError('internal-error'));
  });
}

const isFastifyError = (error: unknown): error is FastifyError =>
  error instanceof Error && 'code' in error && 'statusCode' in error;

/** What Fastify itself refuses before a route sees it: bodies that are no JSON, too large, or of another type. */
function requestFault({ code, statusCode }: FastifyError): { error: CodedError; status: number } | undefined {
  if (statusCode === undefined || statusCode < 400 || statusCode > 499) return undefined;
  if (statusCode === 413) return { status: 413, error: codedError('message-too-large', { field: 'body' }) };
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    const field = 'content-type';
    const message = `${field} must be application/json`;
    return { status: 415, error: codedError('request-invalid', { field, message }) };
  }
  return { status: statusCode, error: codedError('request-invalid', { field: 'body', message: 'body must be JSON' }) };
}
