// Which addresses of Exchange, SuperOffice and users are accepted. Pure. What is refused here never reaches a service that
// would send a password to it.
import { type CodedError, codedError } from '@lockstep/contracts';

const maxUrlLength = 2048;

/** True for names and addresses of the machine itself, where nobody can listen on the way. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
  );
}

/** What an address is for, as far as the checks differ. */
export interface UrlUse {
  readonly field: string;
  readonly url: string;
  /** The authentication that would send a readable secret there; undefined when none would. */
  readonly readableSecretOf?: string | undefined;
}

/**
 * Why an address is refused, or undefined when it is accepted. Empty means not set and is accepted.
 * A secret that can be read on the way (Basic, OAuth, tickets) goes over plain http to this machine only (docs/architecture.md §8).
 */
export function urlFault({ field, url, readableSecretOf }: UrlUse): CodedError | undefined {
  if (url === '') return undefined;
  const refused = (why: string) => codedError('request-invalid', { field, message: `${field} ${why}` });
  if (url.length > maxUrlLength) return refused(`must have at most ${maxUrlLength} characters`);
  if (!URL.canParse(url)) return refused('must be empty or a whole http or https address, https://host/path');
  const { protocol, hostname, username, password, hash } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') return refused('must begin with https:// or http://');
  if (username !== '' || password !== '') return refused('must not contain a user name or password');
  if (hash !== '') return refused('must not contain a fragment (#)');
  if (protocol === 'http:' && readableSecretOf !== undefined && !isLoopback(hostname))
    return refused(
      `must begin with https://: authentication ${readableSecretOf} would send the secret readably; plain http is accepted only to this machine`,
    );
  return undefined;
}

/** Why the address of a proxy is refused. What follows its port would be left out in silence. */
export function proxyFault(field: string, url: string): CodedError | undefined {
  const fault = urlFault({ field, url });
  if (fault !== undefined || url === '') return fault;
  const refused = (why: string) => codedError('request-invalid', { field, message: `${field} ${why}` });
  const { protocol, pathname, search } = new URL(url);
  if (protocol !== 'http:') return refused('must begin with http://; Exchange is reached through it by CONNECT');
  if (pathname !== '/' || search !== '') return refused('must end after host and port');
  return undefined;
}

const localPart = /^[^\s@<>()[\]\\,;:".]+(\.[^\s@<>()[\]\\,;:".]+)*$/u;
const domainLabel = /^[\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u;

/** True when Exchange could have a mailbox of this address: `local@domain.tld`, by the lengths of RFC 5321 §4.5.3.1. */
export function isPlausibleAddress(address: string): boolean {
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at);
  const labels = address.slice(at + 1).split('.');
  if (at < 1 || address.length > 254 || local.length > 64 || labels.length < 2) return false;
  return localPart.test(local) && labels.every((label) => domainLabel.test(label));
}

/** The name of an IANA zone that this Node knows, in its usual spelling; undefined for anything else, offsets included. */
export function knownZone(name: string): string | undefined {
  if (!/^[A-Za-z]/.test(name)) return undefined;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return timeZone.toLowerCase() === name.toLowerCase() ? timeZone : name;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
