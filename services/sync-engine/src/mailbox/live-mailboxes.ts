// The states of the mailboxes that are being worked on, in memory. A cache: dropping one costs its reading again, and
// whoever doubts a state drops it.
import type { MailboxKey } from '@lockstep/contracts';
import type { Owned } from '@lockstep/service-kit';
import { MailboxState, repairState, type StateStore } from '../state/mailbox-state.ts';

export class LiveMailboxes {
  readonly #store: StateStore;
  readonly #capacity: number;
  readonly #states = new Map<MailboxKey, { readonly state: MailboxState; readonly owned: Owned }>();

  constructor(store: StateStore, capacity: number) {
    this.#store = store;
    this.#capacity = capacity;
  }

  /** The state of a mailbox, taken over in the name of the owner if this owner has not done so yet. */
  async get(mailbox: MailboxKey, owned: Owned): Promise<MailboxState> {
    const live = this.#states.get(mailbox);
    this.#states.delete(mailbox);
    const current =
      live?.owned === owned ? live : { owned, state: await MailboxState.takeOver(this.#store, mailbox, owned.epoch) };
    this.#states.set(mailbox, current);
    if (this.#states.size > this.#capacity) {
      const [longestUnused] = this.#states.keys();
      if (longestUnused !== undefined) this.#states.delete(longestUnused);
    }
    return current.state;
  }

  /** Makes the stored state readable again in the name of the owner (`repairState`); what is in memory counts for nothing. */
  repair(mailbox: MailboxKey, owned: Owned): Promise<number> {
    this.#states.delete(mailbox);
    return repairState(this.#store, mailbox, owned.epoch);
  }

  /** The state if it is in memory, for people who ask; it may be a step behind what is stored. */
  peek(mailbox: MailboxKey): MailboxState | undefined {
    return this.#states.get(mailbox)?.state;
  }

  drop(mailbox: MailboxKey): void {
    this.#states.delete(mailbox);
  }

  dropPartition(owned: Owned): void {
    for (const [mailbox, live] of this.#states) if (live.owned === owned) this.#states.delete(mailbox);
  }

  states(): readonly MailboxState[] {
    return [...this.#states.values()].map(({ state }) => state);
  }
}
