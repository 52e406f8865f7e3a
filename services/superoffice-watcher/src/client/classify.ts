// What an HTTP answer or a broken connection of SuperOffice means for the caller. Pure.
// The newcomer's trap: a connection that breaks after the request was sent says nothing about whether it was carried out;
// only for requests that may be repeated without harm is that a plain "unreachable".
import { type CodedError, codedError, type ErrorCode } from '@lockstep/contracts';
import { watcherConfig } from '../config.ts';

/** Answers that are results, not failures: the caller decides what a missing row or a failed precondition means. */
const results = new Set([200, 201, 204, 404, 409, 412]);

/** Errors that come before a request's first byte: the name, the address, the connection, the certificate. */
const nothingSentCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
]);

export interface AnswerHead {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** `ErrorType` of SuperOffice's own error body; undefined when the body is something else. */
  readonly errorType: string | undefined;
}

/**
 * The error of an answer, or undefined when it is a result. Source: reference of the REST API, "Errors".
 *
 * @param repeatable whether sending the request twice does no harm
 * @param now milliseconds since 1970, for a Retry-After that is a date
 */
export function classifyAnswer(head: AnswerHead, repeatable: boolean, now: number): CodedError | undefined {
  const { status, errorType } = head;
  if (results.has(status)) return undefined;
  const detail = errorType === undefined ? `HTTP ${status}` : `HTTP ${status} ${errorType}`;
  switch (status) {
    case 400:
    case 405:
    case 406:
    case 413:
    case 415:
      return codedError('superoffice-refused', { detail });
    case 401:
      return codedError('superoffice-unauthorized', { detail });
    case 403:
      return codedError('superoffice-access-denied', { detail });
    case 421:
      // Wrong numbered host: the tenant has moved (Online, since 2023-11-17).
      return codedError('superoffice-unreachable', { detail });
    case 429:
    case 503:
      return codedError('superoffice-busy', { detail, backOffMs: pauseMs(head.retryAfter, now) });
    case 502:
    case 504:
      // A proxy lost the server: the request may have been carried out.
      return codedError(repeatable ? 'superoffice-unreachable' : 'superoffice-unknown-outcome', { detail });
    default:
      if (status >= 500) return codedError('superoffice-failed', { detail });
      return codedError('superoffice-reply-unreadable', { detail });
  }
}

/** The error of a call that ended without an answer. `timedOut`: our own time limit for the call had passed. */
export function classifyBreak(error: unknown, timedOut: boolean, repeatable: boolean): CodedError {
  const code = codeOf(error);
  const detail = code === undefined ? undefined : { detail: code };
  if (code !== undefined && nothingSent(code)) return codedError('superoffice-unreachable', detail);
  if (!repeatable) return codedError('superoffice-unknown-outcome', detail);
  if (timedOut || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    return codedError('superoffice-timeout', detail);
  }
  return codedError('superoffice-unreachable', detail);
}

const rowCodes: ReadonlySet<ErrorCode> = new Set([
  'superoffice-refused',
  'superoffice-access-denied',
  'superoffice-failed',
  'superoffice-reply-unreadable',
]);

/** True when something is wrong with the one row that was asked for: it must not hold up the others. */
export function isRowFailure(error: CodedError): boolean {
  return rowCodes.has(error.code);
}

function nothingSent(code: string): boolean {
  return nothingSentCodes.has(code) || code.startsWith('ERR_TLS_') || code.includes('CERT');
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Retry-After as milliseconds, in seconds or as a date (RFC 9110 §10.2.3), within sensible limits. */
function pauseMs(retryAfter: string | undefined, now: number): number {
  const { standardPauseMs, longestPauseMs } = watcherConfig.calls;
  if (retryAfter === undefined) return standardPauseMs;
  const wanted = /^\d+$/.test(retryAfter.trim()) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now;
  if (!Number.isFinite(wanted)) return standardPauseMs;
  return Math.min(Math.max(wanted, 0), longestPauseMs);
}
