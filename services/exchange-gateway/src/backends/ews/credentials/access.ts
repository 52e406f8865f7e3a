// How Exchange is reached with the settings as they are: address, way, header, whose mailbox. What is incomplete is told by field.
import {
  exchangeAccount,
  exchangePurpose,
  failure,
  isLoopback,
  type Outcome,
  proxyPurpose,
  type SealedSecret,
  success,
  type TechnicalSettings,
} from '@lockstep/contracts';
import type { Via } from '../../../http/connection-pool.ts';
import type { NtlmAccount } from '../../../http/ntlm/messages.ts';
import { makeRoute, type ProxySettings, type Route } from '../../../http/route.ts';
import { applicationOf } from './application.ts';
import type { OAuthApplication, OAuthTokens } from './oauth-tokens.ts';
import { openSecret } from './sealed-password.ts';

export interface Access {
  readonly url: URL;
  readonly via: Via;
  /** Absent where the connection itself is signed in. */
  readonly authorization: string | undefined;
  readonly kind: TechnicalSettings['access'];
  /** Changes with account, secrets, address and way: what was learned about the old ones means nothing any more. */
  readonly fingerprint: string;
  /** Where a token stands for the account: have it replaced, since Exchange refused it. */
  readonly renew?: () => void;
}

export interface AccessReaderOptions {
  readonly technical: () => TechnicalSettings;
  /** File with the private key (JWK). */
  readonly keyFile: string | undefined;
  /** Makes the tokens of an application; they are asked for by the same way as Exchange. */
  readonly tokensOf: (application: OAuthApplication, via: Via) => OAuthTokens;
}

type SignIn =
  | { readonly kind: 'header'; readonly via: Via; readonly authorization: string }
  | { readonly kind: 'connection'; readonly via: Via }
  | { readonly kind: 'token'; readonly via: Via; readonly tokens: OAuthTokens };

/** Keeps the opened secrets of the current settings in memory, and nothing of older ones. */
export class AccessReader {
  readonly #options: AccessReaderOptions;
  #known: { readonly fingerprint: string; readonly signIn: SignIn } | undefined;

  constructor(options: AccessReaderOptions) {
    this.#options = options;
  }

  /**
   * Fails with `exchange-not-configured` (and the field), with what hinders the opening of a secret, or with what the sign-in
   * service says.
   */
  async current(): Promise<Outcome<Access>> {
    const settings = this.#options.technical();
    const url = checkedUrl(settings);
    if (!url.ok) return url;
    const fingerprint = fingerprintOf(settings);
    if (this.#known?.fingerprint !== fingerprint) {
      const signIn = await this.#signIn(settings);
      if (!signIn.ok) return signIn;
      // Two calls may have opened the secrets at the same time: one of them counts, so that tokens are asked for once.
      if (this.#known?.fingerprint !== fingerprint) this.#known = { fingerprint, signIn: signIn.value };
    }
    const { signIn } = this.#known;
    const access = { url: url.value, via: signIn.via, kind: settings.access, fingerprint };
    if (signIn.kind === 'connection') return success({ ...access, authorization: undefined });
    if (signIn.kind === 'header') return success({ ...access, authorization: signIn.authorization });
    const token = await signIn.tokens.current();
    if (!token.ok) return token;
    const renew = () => signIn.tokens.forget(token.value);
    return success({ ...access, authorization: `Bearer ${token.value}`, renew });
  }

  async #signIn(settings: TechnicalSettings): Promise<Outcome<SignIn>> {
    const { keyFile, tokensOf } = this.#options;
    const route = await routeOf(settings, keyFile);
    if (!route.ok) return route;
    const via = { route: route.value };
    if (settings.authentication === 'oauth') {
      const application = await applicationOf(settings, keyFile);
      return application.ok ? success({ kind: 'token', via, tokens: tokensOf(application.value, via) }) : application;
    }
    if (settings.userName === '') return failure('exchange-not-configured', { field: 'userName' });
    const password = await opened(settings.password, settings, keyFile);
    if (!password.ok) return password;
    if (settings.authentication === 'ntlm') {
      return success({ kind: 'connection', via: { ...via, ntlm: ntlmAccount(settings, password.value) } });
    }
    return success({ kind: 'header', via, authorization: basic(exchangeAccount(settings), password.value) });
  }
}

/** The `Authorization` header of a request, where there is one. */
export function authorizationOf({ authorization }: Access): Readonly<Record<string, string>> {
  return authorization === undefined ? {} : { Authorization: authorization };
}

