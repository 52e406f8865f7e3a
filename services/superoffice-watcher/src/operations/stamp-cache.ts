// Which mailbox a link belongs to. A link never changes its mailbox, so what was once asked stays true; the oldest are
// forgotten beyond the bound.
import type { LinkId, MailboxKey } from '@lockstep/contracts';

export class StampCache {
  readonly #maxEntries: number;
  readonly #mailboxes = new Map<LinkId, MailboxKey>();

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  mailboxOf(linkId: LinkId): MailboxKey | undefined {
    return this.#mailboxes.get(linkId);
  }

  remember(linkId: LinkId, mailbox: MailboxKey): void {
    this.#mailboxes.delete(linkId);
    this.#mailboxes.set(linkId, mailbox);
    const [oldest] = this.#mailboxes.keys();
    if (oldest !== undefined && this.#mailboxes.size > this.#maxEntries) this.#mailboxes.delete(oldest);
  }
}
