// OAuth for tests: applications that may ask for tokens, and the tokens that were given. Opaque, in memory, with an end.
import { randomBytes } from 'node:crypto';

export interface Application {
  readonly appId: string;
  readonly secret: string;
  /** The account whose rights its tokens carry. */
  readonly account: string;
  /** Client credentials: every call has to name whom it acts for. */
  readonly appOnly: boolean;
}

export interface Token {
  readonly account: string;
  readonly appId: string;
  readonly appOnly: boolean;
  readonly expiresAtMs: number;
}

export type TokenCheck =
  | { readonly kind: 'valid'; readonly token: Token }
  /** The content of the x-ms-diagnostics header. */
  | { readonly kind: 'invalid'; readonly diagnostics: string };

export class Tokens {
  readonly #applications = new Map<string, Application>();
  readonly #tokens = new Map<string, Token>();
  readonly #nowMs: () => number;
  readonly #capacity: number;

  /** @param capacity how many tokens are remembered; the oldest are forgotten first */
  constructor(nowMs: () => number, capacity: number) {
    this.#nowMs = nowMs;
    this.#capacity = capacity;
  }

  register(application: Application): void {
    this.#applications.set(application.appId.toLowerCase(), application);
  }

  /** A token for client credentials; undefined when id or secret are wrong. */
  grant(appId: string, secret: string, lifeMs: number): string | undefined {
    const application = this.#applications.get(appId.toLowerCase());
    if (application?.secret !== secret) return undefined;
    const text = randomBytes(48).toString('base64url');
    if (this.#tokens.size >= this.#capacity) this.#tokens.delete(this.#tokens.keys().next().value ?? '');
    const { account, appOnly } = application;
    this.#tokens.set(text, { account, appId: application.appId, appOnly, expiresAtMs: this.#nowMs() + lifeMs });
    return text;
  }

  check(text: string): TokenCheck {
    const token = this.#tokens.get(text);
    if (token === undefined) return invalid(2000001, 'The token is not valid.', 'invalid_token');
    if (token.expiresAtMs <= this.#nowMs()) return invalid(2000002, 'The token has expired.', 'token_expired');
    return { kind: 'valid', token };
  }

  clear(): void {
    this.#applications.clear();
    this.#tokens.clear();
  }
}

function invalid(id: number, reason: string, type: string): TokenCheck {
  return { kind: 'invalid', diagnostics: `${id};reason="${reason}";error_category="${type}"` };
}
