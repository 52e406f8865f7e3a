// Who holds which token: the count that no crash may falsify. A token leaves the count only when its holder gave it back, its
// session is over (gateway-sessions.ts), or `sessionFreedMs` after its grant two heartbeats in a row did not name it (its grant or
// its release was lost).
// What a newcomer would get wrong: a session that names a token which we do not know is right and we are wrong (we are a new
// leader, or freed it too early), so it is counted even above the limit.

import { type GatewayProcess, GatewaySessions, type Session, type SessionOptions } from './gateway-sessions.ts';
import type { RequestId, SessionId, TokenId } from './ids.ts';
import { Tally } from './tally.ts';

export type Pool = 'call' | 'stream';

export interface TokenRequest {
  readonly requestId: RequestId;
  readonly sessionId: SessionId;
  readonly pool: Pool;
  /** The mailbox that Exchange charges, or the account. */
  readonly payer: string;
  readonly operation: string;
}

/** A token that is out. An adopted one has no request and no known operation. */
export interface Token {
  readonly token: TokenId;
  readonly requestId: RequestId | undefined;
  readonly sessionId: SessionId;
  readonly pool: Pool;
  readonly payer: string;
  readonly operation: string;
  readonly grantedAtMs: number;
}

/** A token as its holder reports it. */
export interface Held {
  readonly token: TokenId;
  readonly pool: Pool;
  readonly payer: string;
  readonly ageMs: number;
}

export interface Limits {
  /** Calls in flight at the same time; 0 = no fixed limit. */
  readonly calls: number;
  /** The same for each payer: Exchange refuses more (EWSMaxConcurrency). */
  readonly callsPerPayer: number;
  /** Of these, calls of one of the `operations` that Exchange counts apart (ConcurrentSyncCalls). */
  readonly syncsPerPayer: number;
  /** Streaming connections at the same time for each payer. */
  readonly streamsPerPayer: number;
}

export type Grant =
  | { readonly kind: 'granted'; readonly token: Token; readonly repeated: boolean }
  | { readonly kind: 'full' }
  | { readonly kind: 'session-unknown' };

export type Renewal =
  | { readonly kind: 'renewed'; readonly adopted: readonly Token[]; readonly lost: readonly Token[] }
  | { readonly kind: 'too-many-sessions' };

export interface LedgerOptions extends SessionOptions {
  /** How often sessions report; tells a second heartbeat from a repeated one. */
  readonly heartbeatEveryMs: number;
  /** The operations that `syncsPerPayer` limits. */
  readonly syncOperations: readonly string[];
  /** The bound that holds when there is no fixed limit. */
  readonly maxTokens: number;
  /** How many returned tokens are remembered, so that a heartbeat sent before the release does not revive them. */
  readonly maxReturned: number;
}

interface Entry {
  token: Token;
  /** When its grant was last sent; a repeated request sends it again, and from then the holder has it. */
  sentMs: number;
  absentSinceMs: number | undefined;
}

