// Who calls. On-site installations take Basic and tickets; Online (switch `online`) takes bearer tokens, and tickets
// only together with the header SO-AppToken of an approved application.

import { unauthorized } from '../input/error.ts';
import type { Database } from '../store/database.ts';
import type { AssociateRow } from '../store/rows.ts';
import type { People } from './people.ts';
import type { SystemUserLogin } from './system-user.ts';
import type { Tokens } from './tokens.ts';

export type RequestHeaders = Readonly<Record<string, string | undefined>>;

export interface AuthenticationParts {
  readonly people: People;
  readonly database: Database;
  readonly tokens: Tokens;
  readonly systemUser: SystemUserLogin;
}

export class Authentication {
  readonly #parts: AuthenticationParts;

  constructor(parts: AuthenticationParts) {
    this.#parts = parts;
  }

  /** The caller, or undefined when the credentials are missing, wrong or over. */
  identify(headers: RequestHeaders): AssociateRow | undefined {
    const [scheme = '', credentials = ''] = (headers['authorization'] ?? '').split(/\s+/, 2);
    const { database, tokens } = this.#parts;
    const { online } = database.switches;
    switch (scheme.toLowerCase()) {
      case 'basic':
        return online ? undefined : this.#basic(credentials);
      case 'soticket':
        return online && !this.#applicationKnown(headers) ? undefined : this.#active(tokens.useTicket(credentials));
      case 'bearer':
        return this.#active(tokens.useAccessToken(credentials));
      default:
        return undefined;
    }
  }

  /** @throws 401 */
  require(associate: AssociateRow | undefined): AssociateRow {
    if (associate === undefined) throw unauthorized('Authentication failed');
    return associate;
  }

  #applicationKnown(headers: RequestHeaders): boolean {
    return this.#parts.systemUser.knowsApplication(headers['so-apptoken'] ?? '');
  }

  #active(associateId: number | undefined): AssociateRow | undefined {
    const associate = associateId === undefined ? undefined : this.#parts.database.associates.get(associateId);
    return associate?.deleted === true ? undefined : associate;
  }

  #basic(credentials: string): AssociateRow | undefined {
    const text = Buffer.from(credentials, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    if (colon < 0) return undefined;
    const associate = this.#parts.people.findByLogin(text.slice(0, colon));
    if (associate === undefined || associate.deleted || associate.password === '') return undefined;
    return associate.password === text.slice(colon + 1) ? associate : undefined;
  }
}
