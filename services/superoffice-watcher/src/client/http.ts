// One HTTP call to the REST API of SuperOffice: headers, time limit, bounded concurrency, classified failures.
// Every request carries `SO-TimeZone: UTC, includeTZOffset`: without it dates come as wall time of a zone nobody names.
import { type CodedError, failure, type Outcome, success } from '@lockstep/contracts';
import { type Dispatcher, Pool } from 'undici';
import type { Authorization } from './authorization.ts';
import type { CallGate } from './call-gate.ts';
import { classifyAnswer, classifyBreak } from './classify.ts';

export interface SuperOfficeCall {
  /** Names the call in metrics; from a fixed list in the code. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`, each variable part encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sending it twice does no harm. */
  readonly repeatable: boolean;
}

export interface SuperOfficeAnswer {
  readonly status: number;
  /** Parsed JSON; undefined for an empty body. */
  readonly body: unknown;
  /** The server's clock, milliseconds since 1970, where it says. */
  readonly serverNow: number | undefined;
}

export interface SuperOfficeHttpOptions {
  /** The tenant's address, without `/api/v1`. */
  readonly baseUrl: string;
  readonly authorization: Authorization;
  readonly gate: CallGate;
  readonly connections: number;
  readonly timeoutMs: number;
  readonly maxReplyBytes: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
  readonly observe: (call: string, outcome: string, durationMs: number) => void;
}

export class SuperOfficeHttp {
  readonly #options: SuperOfficeHttpOptions;
  readonly #base: string;
  readonly #pool: Pool;

  constructor(options: SuperOfficeHttpOptions) {
    this.#options = options;
    const url = new URL(options.baseUrl);
    this.#base = `${url.pathname.replace(/\/+$/, '')}/api/v1`;
    this.#pool = new Pool(url.origin, {
      connections: options.connections,
      headersTimeout: options.timeoutMs,
      bodyTimeout: options.timeoutMs,
      maxResponseSize: options.maxReplyBytes,
      allowH2: false,
    });
  }

  /** Sends one request. 404, 409 and 412 are answers; everything else outside 2xx is a coded error. */
  async send(call: SuperOfficeCall, signal: AbortSignal): Promise<Outcome<SuperOfficeAnswer>> {
    const entered = await this.#options.gate.enter(signal);
    if (!entered.ok) return entered;
    const leave = entered.value;
    const startedAt = this.#options.monotonic();
    let error: CodedError | undefined;
    try {
      const outcome = await this.#sendNow(call, signal);
      if (!outcome.ok) error = outcome.error;
      return outcome;
    } finally {
      leave(error);
      this.#options.observe(call.name, error?.code ?? 'ok', this.#options.monotonic() - startedAt);
    }
  }

  /** Lets running calls end, then closes the connections. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  async #sendNow(call: SuperOfficeCall, signal: AbortSignal): Promise<Outcome<SuperOfficeAnswer>> {
    if (signal.aborted) return failure('deadline-passed');
    const authorization = await this.#options.authorization.headers(signal);
    if (!authorization.ok) return authorization;
    const timeLimit = AbortSignal.timeout(this.#options.timeoutMs);
    let response: Dispatcher.ResponseData;
    let text: string;
    try {
      response = await this.#pool.request({
        method: call.method,
        path: this.#base + call.path + queryText(call.query),
        headers: {
          accept: 'application/json',
          'so-timezone': 'UTC, includeTZOffset',
          'so-language': 'en',
          ...(call.body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }),
          ...call.headers,
          ...authorization.value,
        },
        body: call.body === undefined ? null : JSON.stringify(call.body),
        signal: AbortSignal.any([signal, timeLimit]),
      });
      text = await response.body.text();
    } catch (error) {
      return { ok: false, error: classifyBreak(error, timeLimit.aborted || signal.aborted, call.repeatable) };
    }
    return this.#read(call, response, text);
  }

  #read(call: SuperOfficeCall, response: Dispatcher.ResponseData, text: string): Outcome<SuperOfficeAnswer> {
    const body = parseJson(text);
    const error = classifyAnswer(
      {
        status: response.statusCode,
        retryAfter: single(response.headers['retry-after']),
        errorType: errorTypeOf(body),
      },
      call.repeatable,
      this.#options.now(),
    );
    if (error !== undefined) return { ok: false, error };
    if (body === notJson && response.statusCode < 300) return unreadable(call, 'not JSON');
    const date = Date.parse(single(response.headers['date']) ?? '');
    return success({
      status: response.statusCode,
      body: body === notJson ? undefined : body,
      serverNow: Number.isNaN(date) ? undefined : date,
    });
  }
}

export interface Checker<T> {
  Check(value: unknown): value is T;
}

/** Checks a body with its schema. A damaged answer to a write leaves its outcome unknown. */
export function parseBody<T>(
  checker: Checker<T>,
  call: Pick<SuperOfficeCall, 'repeatable' | 'name'>,
  body: unknown,
): Outcome<T> {
  return checker.Check(body) ? success(body) : unreadable(call, `unexpected form of ${call.name}`);
}

function unreadable(call: Pick<SuperOfficeCall, 'repeatable'>, detail: string): Outcome<never> {
  return failure(call.repeatable ? 'superoffice-reply-unreadable' : 'superoffice-unknown-outcome', { detail });
}

const notJson = Symbol('not JSON');

function parseJson(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // A proxy's or logon page; the caller says what that means.
    return notJson;
  }
}

function errorTypeOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('ErrorType' in body)) return undefined;
  return typeof body.ErrorType === 'string' ? body.ErrorType.slice(0, 100) : undefined;
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/** `%20` for a blank, never `+`: the filter grammar of SuperOffice would keep a plus. */
function queryText(query: Readonly<Record<string, string>> | undefined): string {
  const parts = Object.entries(query ?? {}).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}
