// Why the last step of a mailbox could not be carried out, for people who ask. It stands until a step succeeds; a new owner learns
// it by its own first attempt.
import type { CodedError, Instant, MailboxKey } from '@lockstep/contracts';
import type { Owned } from '@lockstep/service-kit';

export interface Trouble {
  readonly code: string;
  readonly detail?: string;
  /** When a step failed for this reason for the first time. */
  readonly since: Instant;
}

export class Troubles {
  readonly #mailboxes = new Map<MailboxKey, { readonly owned: Owned; readonly trouble: Trouble }>();

  failed(mailbox: MailboxKey, owned: Owned, { code, detail }: CodedError, at: Instant): void {
    const known = this.#mailboxes.get(mailbox)?.trouble;
    const since = known?.code === code ? known.since : at;
    const trouble = { code, since, ...(detail === undefined ? {} : { detail }) };
    this.#mailboxes.set(mailbox, { owned, trouble });
  }

  succeeded(mailbox: MailboxKey): void {
    this.#mailboxes.delete(mailbox);
  }

  of(mailbox: MailboxKey): Trouble | undefined {
    return this.#mailboxes.get(mailbox)?.trouble;
  }

  dropPartition(owned: Owned): void {
    for (const [mailbox, known] of this.#mailboxes) if (known.owned === owned) this.#mailboxes.delete(mailbox);
  }
}
