// Subscribe: streaming, pull or push, to folders of one mailbox or to all of it.

import { offerAffinity, serverFor } from '../caller/affinity.ts';
import type { CallContext } from '../caller/call-context.ts';
import { findFolder } from '../caller/find-objects.ts';
import type { EventType } from '../notifications/notification-event.ts';
import type { Subscription } from '../notifications/subscription.ts';
import { writeWatermark } from '../notifications/watermark.ts';
import { readBoolean } from '../properties/value-reader.ts';
import { folderIds } from '../schema/common-types.ts';
import { allowed, type ElementType, one, optional, type Part, sequence, some, text } from '../schema/schema.ts';
import { anyText, boolean, integer, nonEmptyText, oneOf } from '../schema/simple-types.ts';
import { EwsError } from '../soap/ews-error.ts';
import type { Mailbox } from '../store/mailbox.ts';
import { childOf, childrenOf, textOf, type XmlElement } from '../xml/element.ts';
import { textElement } from '../xml/writer.ts';
import type { Operation } from './operation.ts';

const eventTypes = 'CopiedEvent CreatedEvent DeletedEvent ModifiedEvent MovedEvent NewMailEvent FreeBusyChangedEvent';

function request(more: readonly Part[]): ElementType {
  return sequence(
    [
      optional({ 't:FolderIds': folderIds }),
      one({ 't:EventTypes': sequence([some({ 't:EventType': text(oneOf(eventTypes)) })]) }),
      ...more,
    ],
    { SubscribeToAllFolders: allowed(boolean) },
  );
}

const watermark = optional({ 't:Watermark': text(nonEmptyText) });
const minutes = text(integer(1, 1440));

export const subscribe: Operation = {
  name: 'Subscribe',
  type: sequence([
    one({
      'm:PullSubscriptionRequest': request([watermark, one({ 't:Timeout': minutes })]),
      'm:PushSubscriptionRequest': request([
        watermark,
        optional({ 't:StatusFrequency': minutes }),
        one({ 't:URL': text(anyText) }),
        optional({ 't:CallerData': text(anyText) }),
      ]),
      'm:StreamingSubscriptionRequest': request([]),
    }),
  ]),
  errorContent: '',
  begin: (body, context) => [() => add(body.children[0], context)],
};

const kinds: ReadonlyMap<string, Subscription['terms']['kind']> = new Map([
  ['PullSubscriptionRequest', 'pull'],
  ['PushSubscriptionRequest', 'push'],
  ['StreamingSubscriptionRequest', 'streaming'],
]);

function add(request: XmlElement | undefined, context: CallContext): string {
  const kind = kinds.get(request?.name ?? '');
  if (request === undefined || kind === undefined) throw new EwsError('ErrorInvalidSubscriptionRequest');
  const url = kind === 'push' ? readUrl(textOf(request, 'URL') ?? '') : undefined;
  if (textOf(request, 'Watermark') !== undefined) throw new EwsError('ErrorInvalidWatermark');
  const { mailbox, folders } = watched(request, context);
  const { caller } = context;
  const payer = mailbox.identity.address;
  const refusal = context.throttle.subscriptionError(payer, context.subscriptions.countOf(payer));
  if (refusal !== undefined) throw refusal;
  const subscription = context.subscriptions.add({
    kind,
    owner: caller.account.address,
    budgetOwner: payer,
    mailbox,
    folders,
    types: new Set(childrenOf(request, 'EventTypes').map((type) => type.text as EventType)),
    idleMs: Number(textOf(request, 'Timeout') ?? 30) * context.minuteMs,
    server: serverFor(context, mailbox),
  });
  offerAffinity(context, subscription.terms.server);
  if (url !== undefined) {
    const statusFrequencyMs = Number(textOf(request, 'StatusFrequency') ?? 30) * context.minuteMs;
    context.startPush(subscription, { url, statusFrequencyMs, firstRetryMs: context.minuteMs / 2 });
  }
  const mark = kind === 'streaming' ? undefined : writeWatermark(subscription.position);
  return textElement('m:SubscriptionId', subscription.id) + textElement('m:Watermark', mark);
}

const maxUrlLength = 2083;

function readUrl(written: string): URL {
  const url = written.length < maxUrlLength && URL.canParse(written) ? new URL(written) : undefined;
  const known = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (url === undefined || !known) throw new EwsError('ErrorInvalidPushSubscriptionUrl');
  return url;
}

interface Watched {
  readonly mailbox: Mailbox;
  readonly folders: ReadonlySet<number> | undefined;
}

function watched(request: XmlElement, context: CallContext): Watched {
  const all = readBoolean(request.attributes['SubscribeToAllFolders']);
  const ids = childOf(request, 'FolderIds')?.children ?? [];
  if (all === ids.length > 0) throw new EwsError('ErrorInvalidSubscriptionRequest');
  const found = ids.map((id) => findFolder(id, context));
  const mailbox = found[0]?.mailbox ?? context.caller.mailbox;
  if (mailbox === undefined) throw new EwsError('ErrorMissingEmailAddress');
  if (found.some((each) => each.mailbox !== mailbox)) throw new EwsError('ErrorInvalidSubscriptionRequest');
  if (mailbox !== context.caller.mailbox) throw new EwsError('ErrorSubscriptionDelegateAccessNotSupported');
  return { mailbox, folders: all ? undefined : new Set(found.map((each) => each.folder.serial)) };
}
