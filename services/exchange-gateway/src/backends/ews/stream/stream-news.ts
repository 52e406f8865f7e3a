// What one envelope of a streaming answer says. Events say *when*, never *what*: their order and change keys mean nothing, so that
// only their subscription counts.
import type { SubscriptionId } from '../../../backend.ts';
import { readReply } from '../soap/reply.ts';
import { childOf, textOf, type XmlElement } from '../soap/xml-reader.ts';

export interface StreamNews {
  /** Events by subscription id. */
  readonly events: ReadonlyMap<SubscriptionId, number>;
  /** The server ends the stream in good order. */
  readonly closed: boolean;
  readonly failure?: {
    readonly code: string;
    readonly backOffMs: number | undefined;
    /** The subscriptions that are to blame; empty when the server names none. */
    readonly subscriptionIds: readonly SubscriptionId[];
  };
}

const noEvents: ReadonlySet<string> = new Set(['SubscriptionId', 'PreviousWatermark', 'MoreEvents', 'StatusEvent']);

/** Reads one envelope. Throws `XmlError` when it is not one. */
export function readNews(envelope: string): StreamNews {
  const reply = readReply(envelope);
  if (reply.kind === 'fault') {
    const { code, backOffMs } = reply;
    return { events: new Map(), closed: false, failure: { code, backOffMs, subscriptionIds: [] } };
  }
  const events = new Map<SubscriptionId, number>();
  for (const { element } of reply.messages) countEvents(element, events);
  const closed = reply.messages.some(({ element }) => textOf(element, 'ConnectionStatus') === 'Closed');
  const failed = reply.messages.find((message) => message.responseClass === 'Error');
  if (failed === undefined) return { events, closed };
  const subscriptionIds =
    childOf(failed.element, 'ErrorSubscriptionIds')?.children.map((id) => id.text as SubscriptionId) ?? [];
  return { events, closed, failure: { code: failed.code, backOffMs: failed.backOffMs, subscriptionIds } };
}

// The schema has the notifications in another namespace than real servers send; the reader looks at local names only.
function countEvents(message: XmlElement, events: Map<SubscriptionId, number>): void {
  for (const notification of childOf(message, 'Notifications')?.children ?? []) {
    const subscriptionId = textOf(notification, 'SubscriptionId') as SubscriptionId | undefined;
    const count = notification.children.filter((child) => !noEvents.has(child.name)).length;
    if (subscriptionId === undefined || count === 0) continue;
    events.set(subscriptionId, (events.get(subscriptionId) ?? 0) + count);
  }
}
