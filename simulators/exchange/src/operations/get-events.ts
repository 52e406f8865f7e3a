// GetEvents: the news of a pull subscription after a watermark, at most fifty; without news a status event.

import type { CallContext } from '../caller/call-context.ts';
import { writeEvent } from '../notifications/notification-event.ts';
import { readWatermark, writeWatermark } from '../notifications/watermark.ts';
import { one, sequence, text } from '../schema/schema.ts';
import { nonEmptyText } from '../schema/simple-types.ts';
import { EwsError } from '../soap/ews-error.ts';
import { textOf, type XmlElement } from '../xml/element.ts';
import { element, textElement } from '../xml/writer.ts';
import type { Operation } from './operation.ts';
import { ownSubscription } from './unsubscribe.ts';

const maxEvents = 50;

export const getEvents: Operation = {
  name: 'GetEvents',
  type: sequence([one({ 'm:SubscriptionId': text(nonEmptyText) }), one({ 'm:Watermark': text(nonEmptyText) })]),
  errorContent: '',
  begin: (request, context) => [() => news(request, context)],
};

function news(request: XmlElement, context: CallContext): string {
  const subscription = ownSubscription(textOf(request, 'SubscriptionId') ?? '', context);
  if (subscription.terms.kind !== 'pull') throw new EwsError('ErrorInvalidPullSubscriptionId');
  const mark = textOf(request, 'Watermark') ?? '';
  const position = readWatermark(mark);
  if (position === undefined || position < subscription.startedAt) throw new EwsError('ErrorInvalidWatermark');
  context.subscriptions.touch(subscription);
  if (subscription.takeMissed()) {
    context.subscriptions.remove(subscription);
    throw new EwsError('ErrorReadEventsFailed');
  }
  const { events, more } = subscription.after(position, maxEvents);
  const content = [
    textElement('t:SubscriptionId', subscription.id),
    textElement('t:PreviousWatermark', mark),
    textElement('t:MoreEvents', more),
    ...events.map((each) => writeEvent(each.event, writeWatermark(each.position))),
    events.length === 0 ? element('t:StatusEvent', {}, textElement('t:Watermark', mark)) : '',
  ];
  return element('m:Notification', {}, content.join(''));
}
