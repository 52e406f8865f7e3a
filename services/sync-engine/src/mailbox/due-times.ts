// Wakes mailboxes that owe themselves a look at a certain time. The time is in the stored state; this is only the alarm
// clock of the present owner, set again from there by the next one.
import type { Instant, MailboxKey } from '@lockstep/contracts';
import type { Clock, Owned } from '@lockstep/service-kit';

/** Never sooner than this, so that a clock that went back makes no busy loop. */
const leastMs = 50;

export class DueTimes {
  readonly #clock: Clock;
  readonly #onDue: (mailbox: MailboxKey, owned: Owned) => void;
  /** One a mailbox at most. */
  readonly #alarms = new Map<MailboxKey, { readonly owned: Owned; readonly timer: NodeJS.Timeout }>();

  constructor(clock: Clock, onDue: (mailbox: MailboxKey, owned: Owned) => void) {
    this.#clock = clock;
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
      Math.max(leastMs, Date.parse(at) - this.#clock.now()),
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
