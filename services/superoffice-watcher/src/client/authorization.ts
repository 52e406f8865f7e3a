// How a request proves who we are. Basic is enough on-site; the ticket of Online's system user is another implementation
// of the same interface, which may ask for its ticket in `headers`.
import { type Outcome, success } from '@lockstep/contracts';

export interface Authorization {
  /** The headers to send, asked for before each request. */
  headers(signal: AbortSignal): Promise<Outcome<Readonly<Record<string, string>>>>;
}

/** RFC 7617, with UTF-8. */
export function basicAuthorization(userName: string, password: string): Authorization {
  const value = `Basic ${Buffer.from(`${userName}:${password}`, 'utf8').toString('base64')}`;
  return { headers: () => Promise.resolve(success({ authorization: value })) };
}
