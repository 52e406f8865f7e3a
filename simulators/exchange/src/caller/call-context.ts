// Everything that an operation may know: who calls, for whom, in which zone, and the parts of the simulator it works on.
import type { PushTerms } from '../notifications/push-delivery.ts';
import type { Subscription } from '../notifications/subscription.ts';
import type { Subscriptions } from '../notifications/subscriptions.ts';
import type { Account, Directory } from '../store/directory.ts';
import type { LostSpan } from '../store/lost-span.ts';
import type { Mailbox } from '../store/mailbox.ts';
import type { Outbox } from '../store/outbox.ts';
import type { Serials } from '../store/serials.ts';
import type { Throttle } from '../throttle/throttle.ts';
import type { Behaviour } from './behaviour.ts';

export interface Caller {
  readonly account: Account;
  /** Whose rights count: the impersonated mailbox, else the account's own; an account need not have one. */
  readonly mailbox: Mailbox | undefined;
  readonly impersonated: Mailbox | undefined;
  /** Whose budget pays: the copy that belongs to an impersonated mailbox, else the account. */
  readonly budgetOwner: string;
}

export interface CallContext {
  readonly caller: Caller;
  /** Windows id from the TimeZoneContext header; undefined when it was not sent. */
  readonly timeZone: string | undefined;
  /** IANA zone for times without one. */
  readonly zone: string;
  readonly directory: Directory;
  readonly serials: Serials;
  readonly lostSpan: LostSpan;
  readonly subscriptions: Subscriptions;
  readonly throttle: Throttle;
  readonly outbox: Outbox;
  /** Whether a subscription is found at its own back end only. */
  readonly strictAffinity: boolean;
  readonly behaviour: Behaviour;
  readonly nowMs: () => number;
  /** How long a minute of a subscription lasts: a minute, unless a test is in a hurry. */
  readonly minuteMs: number;
  /** Begins to send a subscription's events to its address. */
  readonly startPush: (subscription: Subscription, terms: Omit<PushTerms, 'post'>) => void;
  /** What the answer has to set besides, such as the affinity cookie. */
  readonly responseHeaders: Record<string, string>;
  readonly requestHeaders: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Who stands in LastModifiedName. */
export function authorOf(context: CallContext): string {
  const { caller } = context;
  return caller.mailbox?.identity.displayName ?? caller.account.address;
}
