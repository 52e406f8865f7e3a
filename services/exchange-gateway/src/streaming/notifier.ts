// Publishes "something changed in this mailbox" until the stream has acknowledged it. Events of one mailbox within a short moment
// become one message: one save in Outlook makes three.
import type { Bus } from '@lockstep/bus';
import { type MailboxKey, type Notified, notifiedMessage, notifiedSubject } from '@lockstep/contracts';
import type { Clock, Ids } from '@lockstep/service-kit/kit';

export interface NotifierOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly ids: Ids;
  /** How long events of one mailbox are gathered. */
  readonly gatherMs: number;
  /** Messages published at the same time; the other mailboxes wait, each at most once. */
  readonly publishing: number;
  readonly publishDeadlineMs: number;
  readonly retryDelayMs: number;
  readonly onPublished: (cause: Notified['cause']) => void;
}

interface Pending {
  readonly cause: Notified['cause'];
  readonly firstSeenAt: string;
}

export class Notifier {
  readonly #options: NotifierOptions;
  readonly #gathering = new Map<MailboxKey, NodeJS.Timeout>();
  readonly #pending = new Map<MailboxKey, Pending>();
  readonly #ready: MailboxKey[] = [];
  readonly #stopping = new AbortController();
  #running = 0;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Something may have changed in this mailbox. */
  tell(mailbox: MailboxKey, cause: Notified['cause']): void {
    if (this.#stopping.signal.aborted) return;
    const pending = this.#pending.get(mailbox);
    if (pending !== undefined) {
      if (cause === 'subscribed') this.#pending.set(mailbox, { ...pending, cause });
      return;
    }
    this.#pending.set(mailbox, { cause, firstSeenAt: new Date(this.#options.clock.now()).toISOString() });
    this.#after(mailbox, this.#options.gatherMs);
  }

  /** Gives up what is not published: the next owner of the group publishes every mailbox of it. */
  stop(): void {
    this.#stopping.abort();
    for (const timer of this.#gathering.values()) clearTimeout(timer);
    this.#gathering.clear();
    this.#pending.clear();
  }

  #after(mailbox: MailboxKey, waitMs: number): void {
    const timer = setTimeout(() => {
      this.#gathering.delete(mailbox);
      this.#ready.push(mailbox);
      this.#publishReady();
    }, waitMs);
    this.#gathering.set(mailbox, timer);
  }

  #publishReady(): void {
    while (this.#running < this.#options.publishing) {
      const mailbox = this.#ready.shift();
      if (mailbox === undefined) return;
      this.#running++;
      void this.#publish(mailbox).finally(() => {
        this.#running--;
        this.#publishReady();
      });
    }
  }

  async #publish(mailbox: MailboxKey): Promise<void> {
    const pending = this.#pending.get(mailbox);
    if (pending === undefined) return;
    // From here on a further event is a new message: the reader may take this one before that event happens.
    this.#pending.delete(mailbox);
    const { bus, ids, publishDeadlineMs, retryDelayMs, onPublished } = this.#options;
    const message = { v: 1, mailbox, ...pending };
    const options = {
      correlationId: ids.uuidv7(),
      deadlineMs: publishDeadlineMs,
      signal: this.#stopping.signal,
    };
    const outcome = await bus.publish(notifiedMessage, notifiedSubject(mailbox), message, options);
    if (outcome.ok) onPublished(pending.cause);
    else if (!this.#stopping.signal.aborted && !this.#pending.has(mailbox)) {
      this.#pending.set(mailbox, pending);
      this.#after(mailbox, retryDelayMs);
    }
  }
}
