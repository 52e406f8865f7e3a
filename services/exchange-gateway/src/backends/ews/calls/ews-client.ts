// Every call of Exchange that has an end goes through here: credentials, token, transport, and what the answer means. A read whose
// kept-alive connection turned out dead, and a call whose OAuth token was refused, is sent once more, with a token of the governor of
// its own; nothing else is ever repeated here.
import { type CodedError, failure, type MailboxKey, type Outcome, type Priority, success } from '@lockstep/contracts';
import type { Clock } from '@lockstep/service-kit/kit';
import type { CookieJar } from '../../../http/cookies.ts';
import type { Answer, Transport } from '../../../http/transport.ts';
import { TransportError } from '../../../http/transport-error.ts';
import type { GatewayMetrics } from '../../../metrics.ts';
import type { Payer, Permit, TokenClient, Used } from '../../../tokens/token-client.ts';
import { type Access, authorizationOf } from '../credentials/access.ts';
import { type ResponseMessage, readReply } from '../soap/reply.ts';
import { type Build, sendBuilt, type Target } from '../soap/request-builder.ts';
import { XmlError } from '../soap/xml-reader.ts';
import type { Endpoint } from './endpoint.ts';
import { codeFailure, type Failure, statusFailure, writeFailure } from './ews-errors.ts';

export interface EwsCall {
  /** The name of the EWS operation, for metrics and the governor's fairness. */
  readonly operation: string;
  readonly target: Target;
  readonly payer: Payer;
  /** The mailbox key of the target in either case; the account's own view has none. */
  readonly mailbox?: MailboxKey;
  readonly priority: Priority;
  readonly purpose: 'read' | 'write';
  readonly correlationId: string;
  readonly remainingMs: () => number;
  readonly signal: AbortSignal;
  readonly cookies?: CookieJar;
  /** The mailbox whose server the call goes to when it is not the target's. */
  readonly anchor?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface EwsClientOptions {
  readonly endpoint: Endpoint;
  readonly tokens: Pick<TokenClient, 'withToken'>;
  readonly transport: Transport;
  readonly metrics: GatewayMetrics;
  readonly clock: Clock;
  /** Longest call; .NET's Managed API waits 100 s. */
  readonly callTimeoutMs: number;
  /** Time of the caller's deadline that is kept for the reply. */
  readonly replyReserveMs: number;
}

interface Tried<T> {
  readonly outcome: Outcome<T>;
  /** A read that may be sent again on a new connection, or a call that Exchange refused unseen for its OAuth token. */
  readonly repeat: boolean;
}

export class EwsClient {
  readonly #options: EwsClientOptions;

  constructor(options: EwsClientOptions) {
    this.#options = options;
  }

  /** Sends what `build` lets the library write and gives the response messages to `read`. Expected failures are outcomes. */
  async call<T>(
    call: EwsCall,
    build: Build,
    read: (messages: readonly ResponseMessage[]) => Outcome<T>,
  ): Promise<Outcome<T>> {
    const first = await this.#attempt(call, build, read, true);
    if (!first.repeat) return first.outcome;
    return (await this.#attempt(call, build, read, false)).outcome;
  }

  async #attempt<T>(
    call: EwsCall,
    build: Build,
    read: (messages: readonly ResponseMessage[]) => Outcome<T>,
    mayRenew: boolean,
  ): Promise<Tried<T>> {
    const { tokens, clock, metrics, endpoint } = this.#options;
    const ready = await endpoint.ready();
    if (!ready.ok) return { outcome: ready, repeat: false };
    const { payer, mailbox, priority, operation, correlationId, remainingMs, signal } = call;
    const wish = { pool: 'call' as const, payer, mailbox, priority, operation, correlationId, remainingMs, signal };
    const tried = await tokens.withToken(wish, async (permit): Promise<Used<Tried<T>>> => {
      const entered = await endpoint.enter(permit.signal);
      if (!entered.ok) return this.#unsent(call, permit.hindrance() ?? entered.error);
      const { access, leave } = entered.value;
      const beganAt = clock.monotonic();
      metrics.inFlight.inc();
      try {
        const answer = await sendBuilt(call.target, build, (body) => this.#send(call, access, permit, body));
        if (answer.status === 401 && mayRenew && access.renew !== undefined) {
          // The token may have ended early; only the refusal of a new one says something about the application.
          access.renew();
          const refused = this.#judge(call, answer, read);
          return { ...refused, value: { ...refused.value, repeat: true } };
        }
        endpoint.answered(access, answer);
        return this.#judge(call, answer, read);
      } catch (error) {
        if (!(error instanceof TransportError)) throw error;
        return this.#broken(call, permit, error, clock.monotonic() - beganAt);
      } finally {
        leave();
        metrics.inFlight.dec();
      }
    });
    return tried.ok ? tried.value : { outcome: tried, repeat: false };
  }

  #send(call: EwsCall, access: Access, permit: Permit, body: string): Promise<Answer> {
    const { transport, callTimeoutMs, replyReserveMs } = this.#options;
    const timeoutMs = Math.min(callTimeoutMs, Math.max(1, Math.floor(call.remainingMs() - replyReserveMs)));
    return transport.post({
      url: access.url,
      via: access.via,
      body,
      purpose: call.purpose,
      signal: permit.signal,
      timeoutMs,
      mayStart: permit.mayStart,
      mayGoOn: () => permit.hindrance() === undefined,
      headers: requestHeaders(access, permit.token, call),
      ...(call.cookies === undefined ? {} : { cookies: call.cookies }),
    });
  }

