// One HTTP request and its answer on one connection. A redirect is an answer like any other and never followed: it would carry
// the credentials to wherever it points.
import type { IncomingHttpHeaders } from 'node:http';
import type { Client, Dispatcher } from 'undici';
import { networkFailure, TransportError } from './transport-error.ts';

export interface HttpRequest {
  /** POST unless it is said. */
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly signal: AbortSignal;
  /** For the whole answer; with `onData`, between two pieces of it. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Looked at immediately before the first byte; false sends nothing. */
  readonly mayStart: () => boolean;
  /** Takes the pieces of a streaming answer with status 200; then the answer's body stays empty. */
  readonly onData?: (piece: Buffer) => void;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** From the first byte sent to the complete answer. */
  readonly latencyMs: number;
}

/** Sends and waits for the complete answer; rejects with a `TransportError`. The caller closes the connection of a failed one. */
export function exchangeOnce(client: Client, request: HttpRequest, monotonic: () => number): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const exchange = new Exchange(request, monotonic, resolve, reject);
    if (!exchange.begin()) return;
    const { method = 'POST', path, headers, body } = request;
    try {
      client.dispatch({ method, path, headers, ...(method === 'GET' ? {} : { body }) }, exchange);
    } catch (error) {
      exchange.onResponseError(undefined, error);
    }
  });
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: HttpRequest;
  readonly #monotonic: () => number;
  readonly #resolve: (answer: HttpAnswer) => void;
  readonly #reject: (error: TransportError) => void;
  readonly #onAbort = () => this.#fail('aborted');
  #timer: NodeJS.Timeout | undefined;
  #settled = false;
  #sent = false;
  #startedAt = 0;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  readonly #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(
    request: HttpRequest,
    monotonic: () => number,
    resolve: (answer: HttpAnswer) => void,
    reject: (error: TransportError) => void,
  ) {
    this.#request = request;
    this.#monotonic = monotonic;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** False when it was aborted before it began. */
  begin(): boolean {
    if (this.#request.signal.aborted) this.#fail('aborted');
    if (this.#settled) return false;
    this.#request.signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#rearm();
    return true;
  }

  // undici calls this when the connection stands and nothing is written yet.
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#settled || !this.#request.mayStart()) {
      this.#fail('aborted');
      controller.abort(new TransportError('aborted', false));
      return;
    }
    this.#sent = true;
    this.#startedAt = this.#monotonic();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    if (this.#request.onData !== undefined) this.#rearm();
  }

  onResponseData(_controller: Dispatcher.DispatchController, piece: Buffer): void {
    if (this.#settled) return;
    const { onData, maxBytes } = this.#request;
    if (onData !== undefined && this.#status === 200) {
      this.#rearm();
      try {
        onData(piece);
      } catch {
        // The reader refuses the stream (damaged, or one event larger than its bound): it cannot be read on.
        this.#fail('unreadable');
      }
      return;
    }
    this.#bytes += piece.length;
    if (this.#bytes > maxBytes) this.#fail('too-large');
    else this.#pieces.push(piece);
  }

  onResponseEnd(): void {
    if (this.#settled) return;
    this.#settle();
    this.#resolve({
      status: this.#status,
      headers: this.#headers,
      body: Buffer.concat(this.#pieces),
      latencyMs: Math.max(0, Math.round(this.#monotonic() - this.#startedAt)),
    });
  }

  onResponseError(_controller: unknown, error: unknown): void {
    const { failure, systemCode } = networkFailure(error);
    this.#fail(failure, systemCode);
  }

  #fail(failure: TransportError['failure'], systemCode?: string): void {
    if (this.#settled) return;
    this.#settle();
    this.#reject(new TransportError(failure, this.#sent, systemCode));
  }

  #settle(): void {
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#request.signal.removeEventListener('abort', this.#onAbort);
  }

  #rearm(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fail('timeout'), this.#request.timeoutMs);
  }
}
