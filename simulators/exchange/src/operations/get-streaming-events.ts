// GetStreamingEvents: not one answer but a stream of them. With one bad id in the list no good one is served.

import type { CallContext } from '../caller/call-context.ts';
import type { Subscription } from '../notifications/subscription.ts';
import { one, sequence, some, text } from '../schema/schema.ts';
import { integer, nonEmptyText } from '../schema/simple-types.ts';
import { EwsError } from '../soap/ews-error.ts';
import { childrenOf, textOf, type XmlElement } from '../xml/element.ts';
import { ownSubscription } from './unsubscribe.ts';

export const streamingRequestType = sequence([
  one({ 'm:SubscriptionIds': sequence([some({ 't:SubscriptionId': text(nonEmptyText) })]) }),
  one({ 'm:ConnectionTimeout': text(integer(1, 30)) }),
]);

export type StreamPlan =
  | { readonly kind: 'serve'; readonly subscriptions: readonly Subscription[]; readonly timeoutMs: number }
  | { readonly kind: 'refuse'; readonly code: string; readonly ids: readonly string[] };

/** Reads the request. @param minuteMs how long a minute is: tests shorten it */
export function planStream(request: XmlElement, context: CallContext, minuteMs: number): StreamPlan {
  const ids = childrenOf(request, 'SubscriptionIds').map((id) => id.text);
  const subscriptions: Subscription[] = [];
  const bad = new Map<string, string>();
  for (const id of new Set(ids)) {
    const found = tryOwn(id, context);
    if (typeof found === 'string') bad.set(id, found);
    else subscriptions.push(found);
  }
  const [code] = bad.values();
  if (code !== undefined) return { kind: 'refuse', code, ids: [...bad.keys()] };
  return { kind: 'serve', subscriptions, timeoutMs: Number(textOf(request, 'ConnectionTimeout')) * minuteMs };
}

function tryOwn(id: string, context: CallContext): Subscription | string {
  try {
    const subscription = ownSubscription(id, context);
    return subscription.terms.kind === 'streaming' ? subscription : 'ErrorInvalidSubscription';
  } catch (error) {
    if (error instanceof EwsError) return error.code;
    throw error;
  }
}
