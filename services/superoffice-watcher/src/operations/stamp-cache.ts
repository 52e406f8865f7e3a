// Which mailbox a link belongs to. A link never changes its mailbox, so what was once asked stays true; the oldest are
// forgotten beyond the bound.
import type { MailboxKey } from '@lockstep/contracts';

export class StampCache {
  readonly #maxEntries: number;
  readonly #mailboxes = new Map<string, MailboxKey>();

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  mailboxOf(linkId: string): MailboxKey | undefined {
    return this.#mailboxes.get(linkId);
  }

  remember(linkId: string, mailbox: MailboxKey): void {
    this.#mailboxes.delete(linkId);
    this.#mailboxes.set(linkId, mailbox);
    const [oldest] = this.#mailboxes.keys();
    if (oldest !== undefined && this.#mailboxes.size > this.#maxEntries) this.#mailboxes.delete(oldest);
  }
}
