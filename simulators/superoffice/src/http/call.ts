// One authenticated API request as the handlers see it, and what they answer. Handlers know nothing of fastify: the
// server turns requests into calls (see api.ts).

import { notFound, SoError } from '../input/error.ts';
import type { AssociateRow } from '../store/rows.ts';
import type { Dates } from '../time/dates.ts';

export interface Call {
  readonly method: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The parsed body; null when there was none. */
  readonly body: unknown;
  readonly actor: AssociateRow;
  readonly dates: Dates;
  /** `http://host/Cust00001/api/v1`, for links. */
  readonly apiUrl: string;
  /** Path and query as they were asked for. */
  readonly url: string;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Handler = (call: Call) => Answer | Promise<Answer>;

/** Adds a route below `/api/v1`. */
export type AddRoute = (method: string, path: string, handler: Handler) => void;

export const ok = (body: unknown, headers?: Readonly<Record<string, string>>): Answer =>
  headers === undefined ? { status: 200, body } : { status: 200, body, headers };

export const noContent: Answer = { status: 204 };

/** A primary key in a path. Anything that is no number is a path that does not exist. */
export function idParam(call: Call, name: string, what: string): number {
  const value = call.params[name] ?? '';
  if (!/^\d{1,9}$/.test(value)) throw notFound(what, value.slice(0, 40));
  return Number(value);
}

export const textParam = (call: Call, name: string): string => call.params[name] ?? '';

/** 412 when the row changed after `If-Unmodified-Since`. Both have a precision of one second. */
export function checkUnmodified(call: Call, stampMs: number): void {
  const since = Date.parse(call.headers['if-unmodified-since'] ?? '');
  if (!Number.isNaN(since) && stampMs > since) {
    throw new SoError(412, 'SoPreconditionFailedException', 'The entity has been modified since the given time');
  }
}

export function notModifiedSince(call: Call, stampMs: number): boolean {
  const since = Date.parse(call.headers['if-modified-since'] ?? '');
  return !Number.isNaN(since) && stampMs <= since;
}

export const lastModified = (stampMs: number): Readonly<Record<string, string>> => ({
  'Last-Modified': new Date(stampMs).toUTCString(),
});
