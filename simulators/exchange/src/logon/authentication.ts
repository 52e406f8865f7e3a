// Who is at the other end: Basic, NTLM (bound to the connection) or Bearer, as far as the settings offer them.
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Account, Directory } from '../store/directory.ts';
import type { AccessSettings } from './access-settings.ts';
import { makeChallenge, messageType, provesPassword, readAuthenticate } from './ntlm.ts';
import type { Token, Tokens } from './tokens.ts';

export type Authentication =
  | { readonly kind: 'account'; readonly account: Account; readonly token: Token | undefined }
  | {
      readonly kind: 'refused';
      readonly status: 401 | 403;
      readonly headers: Readonly<Record<string, string | string[]>>;
    };

/** What an authenticator looks things up in; the settings may be others at every request. */
export interface LogonSource {
  readonly access: AccessSettings;
  readonly directory: Directory;
  readonly tokens: Tokens;
  readonly clock: { nowMs(): number };
}

interface ConnectionState {
  challenge: Buffer | undefined;
  account: Account | undefined;
}

const realm = 'Basic realm="exchange.lockstep.test"';
const bearerOffer =
  'Bearer client_id="00000002-0000-0ff1-ce00-000000000000", trusted_issuers="00000001-0000-0000-c000-000000000000@*", token_types="app_asserted_user_v1 service_asserted_app_v1"';

export class Authenticator {
  readonly #connections = new WeakMap<Socket, ConnectionState>();
  readonly #source: LogonSource;

  constructor(source: LogonSource) {
    this.#source = source;
  }

  authenticate(request: IncomingMessage): Authentication {
    const outcome = this.#identify(request);
    const { access } = this.#source;
    if (outcome.kind !== 'account') return outcome;
    return isBlocked(outcome, access) ? { kind: 'refused', status: 403, headers: {} } : outcome;
  }

  #identify(request: IncomingMessage): Authentication {
    const { access } = this.#source;
    const header = request.headers.authorization ?? '';
    const blank = header.indexOf(' ');
    const scheme = (blank === -1 ? header : header.slice(0, blank)).toLowerCase();
    const credentials = blank === -1 ? '' : header.slice(blank + 1).trim();
    if (scheme === 'basic' && access.schemes.includes('Basic')) return this.#basic(credentials);
    if (scheme === 'bearer' && access.schemes.includes('Bearer')) return this.#bearer(credentials);
    if (!access.schemes.includes('NTLM')) return challenge(access);
    if (scheme === 'ntlm' || scheme === 'negotiate') return this.#ntlm(request.socket, scheme, credentials);
    const known = this.#connections.get(request.socket)?.account;
    return known === undefined ? challenge(access) : { kind: 'account', account: known, token: undefined };
  }

  #basic(credentials: string): Authentication {
    const text = Buffer.from(credentials, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    const account = colon === -1 ? undefined : this.#source.directory.account(text.slice(0, colon));
    const right = account !== undefined && sameText(account.password, text.slice(colon + 1));
    return right ? { kind: 'account', account, token: undefined } : challenge(this.#source.access);
  }

  #bearer(credentials: string): Authentication {
    const check = this.#source.tokens.check(credentials);
    const account = check.kind === 'valid' ? this.#source.directory.account(check.token.account) : undefined;
    if (check.kind === 'valid' && account !== undefined) return { kind: 'account', account, token: check.token };
    const diagnostics =
      check.kind === 'invalid'
        ? check.diagnostics
        : '2000005;reason="The user is unknown.";error_category="invalid_user"';
    const refused = challenge(this.#source.access);
    if (refused.kind === 'account') return refused;
    return { ...refused, headers: { ...refused.headers, 'x-ms-diagnostics': diagnostics } };
  }

  #ntlm(socket: Socket, scheme: string, credentials: string): Authentication {
    const token = Buffer.from(credentials, 'base64');
    const name = scheme === 'ntlm' ? 'NTLM' : 'Negotiate';
    const state = this.#connections.get(socket) ?? { challenge: undefined, account: undefined };
    this.#connections.set(socket, state);
    if (messageType(token) === 1) {
      const { serverChallenge, message } = makeChallenge(this.#source.clock.nowMs());
      state.challenge = serverChallenge;
      return { kind: 'refused', status: 401, headers: { 'WWW-Authenticate': `${name} ${message.toString('base64')}` } };
    }
    const message = readAuthenticate(token);
    const account = message === undefined ? undefined : this.#source.directory.account(message.user);
    const expected = state.challenge;
    state.challenge = undefined;
    if (message === undefined || account === undefined || expected === undefined) return challenge(this.#source.access);
    if (!provesPassword(message, account.password, expected)) return challenge(this.#source.access);
    state.account = account;
    return { kind: 'account', account, token: undefined };
  }
}

function challenge({ schemes }: AccessSettings): Authentication {
  const offers = schemes.flatMap((scheme) => {
    if (scheme === 'Basic') return [realm];
    return scheme === 'NTLM' ? ['Negotiate', 'NTLM'] : [bearerOffer];
  });
  return { kind: 'refused', status: 401, headers: { 'WWW-Authenticate': offers } };
}

function isBlocked(
  who: { readonly account: Account; readonly token: Token | undefined },
  access: AccessSettings,
): boolean {
  if (!access.ewsEnabled || access.ewsDisabledFor.includes(who.account.address.toLowerCase())) return true;
  const { token } = who;
  return (
    token !== undefined && access.allowedAppIds.length > 0 && !access.allowedAppIds.includes(token.appId.toLowerCase())
  );
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
