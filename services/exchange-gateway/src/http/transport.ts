// Our HTTP transport for EWS: connections, time limits, abort, cookies, gzip. When `post` or `stream` settles, the answer is
// complete or the socket is closed; only then may the token of the call be released.
import type { IncomingHttpHeaders } from 'node:http';
import { gunzipSync, inflateSync } from 'node:zlib';
import type { Connection, ConnectionPool, Via } from './connection-pool.ts';
import type { CookieJar } from './cookies.ts';
import { exchangeOnce, type HttpAnswer, type HttpRequest } from './exchange-once.ts';
import { sendSignedIn } from './ntlm/sign-in.ts';
import { TransportError } from './transport-error.ts';

export interface Post {
  /** POST unless it is said. */
  readonly method?: 'GET' | 'POST';
  readonly url: URL;
  /** By which way, and as whom where the connection is signed in. */
  readonly via: Via;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** A write is never put on a connection that the server may have closed meanwhile. */
  readonly purpose: 'read' | 'write';
  readonly cookies?: CookieJar;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly mayStart: () => boolean;
  /** Asked before the next request of the same token, where a handshake needs several; true unless it is said. */
  readonly mayGoOn?: () => boolean;
}

export interface StreamingPost extends Omit<Post, 'purpose' | 'timeoutMs'> {
  /** Longest silence; Exchange sends a sign of life every 45 s. */
  readonly idleMs: number;
  readonly onData: (piece: Buffer) => void;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly latencyMs: number;
}

export interface TransportOptions {
  readonly pool: ConnectionPool;
  readonly userAgent: string;
  /** Largest answer, before and after gunzip. */
  readonly maxAnswerBytes: number;
  readonly monotonic: () => number;
}

export class Transport {
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** Sends one request and reads the whole answer, whatever its status. Rejects with `TransportError`. */
  async post(post: Post): Promise<Answer> {
    const { pool, maxAnswerBytes } = this.#options;
    const connection = pool.take(post.url.origin, post.via, post.purpose);
    try {
      const headers = { 'Accept-Encoding': 'gzip, deflate', ...this.#headers(post) };
      const request = { ...httpPart(post), headers, timeoutMs: post.timeoutMs, maxBytes: maxAnswerBytes };
      const answer = await this.#send(connection, request, post);
      const text = this.#textOf(answer);
      post.cookies?.take(answer.headers['set-cookie']);
      pool.give(connection);
      return { status: answer.status, headers: answer.headers, text, latencyMs: answer.latencyMs };
    } catch (error) {
      await pool.discard(connection);
      if (!(error instanceof TransportError) || !connection.reused) throw error;
      throw new TransportError(error.failure, error.sent, error.systemCode, true);
    }
  }

  /** Sends a form, as a service that gives tokens wants it. That is no call of Exchange and needs no permit. */
  async postForm(url: URL, form: string, via: Via, timeoutMs: number): Promise<Answer> {
    return this.post({
      url,
      via,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' },
      body: form,
      // Never on a connection that may be dead: it is not sent twice.
      purpose: 'write',
      signal: AbortSignal.timeout(timeoutMs),
      timeoutMs,
      mayStart: () => true,
    });
  }

  /** Holds one streaming answer open until the server ends it; pieces of a 200 go to `onData`, another answer is returned whole. */
  async stream(post: StreamingPost): Promise<Answer> {
    const { pool, maxAnswerBytes } = this.#options;
    const connection = pool.take(post.url.origin, post.via, 'stream');
    try {
      const request = {
        ...httpPart(post),
        headers: this.#headers(post),
        timeoutMs: post.idleMs,
        maxBytes: maxAnswerBytes,
        onData: post.onData,
      };
      const answer = await this.#send(connection, request, post);
      post.cookies?.take(answer.headers['set-cookie']);
      return {
        status: answer.status,
        headers: answer.headers,
        text: this.#textOf(answer),
        latencyMs: answer.latencyMs,
      };
    } finally {
      await pool.discard(connection);
    }
  }

  #send(connection: Connection, request: HttpRequest, { via, mayGoOn }: Pick<Post, 'via' | 'mayGoOn'>) {
    const { monotonic } = this.#options;
    if (via.ntlm === undefined) return exchangeOnce(connection.client, request, monotonic);
    const going = mayGoOn ?? (() => !request.signal.aborted);
    return sendSignedIn(connection, request, { account: via.ntlm, mayGoOn: going, monotonic });
  }

  #headers(post: Omit<Post, 'purpose' | 'timeoutMs'>): Record<string, string> {
    const cookie = post.cookies?.header();
    return {
      'Content-Type': 'text/xml; charset=utf-8',
      Accept: 'text/xml',
      ...(cookie === undefined ? {} : { Cookie: cookie }),
      ...post.headers,
      'User-Agent': this.#options.userAgent,
    };
  }

  #textOf({ headers, body }: HttpAnswer): string {
    const limit = { maxOutputLength: this.#options.maxAnswerBytes };
    try {
      const encoding = headers['content-encoding'];
      if (encoding === 'gzip') return gunzipSync(body, limit).toString('utf8');
      if (encoding === 'deflate') return inflateSync(body, limit).toString('utf8');
      return body.toString('utf8');
    } catch {
      // zlib says that the answer is damaged or larger than the limit.
      throw new TransportError('unreadable', true);
    }
  }
}

function httpPart(post: Omit<Post, 'purpose' | 'timeoutMs'>) {
  return {
    ...(post.method === undefined ? {} : { method: post.method }),
    path: `${post.url.pathname}${post.url.search}`,
    body: Buffer.from(post.body, 'utf8'),
    signal: post.signal,
    mayStart: post.mayStart,
  };
}
