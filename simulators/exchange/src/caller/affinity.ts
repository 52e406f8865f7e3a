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

/** Where a new subscription lives: where the cookie leads, else at the back end of its mailbox. */
export function serverFor(context: CallContext, mailbox: Mailbox): string {
  return cookieOf(context) ?? backEndOf(mailbox);
}

/** Sets the cookie on the first answer of a group that asks for affinity. */
export function offerAffinity(context: CallContext, server: string): void {
  if (header(context, 'x-preferserveraffinity').toLowerCase() !== 'true' || cookieOf(context) !== undefined) return;
  context.responseHeaders['Set-Cookie'] = `${cookieName}=${server}~1943310282; path=/; secure; HttpOnly`;
}

/**
 * Whether a request reaches the back end of a subscription: by the cookie when there is one, else by the anchor mailbox,
 * else by the mailbox that it acts for.
 */
export function reachesBackEnd(context: CallContext, server: string): boolean {
  const cookie = cookieOf(context);
  if (cookie !== undefined) return cookie === server;
  const anchor = header(context, 'x-anchormailbox');
  const mailbox = anchor === '' ? context.caller.mailbox : context.directory.mailbox(anchor);
  return mailbox === undefined || backEndOf(mailbox) === server;
}
