// Subscriptions that nobody reads any more, to be ended at the server: otherwise each stays for half an hour and counts against what
// its mailbox may have.
import type { Clock, Ids } from '@lockstep/service-kit/kit';
import type { Mailbox, SubscriptionId, Watch } from '../backend.ts';

interface Left {
  readonly mailbox: Mailbox;
  readonly id: SubscriptionId;
  readonly watch: Watch;
}

export interface LeftSubscriptionsOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  /** Ended at the same time. */
  readonly width: number;
  readonly deadlineMs: number;
}

export class LeftSubscriptions {
  readonly #options: LeftSubscriptionsOptions;
  #left: Left[] = [];

  constructor(options: LeftSubscriptionsOptions) {
    this.#options = options;
  }

  add(mailbox: Mailbox, id: SubscriptionId, watch: Watch): void {
    this.#left.push({ mailbox, id, watch });
  }

  /** The place has changed: what was there cannot be ended from here. */
  clear(): void {
    this.#left = [];
  }

  /**
   * Ends those that no stream covers: ended before, each would break the stream of all. Each is tried once; one that is not ended
   * runs out by itself.
   */
  async end(isCovered: (id: SubscriptionId) => boolean, signal: AbortSignal): Promise<void> {
    const { clock, ids, width, deadlineMs } = this.#options;
    const due = this.#left.filter(({ id }) => !isCovered(id));
    this.#left = this.#left.filter(({ id }) => isCovered(id));
    const worker = async () => {
      for (let one = due.shift(); one !== undefined; one = due.shift()) {
        if (signal.aborted) return void this.#left.push(one);
        const endsAt = clock.monotonic() + deadlineMs;
        const remainingMs = () => Math.max(0, endsAt - clock.monotonic());
        const ask = { priority: 'change', correlationId: ids.uuidv7(), remainingMs, signal } as const;
        await one.watch.unsubscribe({ ...ask, mailbox: one.mailbox }, one.id);
      }
    };
    await Promise.all(Array.from({ length: width }, worker));
    // What no worker came to, since all were told to stop.
    this.#left.push(...due);
  }
}
