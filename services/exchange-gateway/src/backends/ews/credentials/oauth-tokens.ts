// The tokens of an application that signs in with OAuth 2 client credentials: asked for once for all calls, and again before they end.
// The sign-in service is not Exchange, so no token of the governor is needed; a refusal is remembered for a while instead.
// Source: Learn, "Authenticate an EWS application by using OAuth", "OAuth 2.0 client credentials flow", "Certificate credentials".
import { createHash, createPrivateKey, randomUUID, X509Certificate } from 'node:crypto';
import { failure, type Outcome, success } from '@lockstep/contracts';
import { SignJWT } from 'jose';
import type { Answer } from '../../../http/transport.ts';
import { TransportError } from '../../../http/transport-error.ts';

export interface OAuthApplication {
  /** `<authority>/<tenant>/oauth2/v2.0/token` */
  readonly tokenUrl: URL;
  readonly clientId: string;
  /** `https://<host of EWS>/.default` */
  readonly scope: string;
  readonly credential:
    | { readonly kind: 'secret'; readonly secret: string }
    /** Both PEM. */
    | { readonly kind: 'certificate'; readonly certificate: string; readonly privateKey: string };
}

export interface OAuthTokensOptions {
  readonly application: OAuthApplication;
  /** Posts a form; rejects with `TransportError`. */
  readonly post: (url: URL, form: string) => Promise<Pick<Answer, 'status' | 'text'>>;
  readonly monotonic: () => number;
  /** Wall clock in milliseconds, for what the sign-in service compares with its own. */
  readonly now: () => number;
  /** A token is asked for anew so long before the old one ends, or after half of its life when that is shorter. */
  readonly renewBeforeMs: number;
  /** A token is not used in the last of its time: it has to be valid when it arrives. */
  readonly reserveMs: number;
  /** How long nobody asks again after a refusal or a failure. */
  readonly failedForMs: number;
}

interface Known {
  readonly token: string;
  readonly renewAt: number;
  readonly endsAt: number;
}

/** How long an assertion counts; clocks may differ by minutes. */
const assertionLifeS = 600;
const maxReasonChars = 300;

export class OAuthTokens {
  readonly #options: OAuthTokensOptions;
  #known: Known | undefined;
  #asking: Promise<Outcome<string>> | undefined;
  #failed: { readonly outcome: Outcome<never>; readonly until: number } | undefined;

  constructor(options: OAuthTokensOptions) {
    this.#options = options;
  }

  /** A token that is valid now. Fails with `oauth-refused` or `oauth-unreachable`. */
  async current(): Promise<Outcome<string>> {
    const now = this.#options.monotonic();
    const known = this.#known;
    if (known !== undefined && now < known.renewAt) return success(known.token);
    const failed = this.#failed !== undefined && now < this.#failed.until ? this.#failed.outcome : undefined;
    if (failed === undefined && this.#asking === undefined) {
      this.#asking = this.#renew().finally(() => {
        this.#asking = undefined;
      });
      // A defect rejects for those who wait; where nobody does it must not end the process.
      this.#asking.catch(() => undefined);
    }
    // As long as the old one is valid nobody waits for the new one.
    if (known !== undefined && now < known.endsAt) return success(known.token);
    return failed ?? (await this.#asking) ?? failure('oauth-unreachable');
  }

  /** Exchange refused this token: the next call gets another one. */
  forget(token: string): void {
    if (this.#known?.token === token) this.#known = undefined;
  }

  async #renew(): Promise<Outcome<string>> {
    const { monotonic, renewBeforeMs, reserveMs, failedForMs } = this.#options;
    // Counted from before the request: then no token is believed to last longer than it does.
    const askedAt = monotonic();
    const got = await this.#ask();
    if (!got.ok) {
      this.#failed = { outcome: got, until: monotonic() + failedForMs };
      return got;
    }
    const { token, lifeMs } = got.value;
    this.#failed = undefined;
    this.#known = {
      token,
      renewAt: askedAt + lifeMs - Math.min(renewBeforeMs, lifeMs / 2),
      endsAt: askedAt + lifeMs - Math.min(reserveMs, lifeMs / 10),
    };
    return success(token);
  }

  async #ask(): Promise<Outcome<{ readonly token: string; readonly lifeMs: number }>> {
    const { application, post } = this.#options;
    const { clientId, scope, tokenUrl } = application;
    const proof = await this.#proof();
    if (proof === undefined) return failure('credential-unreadable', { field: 'oauthPrivateKey' });
    const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, scope, ...proof });
    try {
      return understood(await post(tokenUrl, form.toString()));
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      return failure('oauth-unreachable', { detail: error.systemCode ?? error.failure });
    }
  }

  /** Undefined when the key cannot be used. */
  async #proof(): Promise<Record<string, string> | undefined> {
    const { application, now } = this.#options;
    const { credential, clientId, tokenUrl } = application;
    if (credential.kind === 'secret') return { client_secret: credential.secret };
    try {
      const { raw } = new X509Certificate(credential.certificate);
      const nowS = Math.floor(now() / 1000);
      const assertion = await new SignJWT({ jti: randomUUID() })
        .setProtectedHeader({
          ...{ alg: 'PS256', typ: 'JWT' },
          'x5t#S256': createHash('sha256').update(raw).digest('base64url'),
        })
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(tokenUrl.href)
        .setIssuedAt(nowS)
        .setNotBefore(nowS)
        .setExpirationTime(nowS + assertionLifeS)
        .sign(createPrivateKey(credential.privateKey));
      return {
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      };
    } catch {
      // The cause is not passed on: OpenSSL may quote what it could not read.
      return undefined;
    }
  }
}

function understood({ status, text }: Pick<Answer, 'status' | 'text'>) {
  const said = fieldsIn(text);
  const token = said['access_token'];
  const lifeS = Number(said['expires_in']);
  if (status === 200 && typeof token === 'string' && /^[\x21-\x7e]+$/.test(token) && lifeS > 0) {
    return success({ token, lifeMs: lifeS * 1000 });
  }
  const { error } = said;
  if (status < 400 || status >= 500 || status === 429 || typeof error !== 'string') {
    return failure('oauth-unreachable', { detail: status === 200 ? 'the answer holds no token' : `HTTP ${status}` });
  }
  return failure('oauth-refused', { detail: reasonOf(error, said['error_description']) });
}

/** What the service says, without the trace ids and the time that follow its sentence. */
function reasonOf(error: string, description: unknown): string {
  const [sentence = ''] = typeof description === 'string' ? description.split(/\r|\n|\s+Trace ID:/) : [];
  return (sentence === '' ? error : sentence).slice(0, maxReasonChars);
}

function fieldsIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    // No JSON: a logon page, or what a proxy says. The status tells what to do.
    return {};
  }
}
