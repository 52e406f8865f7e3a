// Affinity: a subscription lives on one back end. A client that prefers affinity gets a cookie which leads back there.
import type { Mailbox } from '../store/mailbox.ts';
import type { CallContext } from './call-context.ts';

const cookieName = 'X-BackEndOverrideCookie';

/** The back end that serves a mailbox: one of four, always the same. */
export function backEndOf(mailbox: Mailbox): string {
  return `EXCH0${(Number.parseInt(mailbox.identity.guid.slice(0, 2), 16) % 4) + 1}`;
}

function header(context: CallContext, name: string): string {
  const value = context.requestHeaders[name];
  return typeof value === 'string' ? value : (value?.join('; ') ?? '');
}

function cookieOf(context: CallContext): string | undefined {
  return new RegExp(`${cookieName}=([^;~]+)`).exec(header(context, 'cookie'))?.[1];
}

/** Sets the cookie on the first answer of a group that asks for affinity. */
export function offerAffinity(context: CallContext, server: string): void {
  if (header(context, 'x-preferserveraffinity').toLowerCase() !== 'true' || cookieOf(context) !== undefined) return;
  context.responseHeaders['Set-Cookie'] = `${cookieName}=${server}~1943310282; path=/; secure; HttpOnly`;
}
