// One streaming connection, from its token to its end. The request is our own text: the library's streaming class settles neither
// after errors nor after a clean end, and closes the wrong stream when there are several.
import { type CodedError, codedError, type MailboxKey } from '@lockstep/contracts';
import type { Clock } from '@lockstep/service-kit/kit';
import type { HoldWish, SubscriptionId, WatchEnd } from '../../../backend.ts';
import type { Transport } from '../../../http/transport.ts';
import { TransportError } from '../../../http/transport-error.ts';
import type { GatewayMetrics } from '../../../metrics.ts';
import type { Permit, TokenClient, Used } from '../../../tokens/token-client.ts';
import type { Endpoint } from '../calls/endpoint.ts';
import { requestHeaders, understand } from '../calls/ews-client.ts';
import { codeFailure, type Failure } from '../calls/ews-errors.ts';
import type { Access } from '../credentials/access.ts';
import { EnvelopeSplitter } from './envelope-splitter.ts';
import { readNews, type StreamNews } from './stream-news.ts';
import { type Affinity, affinityHeaders } from './subscribe.ts';

export interface StreamParts {
  readonly endpoint: Endpoint;
  readonly tokens: Pick<TokenClient, 'withToken'>;
  readonly transport: Transport;
  readonly metrics: GatewayMetrics;
  readonly clock: Clock;
  /** Longest silence; Exchange sends a sign of life every 45 s, and the Managed API gives up after two of them. */
  readonly idleMs: number;
  readonly connectionMinutes: number;
  readonly maxEnvelopeChars: number;
  /** How long the governor is asked for a token of the pool `stream`. */
  readonly tokenDeadlineMs: number;
}

export interface StreamWish extends HoldWish {
  readonly affinity: Affinity;
  /** The mailbox of the anchor, which pays. */
  readonly payer: MailboxKey;
}

/** Holds a stream until it ends, for whatever reason. */
export async function holdStream(parts: StreamParts, wish: StreamWish): Promise<WatchEnd> {
  const ready = await parts.endpoint.ready();
  if (!ready.ok) return notOpened(ready.error);
  const { payer, correlationId, signal } = wish;
  const endsAt = parts.clock.monotonic() + parts.tokenDeadlineMs;
  const remainingMs = () => Math.max(0, endsAt - parts.clock.monotonic());
  const tokenWish = {
    pool: 'stream' as const,
    payer,
    mailbox: payer,
    priority: 'change' as const,
    operation: 'GetStreamingEvents',
    correlationId,
    remainingMs,
    signal,
  };
  const held = await parts.tokens.withToken(tokenWish, async (permit): Promise<Used<WatchEnd>> => {
    const entered = await parts.endpoint.enter(permit.signal);
    if (!entered.ok) return { outcome: 'unsent', latencyMs: 0, value: notOpened(permit.hindrance() ?? entered.error) };
    const { access, leave } = entered.value;
    parts.metrics.streamsOpen.inc();
    try {
      return await new Stream(parts, wish, access).run(permit);
    } finally {
      leave();
      parts.metrics.streamsOpen.dec();
    }
  });
  const end = held.ok ? held.value : notOpened(held.error);
  parts.metrics.streamEnded(endedBy(end));
  return end;
}

function endedBy(end: WatchEnd): string {
  if (end.superseded) return 'superseded';
  return end.clean ? 'closed' : (end.error?.code ?? 'broken');
}

function notOpened(error: CodedError): WatchEnd {
  return { clean: false, error, lost: [], stood: false };
}

class Stream {
  readonly #parts: StreamParts;
  readonly #wish: StreamWish;
  readonly #access: Access;
  #stood = false;
  #closed = false;
  #failure: StreamNews['failure'];

  constructor(parts: StreamParts, wish: StreamWish, access: Access) {
    this.#parts = parts;
    this.#wish = wish;
    this.#access = access;
  }

