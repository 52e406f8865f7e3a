// What a streaming group works with, and what it knows of each of its mailboxes.
import type { DelayBounds } from '@lockstep/flow-control';
import type { Clock, Ids } from '@lockstep/service-kit/kit';
import type { Mailbox, SubscriptionId } from '../backend.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { Notifier } from './notifier.ts';

export interface StreamingGroupParts {
  readonly notifier: Notifier;
  readonly metrics: GatewayMetrics;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: () => number;
  /** Subscriptions made at the same time. */
  readonly subscribing: number;
  readonly subscribeDeadlineMs: number;
  readonly retry: DelayBounds;
}

/** A mailbox of a group, and how far its subscription is. */
export interface Member {
  readonly mailbox: Mailbox;
  subscriptionId?: SubscriptionId;
  failures: number;
  nextAttemptAt: number;
}
