// One request on its way through the front end, and the ways in which it is answered.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestRecord } from '../observe/request-log.ts';
import type { Answer } from '../operations/run-operation.ts';
import type { Simulator } from '../simulator.ts';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly record: RequestRecord;
  readonly headers: Record<string, string | string[]>;
  /** Ends the connection so that the client sees a reset. */
  readonly reset: () => void;
}

/** Answers with an envelope, which is recorded. */
export function sendAnswer(simulator: Simulator, exchange: Exchange, answer: Answer): void {
  exchange.record.responseCode = answer.code;
  simulator.recorder?.record(`response-${exchange.record.operation ?? 'none'}`, answer.body);
  send(exchange, answer.status, 'text/xml; charset=utf-8', answer.body);
}

/** Answers without SOAP. */
export function sendPlain(exchange: Exchange, status: number, body: string): void {
  send(exchange, status, 'text/html; charset=utf-8', body);
}

function send(exchange: Exchange, status: number, type: string, body: string): void {
  const { response, record } = exchange;
  record.status = status;
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, { ...exchange.headers, 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

/** What stands on every answer of the front end. */
export function standardHeaders(request: IncomingMessage): Record<string, string | string[]> {
  const id = request.headers['client-request-id'];
  const wantsId = request.headers['return-client-request-id']?.toString().toLowerCase() === 'true';
  return {
    'request-id': randomUUID(),
    ...(typeof id === 'string' && wantsId ? { 'client-request-id': id } : {}),
    'X-FEServer': 'EXCH01',
    'X-BEServer': 'EXCH01',
    'X-DiagInfo': 'EXCH01',
    'Cache-Control': 'private',
  };
}
