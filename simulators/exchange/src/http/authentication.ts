// Who is at the other end: Basic.
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Account, Directory } from '../store/directory.ts';

export type Authentication =
  | { readonly kind: 'account'; readonly account: Account }
  | {
      readonly kind: 'refused';
      readonly status: 401 | 403;
      readonly headers: Readonly<Record<string, string | string[]>>;
    };

const realm = 'Basic realm="exchange.lockstep.test"';

/** Reads the Authorization header. */
export function authenticate(request: IncomingMessage, directory: Directory): Authentication {
  const [scheme, credentials] = (request.headers.authorization ?? '').split(' ', 2);
  if (scheme?.toLowerCase() !== 'basic' || credentials === undefined) return challenge();
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const account = colon === -1 ? undefined : directory.account(text.slice(0, colon));
  if (account === undefined || !sameText(account.password, text.slice(colon + 1))) return challenge();
  return { kind: 'account', account };
}

function challenge(): Authentication {
  return { kind: 'refused', status: 401, headers: { 'WWW-Authenticate': realm } };
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
