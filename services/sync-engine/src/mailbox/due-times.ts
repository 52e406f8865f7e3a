// Wakes mailboxes that owe themselves a look at a certain time. The time is in the stored state; this is only the alarm
// clock of the present owner, set again from there by the next one.
import type { Instant, MailboxKey } from '@lockstep/contracts';
import type { Clock, Owned } from '@lockstep/service-kit';

export class DueTimes {
  readonly #clock: Clock;
  readonly #leastMs: number;
  readonly #onDue: (mailbox: MailboxKey, owned: Owned) => void;
  /** One a mailbox at most. */
  readonly #alarms = new Map<MailboxKey, { readonly owned: Owned; readonly timer: NodeJS.Timeout }>();

  /** No alarm rings sooner than after `leastMs`. */
  constructor(clock: Clock, leastMs: number, onDue: (mailbox: MailboxKey, owned: Owned) => void) {
    this.#clock = clock;
    this.#leastMs = leastMs;
    this.#onDue = onDue;
  }

  /** Sets the alarm of a mailbox, or takes it away where `at` is undefined. */
  set(mailbox: MailboxKey, owned: Owned, at: Instant | undefined): void {
    clearTimeout(this.#alarms.get(mailbox)?.timer);
    this.#alarms.delete(mailbox);
    if (at === undefined || owned.leaving.aborted) return;
    const timer = setTimeout(
      () => {
        this.#alarms.delete(mailbox);
        if (!owned.leaving.aborted) this.#onDue(mailbox, owned);
      },
      Math.max(this.#leastMs, Date.parse(at) - this.#clock.now()),
    );
    this.#alarms.set(mailbox, { owned, timer });
  }

  dropPartition(owned: Owned): void {
    for (const [mailbox, alarm] of this.#alarms) {
      if (alarm.owned !== owned) continue;
      clearTimeout(alarm.timer);
      this.#alarms.delete(mailbox);
    }
  }
}
