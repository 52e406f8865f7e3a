// All subscriptions of the server. They live in memory: a restart loses them, as it does on a real server.
import { randomBytes } from 'node:crypto';
import type { Mailbox } from '../store/mailbox.ts';
import type { MailboxEvent } from '../store/mailbox-event.ts';
import type { Clock } from '../time/clock.ts';
import { eventsOf } from './notification-event.ts';
import { Subscription, type SubscriptionTerms } from './subscription.ts';

export interface SubscriptionLimits {
  readonly maxQueuedEvents: number;
}

export class Subscriptions {
  readonly #byId = new Map<string, Subscription>();
  readonly #byMailbox = new Map<Mailbox, Set<Subscription>>();
  readonly #clock: Clock;
  readonly #limits: SubscriptionLimits;
  #position = 1;

  constructor(clock: Clock, limits: SubscriptionLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  add(terms: SubscriptionTerms): Subscription {
    const guid = Buffer.from(terms.mailbox.identity.guid.replaceAll('-', ''), 'hex');
    const id = Buffer.concat([Buffer.from([0x17, 0x00]), Buffer.from(terms.server), guid, randomBytes(16)]);
    const subscription = new Subscription(id.toString('base64'), terms, this.#position, this.#limits.maxQueuedEvents);
    this.#byId.set(subscription.id, subscription);
    const siblings = this.#byMailbox.get(terms.mailbox) ?? new Set();
    this.#byMailbox.set(terms.mailbox, siblings.add(subscription));
    this.touch(subscription);
    return subscription;
  }

  get(id: string): Subscription | undefined {
    return this.#byId.get(id);
  }

  remove(subscription: Subscription): void {
    subscription.cancelExpiry?.();
    this.#byId.delete(subscription.id);
    const siblings = this.#byMailbox.get(subscription.terms.mailbox);
    siblings?.delete(subscription);
    if (siblings?.size === 0) this.#byMailbox.delete(subscription.terms.mailbox);
    subscription.onRemoved?.();
  }

  /** Begins the idle time anew; while something delivers it, it does not run out. */
  touch(subscription: Subscription): void {
    subscription.cancelExpiry?.();
    if (subscription.connection !== undefined) return;
    subscription.cancelExpiry = this.#clock.after(subscription.terms.idleMs, () => this.remove(subscription));
  }

  /** Tells the subscribers of a mailbox what happened. */
  publish(mailbox: Mailbox, change: MailboxEvent): void {
    const subscribers = this.#byMailbox.get(mailbox);
    if (subscribers === undefined) return;
    for (const event of eventsOf(mailbox.identity.guid, change, this.#clock.nowMs())) {
      this.#position += 1;
      for (const subscription of subscribers) subscription.offer(event, this.#position);
    }
  }

  /** How many a budget pays for. */
  countOf(budgetOwner: string): number {
    let count = 0;
    for (const { terms } of this.#byId.values()) if (terms.budgetOwner === budgetOwner) count += 1;
    return count;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Loses all, as a restart does. Streams are cut by whoever holds them. */
  clear(): void {
    for (const subscription of [...this.#byId.values()]) this.remove(subscription);
  }
}
