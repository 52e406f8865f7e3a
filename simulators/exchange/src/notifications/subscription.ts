// One subscription: what it watches, who owns it, and the events that wait to be fetched.
// The queue is bounded; what does not fit is lost, and the subscriber is told that something was.
import type { Mailbox } from '../store/mailbox.ts';
import type { Cancel } from '../time/clock.ts';
import type { EventType, NotificationEvent } from './notification-event.ts';

export interface SubscriptionTerms {
  readonly kind: 'streaming' | 'pull' | 'push';
  readonly owner: string;
  readonly budgetOwner: string;
  readonly mailbox: Mailbox;
  /** Serials of the watched folders; undefined for all. */
  readonly folders: ReadonlySet<number> | undefined;
  readonly types: ReadonlySet<EventType>;
  /** Idle time after which it is dropped. */
  readonly idleMs: number;
  /** Server that it lives on, for the affinity cookie. */
  readonly server: string;
}

export interface QueuedEvent {
  readonly event: NotificationEvent;
  /** Position, for watermarks. */
  readonly position: number;
}

export class Subscription {
  readonly id: string;
  readonly terms: SubscriptionTerms;
  /** Position at which it began: no older watermark is its own. */
  readonly startedAt: number;
  readonly #maxQueued: number;
  #queue: QueuedEvent[] = [];
  #position: number;
  #missed = false;
  /** Set while something delivers it. */
  connection: { wake(): void; supersede(id: string): void } | undefined;
  cancelExpiry: Cancel | undefined;
  /** Told once it is gone, by whichever way. */
  onRemoved: (() => void) | undefined;

  constructor(id: string, terms: SubscriptionTerms, position: number, maxQueued: number) {
    this.id = id;
    this.terms = terms;
    this.startedAt = position;
    this.#position = position;
    this.#maxQueued = maxQueued;
  }

  get position(): number {
    return this.#position;
  }

  /** Whether events were lost since the last look. */
  takeMissed(): boolean {
    const missed = this.#missed;
    this.#missed = false;
    return missed;
  }

  offer(event: NotificationEvent, position: number): void {
    if (!this.terms.types.has(event.type)) return;
    const { folders } = this.terms;
    if (folders !== undefined && !event.folders.some((folder) => folders.has(folder.serial))) return;
    if (this.#queue.length >= this.#maxQueued) {
      this.#missed = true;
      return;
    }
    this.#queue.push({ event, position });
    this.connection?.wake();
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Takes events off the queue: item events before the folder events that follow them. */
  take(limit: number): readonly QueuedEvent[] {
    const first = this.#queue[0]?.event.about;
    let count = 0;
    while (count < limit && count < this.#queue.length && this.#queue[count]?.event.about === first) count += 1;
    const taken = this.#queue.splice(0, count);
    this.#position = taken.at(-1)?.position ?? this.#position;
    return taken;
  }

  /** Pull and push: everything after a watermark, which also acknowledges what came before. */
  after(position: number, limit: number): { readonly events: readonly QueuedEvent[]; readonly more: boolean } {
    this.#queue = this.#queue.filter((each) => each.position > position);
    return { events: this.#queue.slice(0, limit), more: this.#queue.length > limit };
  }
}