/** Equal as long as account, secrets, address and way are. */
export function fingerprintOf(settings: TechnicalSettings): string {
  const { authentication, ewsUrl, oabUrl, autodiscoverUrl, password } = settings;
  const { oauthTenant, oauthClientId, oauthAuthority, oauthCertificate, oauthClientSecret, oauthPrivateKey } = settings;
  const { trustedAuthorities, proxyUrl, proxyUserName, proxyPassword } = settings;
  const account =
    authentication === 'oauth'
      ? [oauthTenant, oauthClientId, oauthAuthority, oauthCertificate, oauthClientSecret?.jwe, oauthPrivateKey?.jwe]
      : [exchangeAccount(settings), password?.jwe];
  const way = [trustedAuthorities, proxyUrl, proxyUserName, proxyPassword?.jwe];
  return JSON.stringify([authentication, ewsUrl, oabUrl, autodiscoverUrl, account, way]);
}

function checkedUrl({ ewsUrl, authentication }: TechnicalSettings): Outcome<URL> {
  if (!URL.canParse(ewsUrl)) return failure('exchange-not-configured', { field: 'ewsUrl' });
  const url = new URL(ewsUrl);
  if (url.protocol === 'https:') return success(url);
  // NTLM sends a proof of the password, never the password.
  if (url.protocol === 'http:' && (authentication === 'ntlm' || isLoopback(url.hostname))) return success(url);
  return failure('exchange-not-configured', {
    field: 'ewsUrl',
    detail: 'https is required: http would show the secret',
  });
}

/** Signs in with the password to one address beside EWS, when it was sealed for that host. Fails as `openSecret` does. */
export async function passwordAccess(
  settings: TechnicalSettings,
  sealed: SealedSecret,
  url: URL,
  keyFile: string | undefined,
): Promise<Outcome<Pick<Access, 'via' | 'authorization'>>> {
  const route = await routeOf(settings, keyFile);
  if (!route.ok) return route;
  const password = await openSecret(sealed, { ...exchangePurpose(settings), hosts: [] }, url.href, keyFile);
  if (!password.ok) return password;
  const via = { route: route.value };
  if (settings.authentication === 'ntlm') {
    return success({ via: { ...via, ntlm: ntlmAccount(settings, password.value) }, authorization: undefined });
  }
  return success({ via, authorization: basic(exchangeAccount(settings), password.value) });
}

/** By which way servers are reached with these settings. */
export async function routeOf(settings: TechnicalSettings, keyFile: string | undefined): Promise<Outcome<Route>> {
  const { trustedAuthorities: authorities, proxyUrl, proxyUserName, proxyPassword } = settings;
  let proxy: ProxySettings | undefined;
  if (proxyUrl !== '') {
    if (!URL.canParse(proxyUrl)) return failure('exchange-not-configured', { field: 'proxyUrl' });
    const password =
      proxyPassword === undefined
        ? success('')
        : await openSecret(proxyPassword, proxyPurpose(settings), proxyUrl, keyFile);
    if (!password.ok) return { ok: false, error: { ...password.error, field: 'proxyPassword' } };
    const account = proxyUserName === '' ? {} : { account: { userName: proxyUserName, password: password.value } };
    proxy = { url: new URL(proxyUrl), ...account };
  }
  try {
    return success(makeRoute({ authorities, ...(proxy === undefined ? {} : { proxy }) }));
  } catch {
    // OpenSSL cannot read an authority. The settings service refuses these; what is stored may be older than its checks.
    return failure('exchange-not-configured', { field: 'trustedAuthorities' });
  }
}

async function opened(
  password: SealedSecret | undefined,
  settings: TechnicalSettings,
  keyFile: string | undefined,
): Promise<Outcome<string>> {
  if (password === undefined) return failure('credential-missing', { field: 'password' });
  return openSecret(password, exchangePurpose(settings), settings.ewsUrl, keyFile);
}

/** `DOMAIN\user` in the user name is taken apart; a UPN goes as it is, without a domain. */
function ntlmAccount({ userName, domain }: TechnicalSettings, password: string): NtlmAccount {
  const [, written = '', user = ''] = domain === '' ? (/^([^\\]+)\\([^\\]+)$/.exec(userName) ?? []) : [];
  return user === '' ? { userName, domain, password } : { userName: user, domain: written, password };
}

function basic(account: string, password: string): string {
  return `Basic ${Buffer.from(`${account}:${password}`, 'utf8').toString('base64')}`;
}
