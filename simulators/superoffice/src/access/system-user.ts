// The server-to-server login: an application proves with its RSA key that it may act as the tenant's system user and
// gets a JWT, of which only the claim with the ticket matters. Rules: reference pages on "system user token" of
// docs.superoffice.com; the signed text is `{system token}.{yyyyMMddHHmm UTC}`.
import { createSign, createVerify, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { AssociateRow } from '../store/rows.ts';
import type { Clock } from '../time/clock.ts';
import type { Tokens } from './tokens.ts';

/** An application that the tenant's administrator approved. */
export interface Application {
  /** Client secret: the `ApplicationToken`, and later the header `SO-AppToken`. */
  readonly applicationToken: string;
  /** `App Name-random` */
  readonly systemToken: string;
  /** PEM of the public key. */
  readonly publicKey: string;
}

export interface SystemUserRequest {
  readonly signedSystemToken: string;
  readonly applicationToken: string;
  readonly contextIdentifier: string;
}

export interface SystemUserAnswer {
  readonly IsSuccessful: boolean;
  readonly Token: string | null;
  readonly ErrorMessage: string | null;
}

const timestampToleranceMs = 15 * 60_000;
const keyId = 'simulator';
const claim = (name: string) => `http://schemes.superoffice.net/identity/${name}`;

export class SystemUserLogin {
  readonly #clock: Clock;
  readonly #tokens: Tokens;
  readonly #contextIdentifier: string;
  readonly #limit: number;
  readonly #applications = new Map<string, Application>();
  #keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } | undefined;

  /** @param limit how many applications may be approved. */
  constructor(clock: Clock, tokens: Tokens, contextIdentifier: string, limit: number) {
    this.#clock = clock;
    this.#tokens = tokens;
    this.#contextIdentifier = contextIdentifier;
    this.#limit = limit;
  }

  /** @returns false when there are too many. */
  approve(application: Application): boolean {
    if (this.#applications.size >= this.#limit && !this.#applications.has(application.systemToken)) return false;
    this.#applications.set(application.systemToken, application);
    return true;
  }

  knowsApplication(applicationToken: string): boolean {
    return [...this.#applications.values()].some((application) => application.applicationToken === applicationToken);
  }

  clear(): void {
    this.#applications.clear();
  }

  authenticate(request: SystemUserRequest, systemUser: AssociateRow | undefined): SystemUserAnswer {
    const refused = this.#refusal(request);
    if (refused !== undefined) return { IsSuccessful: false, Token: null, ErrorMessage: refused };
    if (systemUser === undefined) return { IsSuccessful: false, Token: null, ErrorMessage: 'No system user' };
    const ticket = this.#tokens.issueTicket(systemUser.associate_id);
    return { IsSuccessful: true, Token: this.#jwt(ticket, systemUser), ErrorMessage: null };
  }

  jwks(): unknown {
    const jwk = this.#signingKeys().publicKey.export({ format: 'jwk' });
    return { keys: [{ ...jwk, kid: keyId, use: 'sig', alg: 'RS256' }] };
  }

  /** Why the request is refused, or undefined. */
  #refusal({ signedSystemToken, applicationToken, contextIdentifier }: SystemUserRequest): string | undefined {
    if (contextIdentifier !== this.#contextIdentifier) return 'Unknown context identifier';
    const parts = /^(.+)\.(\d{12})\.([A-Za-z0-9+/=]+)$/.exec(signedSystemToken);
    if (parts === null) return 'The signed system token is malformed';
    const [, systemToken = '', stamp = '', signature = ''] = parts;
    const application = this.#applications.get(systemToken);
    if (application === undefined || application.applicationToken !== applicationToken) return 'Unknown application';
    if (Math.abs(timeOf(stamp) - this.#clock.nowMs()) > timestampToleranceMs) return 'The time stamp is too old';
    return verified(application.publicKey, `${systemToken}.${stamp}`, signature) ? undefined : 'The signature is wrong';
  }

  #jwt(ticket: string, systemUser: AssociateRow): string {
    const nowSeconds = Math.floor(this.#clock.nowMs() / 1000);
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const payload = {
      iss: 'SuperOffice AS',
      aud: 'spn:simulator',
      nbf: nowSeconds,
      exp: nowSeconds + 300,
      [claim('ticket')]: ticket,
      [claim('ctx')]: this.#contextIdentifier,
      [claim('associateid')]: String(systemUser.associate_id),
    };
    const text = `${encode({ alg: 'RS256', typ: 'JWT', kid: keyId })}.${encode(payload)}`;
    const signature = createSign('SHA256').update(text).sign(this.#signingKeys().privateKey, 'base64url');
    return `${text}.${signature}`;
  }

  /** Made when first asked for: most uses of the simulator never need them. */
  #signingKeys(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
    this.#keys ??= generateKeyPairSync('rsa', { modulusLength: 2048 });
    return this.#keys;
  }
}

const timeOf = (stamp: string): number =>
  Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:00Z'));

function verified(publicKey: string, text: string, signature: string): boolean {
  try {
    return createVerify('SHA256').update(text).verify(publicKey, signature, 'base64');
  } catch {
    // A key that cannot be read verifies nothing.
    return false;
  }
}
