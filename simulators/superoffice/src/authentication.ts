// Who calls. Basic is what on-site installations take (Online does not).
import { unauthorized } from './error.ts';
import type { People } from './people.ts';
import type { AssociateRow } from './rows.ts';

export type RequestHeaders = Readonly<Record<string, string | undefined>>;

export class Authentication {
  readonly #people: People;

  constructor(people: People) {
    this.#people = people;
  }

  /** The caller, or undefined when the credentials are missing or wrong. */
  identify(headers: RequestHeaders): AssociateRow | undefined {
    const [scheme = '', credentials = ''] = (headers['authorization'] ?? '').split(/\s+/, 2);
    return scheme.toLowerCase() === 'basic' ? this.#basic(credentials) : undefined;
  }

  /** @throws 401 */
  require(associate: AssociateRow | undefined): AssociateRow {
    if (associate === undefined) throw unauthorized('Authentication failed');
    return associate;
  }

  #basic(credentials: string): AssociateRow | undefined {
    const text = Buffer.from(credentials, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    if (colon < 0) return undefined;
    const associate = this.#people.findByLogin(text.slice(0, colon));
    if (associate === undefined || associate.deleted || associate.password === '') return undefined;
    return associate.password === text.slice(colon + 1) ? associate : undefined;
  }
}
