// Finds the mailboxes that nobody will report: newly linked ones, those in trouble when Exchange is reached in another way, and all of
// them after a restart of NATS or when another folder is to be watched. Each gets a notification, so that they take the same way as
// all others: scanned at once, tried again, and never lost.
import { BusError } from '@lockstep/bus';
import {
  kinds,
  type MailboxKey,
  notifiedMessage,
  notifiedSubject,
  partitionOf,
  type UserLink,
  watchedKinds,
} from '@lockstep/contracts';
import type { Kit } from '@lockstep/service-kit';
import { cookieKey, readCookie } from '../cookies/cookie-store.ts';

export interface LookoutBounds {
  readonly lookTogether: number;
  readonly publishDeadlineMs: number;
}

/** Looks after the linked mailboxes of one partition. */
export class Lookout {
  readonly #kit: Kit;
  readonly #bounds: LookoutBounds;
  readonly #partition: number;
  /** Mailboxes that were looked at since they were linked, since this NATS server started and with these folders watched. */
  #seen = new Set<MailboxKey>();
  #seenAt = '';
  #seenFolders = '';

  constructor(kit: Kit, bounds: LookoutBounds, partition: number) {
    this.#kit = kit;
    this.#bounds = bounds;
    this.#partition = partition;
  }

  /** Looks at what was not looked at before. Throws `BusError` when NATS does not answer; what is left is looked at next time. */
  async look(signal: AbortSignal): Promise<void> {
    const serverId = this.#kit.bus.serverId();
    const folders = watchedKinds(this.#kit.settings.sync()).join();
    const linked = linkedIn(this.#partition, this.#kit.settings.userLinks());
    // At first, after a restart of NATS and with another folder to watch, only what has no current cookie; later whoever is new is scanned in any case.
    const everybody = serverId !== this.#seenAt || folders !== this.#seenFolders;
    const before = everybody ? new Set<MailboxKey>() : this.#seen;
    this.#seen = new Set(linked.filter((mailbox) => before.has(mailbox)));
    this.#seenAt = serverId;
    this.#seenFolders = folders;
    const fresh = linked.filter((mailbox) => !this.#seen.has(mailbox));
    for (let begin = 0; begin < fresh.length && !signal.aborted; begin += this.#bounds.lookTogether) {
      const some = fresh.slice(begin, begin + this.#bounds.lookTogether);
      await Promise.all(some.map((mailbox) => this.#lookAt(mailbox, everybody)));
    }
  }

  /** Has these looked at the next time, whatever was seen of them. */
  forget(mailboxes: readonly MailboxKey[]): void {
    for (const mailbox of mailboxes) this.#seen.delete(mailbox);
  }

  async #lookAt(mailbox: MailboxKey, unlessCurrent: boolean): Promise<void> {
    if (!unlessCurrent || !(await this.#isCurrent(mailbox))) await this.#notify(mailbox);
    this.#seen.add(mailbox);
  }

  /** True when each watched folder of the mailbox has a cookie that was stored at this very NATS server. */
  async #isCurrent(mailbox: MailboxKey): Promise<boolean> {
    const { bus, settings } = this.#kit;
    const stored = await Promise.all(
      watchedKinds(settings.sync()).map((kind) =>
        readCookie(bus.bucket('cookies'), cookieKey(mailbox, kinds[kind].folder)),
      ),
    );
    return stored.every((cookie) => cookie.kind === 'cookie' && cookie.entry.value.serverId === this.#seenAt);
  }

  async #notify(mailbox: MailboxKey): Promise<void> {
    const { bus, clock, ids } = this.#kit;
    const message = { v: 1, mailbox, firstSeenAt: new Date(clock.now()).toISOString(), cause: 'requested' } as const;
    const context = { correlationId: ids.uuidv7(), deadlineMs: this.#bounds.publishDeadlineMs };
    const sent = await bus.publish(notifiedMessage, notifiedSubject(mailbox), message, context);
    if (!sent.ok) throw new BusError(sent.error);
  }
}

function linkedIn(partition: number, links: ReadonlyMap<MailboxKey, UserLink>): readonly MailboxKey[] {
  return [...links.values()]
    .filter((link) => link.enabled && partitionOf(link.mailbox) === partition)
    .map((link) => link.mailbox);
}