/** The tokens of all sessions. Pure: time is passed in as monotonic milliseconds, token ids are made by the caller. */
export class TokenLedger {
  readonly #options: LedgerOptions;
  readonly #sessions: GatewaySessions;
  readonly #tokens = new Map<TokenId, Entry>();
  readonly #byRequest = new Map<RequestId, TokenId>();
  readonly #callsOf = new Tally();
  readonly #syncsOf = new Tally();
  readonly #streamsOf = new Tally();
  readonly #syncOperations: ReadonlySet<string>;
  readonly #returned = new Set<TokenId>();
  #calls = 0;
  #streams = 0;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#sessions = new GatewaySessions(options);
    this.#syncOperations = new Set(options.syncOperations);
  }

  /** Call tokens that are out. */
  get out(): number {
    return this.#calls;
  }

  /** Stream tokens that are out. */
  get streamsOut(): number {
    return this.#streams;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  knows(sessionId: SessionId): boolean {
    return this.#sessions.knows(sessionId);
  }

  /** True while one more token may be granted. A lowered limit takes nothing back: there is no room until the count is below it. */
  hasRoom({ pool, payer, operation }: Pick<TokenRequest, 'pool' | 'payer' | 'operation'>, limits: Limits): boolean {
    if (this.#tokens.size >= this.#options.maxTokens) return false;
    if (pool === 'stream') return this.#streamsOf.of(payer) < limits.streamsPerPayer;
    if (this.#callsOf.of(payer) >= limits.callsPerPayer) return false;
    if (this.#syncOperations.has(operation) && this.#syncsOf.of(payer) >= limits.syncsPerPayer) return false;
    return limits.calls === 0 || this.#calls < limits.calls;
  }

  /** The token that a request was granted and still holds, to be sent to it once more. */
  grantAgain(requestId: RequestId, nowMs: number): Token | undefined {
    const token = this.#byRequest.get(requestId);
    const entry = token === undefined ? undefined : this.#tokens.get(token);
    if (entry === undefined) return undefined;
    entry.sentMs = nowMs;
    entry.absentSinceMs = undefined;
    return entry.token;
  }

  /**
   * Grants `token` if there is room. The same request asked again gets the token that it has, and nothing is counted twice.
   * Being granted is no sign of life: who asked may have died while it waited.
   */
  grant(request: TokenRequest, token: TokenId, limits: Limits, nowMs: number): Grant {
    if (!this.knows(request.sessionId)) return { kind: 'session-unknown' };
    const had = this.grantAgain(request.requestId, nowMs);
    if (had !== undefined) return { kind: 'granted', token: had, repeated: true };
    if (!this.hasRoom(request, limits)) return { kind: 'full' };
    return { kind: 'granted', token: this.#add({ ...request, token, grantedAtMs: nowMs }), repeated: false };
  }

  /** Notes that a session is alive. False when it has to send a heartbeat first. */
  heard(sessionId: SessionId, nowMs: number): boolean {
    return this.#sessions.heard(sessionId, nowMs);
  }

  /** The process whose presence this was has ended, and its sockets with it. */
  processEnded(presence: string): void {
    this.#sessions.processEnded(presence);
  }

  /** Opens or renews a session, adopts what it holds and we do not know, and frees what it did not name twice. */
  heartbeat(sessionId: SessionId, held: readonly Held[], nowMs: number, process: GatewayProcess): Renewal {
    const session = this.#sessions.renew(sessionId, process, nowMs);
    if (session === undefined) return { kind: 'too-many-sessions' };
    const adopted = held.flatMap((one) => this.#adopt(session, one, nowMs) ?? []);
    const named = new Set(held.map((one) => one.token));
    const lost = [...session.tokens].flatMap((token) => (named.has(token) ? [] : (this.#absent(token, nowMs) ?? [])));
    return { kind: 'renewed', adopted, lost };
  }

  /** Takes a token back. Unknown or returned before: undefined, and it will not be adopted from a late heartbeat. */
  release(token: TokenId): Token | undefined {
    this.#rememberReturned(token);
    return this.#remove(token);
  }

  /** Takes back the token that a withdrawn request was granted. */
  releaseRequest(requestId: RequestId): Token | undefined {
    const token = this.#byRequest.get(requestId);
    return token === undefined ? undefined : this.release(token);
  }

  /** What the passing of time ends: `lapsed` sessions have to send a heartbeat first, those that are over give up their tokens. */
  expire(nowMs: number): { readonly lapsed: readonly SessionId[]; readonly freed: readonly Token[] } {
    const { lapsed, over } = this.#sessions.expire(nowMs);
    const freed = over.flatMap(({ tokens }) => [...tokens].flatMap((token) => this.#remove(token) ?? []));
    return { lapsed, freed };
  }

  #adopt({ id: sessionId }: Session, held: Held, nowMs: number): Token | undefined {
    if (this.#returned.has(held.token)) return undefined;
    const known = this.#tokens.get(held.token);
    if (known === undefined) {
      const { token, pool, payer, ageMs } = held;
      const grantedAtMs = nowMs - ageMs;
      return this.#add({ token, requestId: undefined, sessionId, pool, payer, operation: 'unknown', grantedAtMs });
    }
    known.absentSinceMs = undefined;
    if (known.token.sessionId !== sessionId) this.#move(known, sessionId);
    return undefined;
  }

  // A gateway that opened a new session reports under it what it still holds: the old session's end must not free it.
  #move(entry: Entry, sessionId: SessionId): void {
    this.#sessions.of(entry.token.sessionId)?.tokens.delete(entry.token.token);
    this.#sessions.of(sessionId)?.tokens.add(entry.token.token);
    entry.token = { ...entry.token, sessionId };
  }

  // A young token may be absent because the heartbeat was sent before its grant arrived, and a heartbeat may be delivered
  // twice: only two absences at least half a period apart, of a token at least one period old, show a loss. Not before
  // `sessionFreedMs` though: the way to the gateway may stall while the way from it is open. Answers to heartbeats arrive
  // behind the grant, so that the session lapses, and the grant with it, unless it has arrived by then.
  #absent(token: TokenId, nowMs: number): Token | undefined {
    const entry = this.#tokens.get(token);
    const { heartbeatEveryMs, sessionFreedMs } = this.#options;
    if (entry === undefined || nowMs - entry.sentMs < heartbeatEveryMs) return undefined;
    entry.absentSinceMs ??= nowMs;
    const missedTwice = nowMs - entry.absentSinceMs >= heartbeatEveryMs / 2;
    return missedTwice && nowMs - entry.sentMs >= sessionFreedMs ? this.#remove(token) : undefined;
  }

  #add(token: Token): Token {
    this.#tokens.set(token.token, { token, sentMs: token.grantedAtMs, absentSinceMs: undefined });
    if (token.requestId !== undefined) this.#byRequest.set(token.requestId, token.token);
    this.#sessions.of(token.sessionId)?.tokens.add(token.token);
    this.#count(token, 1);
    return token;
  }

  #remove(id: TokenId): Token | undefined {
    const entry = this.#tokens.get(id);
    if (entry === undefined) return undefined;
    const { token } = entry;
    this.#tokens.delete(id);
    if (token.requestId !== undefined) this.#byRequest.delete(token.requestId);
    this.#sessions.of(token.sessionId)?.tokens.delete(id);
    this.#count(token, -1);
    return token;
  }

  #count(token: Token, by: 1 | -1): void {
    if (token.pool === 'stream') {
      this.#streams += by;
      this.#streamsOf.count(token.payer, by);
      return;
    }
    this.#calls += by;
    this.#callsOf.count(token.payer, by);
    if (this.#syncOperations.has(token.operation)) this.#syncsOf.count(token.payer, by);
  }

  #rememberReturned(token: TokenId): void {
    this.#returned.add(token);
    if (this.#returned.size <= this.#options.maxReturned) return;
    for (const oldest of this.#returned) {
      this.#returned.delete(oldest);
      return;
    }
  }
}
