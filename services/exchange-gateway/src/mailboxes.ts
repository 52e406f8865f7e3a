// From a mailbox key to how it is asked for: its address, its owner's zone, and the backend that serves it. The address stays in
// here: subjects, logs and metrics show the key.
import type { RequestContext } from '@lockstep/bus';
import { failure, type MailboxKey, type Outcome, type Priority, success, type UserLink } from '@lockstep/contracts';
import type { SettingsReader } from '@lockstep/service-kit/kit';
import type { Ask, Asking, Backend, Mailbox } from './backend.ts';

export interface MailboxesOptions {
  readonly settings: SettingsReader;
  /** The backend is a property of the mailbox. */
  readonly backendOf: (link: UserLink) => Backend;
}

export interface Asked {
  readonly backend: Backend;
  readonly ask: Ask;
}

export class Mailboxes {
  readonly #options: MailboxesOptions;

  constructor(options: MailboxesOptions) {
    this.#options = options;
  }

  /** How to ask for a linked mailbox on behalf of a request. Fails with `mailbox-not-linked`. */
  ask(key: MailboxKey, priority: Priority, context: RequestContext): Outcome<Asked> {
    const link = this.#options.settings.userLinks().get(key);
    if (link === undefined) return failure('mailbox-not-linked', { field: 'mailbox' });
    const ask = { ...asking(priority, context), mailbox: mailboxOf(link) };
    return success({ backend: this.#options.backendOf(link), ask });
  }

  /** The enabled ones, with their backends. */
  *enabled(): Iterable<{ readonly mailbox: Mailbox; readonly backend: Backend }> {
    for (const link of this.#options.settings.userLinks().values()) {
      if (link.enabled) yield { mailbox: mailboxOf(link), backend: this.#options.backendOf(link) };
    }
  }
}

/** What a request of the bus asks on whose behalf. */
export function asking(priority: Priority, context: RequestContext): Asking {
  const { correlationId, signal } = context;
  return { priority, correlationId, remainingMs: () => context.remainingMs(), signal };
}

function mailboxOf({ mailbox, address, zone }: UserLink): Mailbox {
  return { key: mailbox, address, zone };
}