  async run(permit: Permit): Promise<Used<WatchEnd>> {
    const { endpoint, transport, clock, idleMs, connectionMinutes, maxEnvelopeChars } = this.#parts;
    const { affinity, subscriptionIds } = this.#wish;
    const splitter = new EnvelopeSplitter(maxEnvelopeChars);
    const target = { kind: 'impersonation', address: affinity.anchor } as const;
    try {
      const answer = await transport.stream({
        url: this.#access.url,
        via: this.#access.via,
        headers: requestHeaders(this.#access, permit.token, { target, headers: affinityHeaders }),
        body: streamingRequest(affinity.anchor, subscriptionIds, connectionMinutes),
        cookies: affinity.cookies,
        signal: permit.signal,
        mayStart: permit.mayStart,
        mayGoOn: () => permit.hindrance() === undefined,
        idleMs,
        onData: (piece) => {
          // Not first at the end: until then nobody else could be sure of the credentials.
          endpoint.answered(this.#access, { status: 200 });
          for (const envelope of splitter.push(piece)) this.#take(readNews(envelope));
        },
      });
      if (answer.status === 401) this.#access.renew?.();
      endpoint.answered(this.#access, answer);
      if (answer.status === 200) return this.#ended();
      const understood = understand(answer, clock.now(), endpoint.delayMs);
      return this.#broken(
        understood.kind === 'failure' ? understood.failure : codeFailure('ErrorInternalServerError', undefined),
      );
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      if (error.failure !== 'aborted') return this.#broken(endpoint.broken(error));
      // Closed by us, or never begun.
      const outcome = error.sent ? 'ok' : 'unsent';
      return { outcome, latencyMs: 0, value: { clean: false, lost: [], stood: this.#stood, ...hindranceOf(permit) } };
    }
  }

  #take(news: StreamNews): void {
    this.#stood ||= news.failure === undefined;
    this.#closed ||= news.closed;
    this.#failure ??= news.failure;
    if (news.events.size > 0) this.#wish.onEvents(news.events);
    // Exchange usually closes after an error, not always. Closed by us, what it asked for is known at once.
    if (news.failure !== undefined) throw new Error('the stream said that it failed');
  }

  #ended(): Used<WatchEnd> {
    if (this.#failure !== undefined) return this.#broken(codeFailure(this.#failure.code, this.#failure.backOffMs));
    const end = { clean: this.#closed, lost: [], stood: this.#stood };
    return {
      outcome: 'ok',
      latencyMs: 0,
      value: this.#closed ? end : { ...end, error: codedError('exchange-unreachable') },
    };
  }

  #broken(failure: Failure): Used<WatchEnd> {
    // When the server has said why before the connection ended, that counts.
    const said = this.#failure === undefined ? failure : codeFailure(this.#failure.code, this.#failure.backOffMs);
    const named = this.#failure?.subscriptionIds ?? [];
    if (this.#failure?.code === 'ErrorNewEventStreamConnectionOpened') {
      // Usual where we opened the newer one; what it was opened for is known above.
      const value = { clean: false, superseded: true, error: said.error, lost: [], stood: this.#stood };
      return { outcome: 'ok', latencyMs: 0, value };
    }
    const lost =
      said.error.code !== 'exchange-subscription-lost' ? [] : named.length > 0 ? named : this.#wish.subscriptionIds;
    return {
      outcome: said.outcome,
      latencyMs: 0,
      pause: said.pause,
      value: { clean: false, error: said.error, lost, stood: this.#stood },
    };
  }
}

function hindranceOf(permit: Permit): { readonly error?: CodedError } {
  const error = permit.hindrance();
  return error === undefined ? {} : { error };
}

/** GetStreamingEvents for these subscriptions. `minutes`: 1 to 30. */
export function streamingRequest(anchor: string, subscriptionIds: readonly SubscriptionId[], minutes: number): string {
  const ids = subscriptionIds.map((id) => `<t:SubscriptionId>${escaped(id)}</t:SubscriptionId>`).join('');
  return `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><soap:Header><t:RequestServerVersion Version="Exchange2013_SP1"/><t:ExchangeImpersonation><t:ConnectingSID><t:SmtpAddress>${escaped(anchor)}</t:SmtpAddress></t:ConnectingSID></t:ExchangeImpersonation></soap:Header><soap:Body><m:GetStreamingEvents><m:SubscriptionIds>${ids}</m:SubscriptionIds><m:ConnectionTimeout>${minutes}</m:ConnectionTimeout></m:GetStreamingEvents></soap:Body></soap:Envelope>`;
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
