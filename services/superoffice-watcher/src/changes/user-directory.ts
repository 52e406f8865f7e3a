// Which mailbox belongs to which associate, from the user links. Recomputed when the settings hand out another map.

import type { MailboxKey, UserLink } from '@lockstep/contracts';
import type { SettingsReader } from '@lockstep/service-kit';

export class UserDirectory {
  readonly #settings: Pick<SettingsReader, 'userLinks'>;
  #madeFrom: ReadonlyMap<MailboxKey, UserLink> | undefined;
  #byAssociate: ReadonlyMap<number, UserLink> = new Map();

  constructor(settings: Pick<SettingsReader, 'userLinks'>) {
    this.#settings = settings;
  }

  link(mailbox: MailboxKey): UserLink | undefined {
    return this.#settings.userLinks().get(mailbox);
  }

  /** The enabled link of an associate. */
  ofAssociate(associateId: number | undefined): UserLink | undefined {
    if (associateId === undefined) return undefined;
    const links = this.#settings.userLinks();
    if (links !== this.#madeFrom) {
      this.#byAssociate = new Map(this.enabled().map((link) => [link.associateId, link]));
      this.#madeFrom = links;
    }
    return this.#byAssociate.get(associateId);
  }

  enabled(): readonly UserLink[] {
    return [...this.#settings.userLinks().values()].filter((link) => link.enabled);
  }
}
