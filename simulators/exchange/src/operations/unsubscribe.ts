// Unsubscribe. Only the account that subscribed may; a push subscription ends by the answer to one of its notifications alone.

import { reachesBackEnd } from '../caller/affinity.ts';
import type { CallContext } from '../caller/call-context.ts';
import type { Subscription } from '../notifications/subscription.ts';
import { one, sequence, text } from '../schema/schema.ts';
import { nonEmptyText } from '../schema/simple-types.ts';
import { EwsError } from '../soap/ews-error.ts';
import { textOf } from '../xml/element.ts';
import type { Operation } from './operation.ts';

export const unsubscribe: Operation = {
  name: 'Unsubscribe',
  type: sequence([one({ 'm:SubscriptionId': text(nonEmptyText) })]),
  errorContent: '',
  begin(request, context) {
    return [
      () => {
        const subscription = ownSubscription(textOf(request, 'SubscriptionId') ?? '', context);
        if (subscription.terms.kind === 'push') throw new EwsError('ErrorInvalidPullSubscriptionId');
        context.subscriptions.remove(subscription);
        subscription.connection?.supersede(subscription.id);
        return '';
      },
    ];
  },
};

/** @throws EwsError when it is unknown, or another account's */
export function ownSubscription(id: string, context: CallContext): Subscription {
  const subscription = context.subscriptions.get(id);
  if (subscription === undefined) throw new EwsError('ErrorSubscriptionNotFound');
  if (context.strictAffinity && !reachesBackEnd(context, subscription.terms.server)) {
    throw new EwsError('ErrorSubscriptionNotFound');
  }
  if (subscription.terms.owner !== context.caller.account.address) throw new EwsError('ErrorSubscriptionAccessDenied');
  return subscription;
}
