// Wake-ups that the engine sends to itself through the change stream: whatever is left to do then has the stream's
// retries and survives us.
import type { Bus } from '@lockstep/bus';
import {
  type AllChanged,
  type Change,
  type ChangeClass,
  changeMessage,
  changeSubject,
  type Instant,
  type ItemRef,
  type MailboxKey,
  type Outcome,
} from '@lockstep/contracts';

export interface WakeItem {
  readonly mailbox: MailboxKey;
  readonly item: ItemRef;
  readonly changeClass: ChangeClass;
  readonly firstSeenAt: Instant;
  readonly correlationId: string;
}

export interface WakeUp {
  /** This item is to be decided on anew. */
  item(about: WakeItem): Promise<Outcome<void>>;
  /** Both sides of this mailbox are to be compared. */
  all(
    mailbox: MailboxKey,
    reason: AllChanged['reason'],
    firstSeenAt: Instant,
    correlationId: string,
  ): Promise<Outcome<void>>;
}

export function createWakeUp(bus: Bus, deadlineMs: number): WakeUp {
  const publish = (change: Change, changeClass: ChangeClass, correlationId: string) =>
    bus.publish(changeMessage, changeSubject(change, changeClass), change, { correlationId, deadlineMs });
  return {
    item({ mailbox, item: { kind, side, id }, changeClass, firstSeenAt, correlationId }) {
      const common = { v: 1, mailbox, side, firstSeenAt };
      const change: Change = { ...common, kind: 'item', item: kind, id, vanished: false };
      return publish(change, changeClass, correlationId);
    },
    all(mailbox, reason, firstSeenAt, correlationId) {
      return publish({ v: 1, kind: 'all', mailbox, side: 'exchange', reason, firstSeenAt }, 'bulk', correlationId);
    },
  };
}
