// One streaming subscription: the folders of one mailbox that hold what we synchronize, under impersonation of that mailbox, with the
// anchor's affinity, so that all subscriptions of a group live on one server. Source: Learn, "How to maintain affinity between a
// group of subscriptions and the Mailbox server".
import { failure, itemKinds, kinds, type Outcome, success } from '@lockstep/contracts';
import { EventType, type ExchangeService } from 'ews-javascript-api';
import type { Ask, SubscriptionId } from '../../../backend.ts';
import type { CookieJar } from '../../../http/cookies.ts';
import { onlySuccess } from '../calls/ews-client.ts';
import { callOf, type Parts } from '../calls/parts.ts';
import { folderIdOf } from '../soap/folder-ids.ts';
import { textOf } from '../soap/xml-reader.ts';

export interface Affinity {
  /** Address of the group's anchor. */
  readonly anchor: string;
  readonly cookies: CookieJar;
}

export const affinityHeaders = { 'X-PreferServerAffinity': 'true' } as const;

/** Subscribes; the value is the subscription id. */
export function subscribe(parts: Parts, ask: Ask, { anchor, cookies }: Affinity): Promise<Outcome<SubscriptionId>> {
  const call = {
    // A repeated subscription would only be one too many; but nobody reads it, so that it is not repeated.
    ...callOf(ask, 'impersonation', { operation: 'Subscribe', purpose: 'write' }),
    cookies,
    anchor,
    headers: affinityHeaders,
  };
  const folders = new Set(itemKinds.map((kind) => kinds[kind].folder));
  // Moves as well as deletes: an item that goes to Deleted Items is moved.
  const build = (service: ExchangeService) =>
    service.SubscribeToStreamingNotifications(
      [...folders].map((folder) => folderIdOf(call.target, folder)),
      EventType.Created,
      EventType.Modified,
      EventType.Deleted,
      EventType.Moved,
    );
  return parts.client.call(call, build, (messages) => {
    const message = onlySuccess(messages);
    if (!message.ok) return message;
    const id = textOf(message.value.element, 'SubscriptionId');
    return id ? success(id as SubscriptionId) : failure('exchange-reply-unreadable', { detail: 'no subscription id' });
  });
}