  #judge<T>(call: EwsCall, answer: Answer, read: (messages: readonly ResponseMessage[]) => Outcome<T>): Used<Tried<T>> {
    const understood = understand(answer, this.#options.clock.now(), this.#options.endpoint.delayMs);
    if (understood.kind === 'failure') return this.#failed(call, understood.failure, answer.latencyMs);
    const busy = understood.messages
      .filter((message) => message.responseClass !== 'Success')
      .map((message) => codeFailure(message.code, message.backOffMs))
      .find((candidate) => candidate.outcome === 'busy' || candidate.outcome === 'timeout');
    const outcome = read(understood.messages);
    const shown = busy?.outcome ?? 'ok';
    this.#options.metrics.called(call.operation, outcome.ok ? shown : outcome.error.code, answer.latencyMs);
    return {
      outcome: shown,
      latencyMs: answer.latencyMs,
      pause: busy?.pause,
      value: { outcome: call.purpose === 'write' && !outcome.ok ? unknownIfPassing(outcome) : outcome, repeat: false },
    };
  }

  #broken<T>(call: EwsCall, permit: Permit, error: TransportError, latencyMs: number): Used<Tried<T>> {
    const hindrance = error.failure === 'aborted' && !error.sent ? permit.hindrance() : undefined;
    if (hindrance !== undefined) return this.#unsent(call, hindrance);
    const used = this.#failed<T>(call, this.#options.endpoint.broken(error), latencyMs);
    const stale = error.failure === 'network' && error.sent && error.onReused && call.purpose === 'read';
    return { ...used, value: { ...used.value, repeat: stale } };
  }

  #unsent<T>(call: EwsCall, error: CodedError): Used<Tried<T>> {
    this.#options.metrics.called(call.operation, error.code, 0);
    return { outcome: 'unsent', latencyMs: 0, value: { outcome: { ok: false, error }, repeat: false } };
  }

  #failed<T>(call: EwsCall, failed: Failure, latencyMs: number): Used<Tried<T>> {
    const told = call.purpose === 'write' ? writeFailure(failed) : failed;
    this.#options.metrics.called(call.operation, told.error.code, latencyMs);
    return {
      outcome: failed.outcome,
      latencyMs,
      pause: failed.pause,
      value: { outcome: { ok: false, error: told.error }, repeat: false },
    };
  }
}

/** What every request to Exchange bears. Source: Learn, "Instrumenting client requests for EWS", "Impersonation and EWS". */
export function requestHeaders(
  access: Access,
  token: string,
  call: Pick<EwsCall, 'target' | 'anchor' | 'headers'>,
): Readonly<Record<string, string>> {
  const anchor = call.anchor ?? (call.target.kind === 'impersonation' ? call.target.address : undefined);
  // The header only spares Exchange a hop. An address that it cannot hold would fail like a connection that nobody accepts.
  const sayAnchor = anchor !== undefined && /^[\x21-\x7e]+$/.test(anchor);
  return {
    ...authorizationOf(access),
    'client-request-id': token,
    'return-client-request-id': 'true',
    ...(sayAnchor ? { 'X-AnchorMailbox': anchor } : {}),
    ...call.headers,
  };
}

type Understood =
  | { readonly kind: 'messages'; readonly messages: readonly ResponseMessage[] }
  | { readonly kind: 'failure'; readonly failure: Failure };

/**
 * SOAP comes with status 200, and with 500 as a fault; everything else is known by its status alone. `unavailableMs`: the delay of an
 * endpoint that is not available and does not say for how long.
 */
export function understand(
  answer: Pick<Answer, 'status' | 'headers' | 'text'>,
  nowMs: number,
  unavailableMs: number,
): Understood {
  const byStatus = (): Understood => ({
    kind: 'failure',
    failure: statusFailure(answer.status, answer.headers, nowMs, unavailableMs),
  });
  if (answer.status !== 200 && answer.status !== 500) return byStatus();
  try {
    const reply = readReply(answer.text);
    if (reply.kind === 'fault') return { kind: 'failure', failure: codeFailure(reply.code, reply.backOffMs) };
    return answer.status === 200 ? reply : byStatus();
  } catch (error) {
    if (error instanceof XmlError) return byStatus();
    throw error;
  }
}

/** The failure of a response message, for operations whose one message is the whole answer. */
export function messageFailure(message: ResponseMessage | undefined): Outcome<never> {
  if (message === undefined) return failure('exchange-reply-unreadable', { detail: 'no response message' });
  return { ok: false, error: codeFailure(message.code, message.backOffMs).error };
}

/** The only message, if it says success. */
export function onlySuccess(messages: readonly ResponseMessage[]): Outcome<ResponseMessage> {
  const [message] = messages;
  return message?.responseClass === 'Success' ? success(message) : messageFailure(message);
}

// A write whose message reports a passing fault may have been carried out all the same.
function unknownIfPassing(outcome: { readonly ok: false; readonly error: CodedError }): Outcome<never> {
  const { code, detail } = outcome.error;
  const passing = code === 'exchange-transient' || code === 'exchange-timeout' || code === 'exchange-reply-unreadable';
  return passing ? failure('exchange-unknown-outcome', { detail: detail ?? code }) : outcome;
}
