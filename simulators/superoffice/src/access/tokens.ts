// Credentials other than a password: tickets (`SOTicket 7T:…`, six hours from their last use) and access tokens
// (`Bearer 8A:…`, one hour from their making, renewed by a refresh token). They live in memory: a restart ends them,
// as an application pool's recycling may.
import { randomBytes } from 'node:crypto';
import type { Clock } from '../time/clock.ts';

const ticketLifeMs = 6 * 3_600_000;
export const accessTokenLifeSeconds = 3600;

interface Issued {
  readonly associateId: number;
  expiresMs: number;
}

export class Tokens {
  readonly #clock: Clock;
  readonly #contextIdentifier: string;
  readonly #limit: number;
  readonly #tickets = new Map<string, Issued>();
  readonly #accessTokens = new Map<string, Issued>();
  readonly #refreshTokens = new Map<string, number>();

  /** @param limit how many of each kind are kept; the oldest go first. */
  constructor(clock: Clock, contextIdentifier: string, limit: number) {
    this.#clock = clock;
    this.#contextIdentifier = contextIdentifier;
    this.#limit = limit;
  }

  issueTicket(associateId: number): string {
    const ticket = `7T:${randomBytes(24).toString('base64')}`;
    this.#keep(this.#tickets, ticket, { associateId, expiresMs: this.#clock.nowMs() + ticketLifeMs });
    return ticket;
  }

  issueAccessToken(associateId: number): string {
    const token = `8A:${this.#contextIdentifier}.${randomBytes(24).toString('base64url')}`;
    const expiresMs = this.#clock.nowMs() + accessTokenLifeSeconds * 1000;
    this.#keep(this.#accessTokens, token, { associateId, expiresMs });
    return token;
  }

  /** Long-lived and reusable, as the product's are. */
  issueRefreshToken(associateId: number): string {
    const token = randomBytes(32).toString('base64url');
    this.#keep(this.#refreshTokens, token, associateId);
    return token;
  }

  /** The associate of a valid ticket; each use renews it. */
  useTicket(ticket: string): number | undefined {
    const issued = this.#valid(this.#tickets, ticket);
    if (issued !== undefined) issued.expiresMs = this.#clock.nowMs() + ticketLifeMs;
    return issued?.associateId;
  }

  useAccessToken(token: string): number | undefined {
    return this.#valid(this.#accessTokens, token)?.associateId;
  }

  useRefreshToken(token: string): number | undefined {
    return this.#refreshTokens.get(token);
  }

  /** Ends every ticket and access token at once; refresh tokens stay good. */
  expireAll(): void {
    this.#tickets.clear();
    this.#accessTokens.clear();
  }

  #valid(tokens: Map<string, Issued>, token: string): Issued | undefined {
    const issued = tokens.get(token);
    if (issued === undefined || issued.expiresMs > this.#clock.nowMs()) return issued;
    tokens.delete(token);
    return undefined;
  }

  #keep<T>(tokens: Map<string, T>, token: string, value: T): void {
    if (tokens.size >= this.#limit) {
      const [oldest] = tokens.keys();
      if (oldest !== undefined) tokens.delete(oldest);
    }
    tokens.set(token, value);
  }
}
