// Puts changes into the stream. They are wake-ups: the engine reads the row itself.
import type { Bus, MessageContext } from '@lockstep/bus';
import {
  type AllChanged,
  type Change,
  type ChangeClass,
  changeMessage,
  changeSubject,
  type ItemKind,
  type MailboxKey,
  type Outcome,
} from '@lockstep/contracts';

export interface PublisherOptions {
  readonly bus: Bus;
  readonly now: () => number;
  readonly deadlineMs: number;
  readonly count: (kind: 'item' | 'vanished' | 'all', changeClass: ChangeClass) => void;
}

/** How a change came about and until when it is wanted. */
export interface PublishContext extends MessageContext {
  readonly changeClass: ChangeClass;
  readonly signal: AbortSignal;
}

export class Publisher {
  readonly #options: PublisherOptions;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** Resolves when the stream has acknowledged. `version` is absent for a row that vanished or could not be read. */
  item(
    mailbox: MailboxKey,
    row: { readonly kind: ItemKind; readonly id: number },
    seen: { readonly vanished: boolean; readonly version?: string },
    context: PublishContext,
  ): Promise<Outcome<void>> {
    const change: Change = {
      ...this.#common(mailbox),
      kind: 'item',
      item: row.kind,
      id: String(row.id),
      ...seen,
    };
    return this.#publish(change, seen.vanished ? 'vanished' : 'item', context);
  }

  all(mailbox: MailboxKey, reason: AllChanged['reason'], context: PublishContext): Promise<Outcome<void>> {
    return this.#publish({ ...this.#common(mailbox), kind: 'all', reason }, 'all', context);
  }

  #common(mailbox: MailboxKey) {
    return { v: 1, mailbox, side: 'superoffice', firstSeenAt: new Date(this.#options.now()).toISOString() } as const;
  }

  async #publish(change: Change, kind: 'item' | 'vanished' | 'all', context: PublishContext): Promise<Outcome<void>> {
    const { changeClass, ...rest } = context;
    const { bus, deadlineMs } = this.#options;
    const published = await bus.publish(changeMessage, changeSubject(change, changeClass), change, {
      ...rest,
      deadlineMs,
    });
    if (published.ok) this.#options.count(kind, changeClass);
    return published;
  }
}
