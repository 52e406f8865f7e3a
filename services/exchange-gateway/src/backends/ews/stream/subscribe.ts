// One streaming subscription: the calendar of one mailbox, under impersonation of that mailbox, with the anchor's affinity, so that
// all subscriptions of a group live on one server. Source: Learn, "How to maintain affinity between a group of subscriptions".
import { failure, type Outcome, success } from '@lockstep/contracts';
import { EventType, type ExchangeService, FolderId, WellKnownFolderName } from 'ews-javascript-api';
import type { CookieJar } from '../../../http/cookies.ts';
import type { GroupMember } from '../../../streaming/groups.ts';
import { type EwsClient, onlySuccess } from '../calls/ews-client.ts';
import { textOf } from '../soap/xml-reader.ts';

export interface Affinity {
  /** Address of the group's anchor. */
  readonly anchor: string;
  readonly cookies: CookieJar;
}

export const affinityHeaders = { 'X-PreferServerAffinity': 'true' } as const;

export interface SubscribeOptions {
  readonly deadlineMs: number;
  readonly correlationId: string;
  readonly signal: AbortSignal;
  readonly monotonic: () => number;
}

/** Subscribes; the value is the subscription id. */
export function subscribe(
  client: EwsClient,
  member: GroupMember,
  { anchor, cookies }: Affinity,
  { deadlineMs, correlationId, signal, monotonic }: SubscribeOptions,
): Promise<Outcome<string>> {
  const endMs = monotonic() + deadlineMs;
  const call = {
    operation: 'Subscribe',
    target: { kind: 'impersonation', address: member.address },
    payer: member.mailbox,
    priority: 'change',
    // A repeated subscription would only be one too many; but nobody reads it, so that it is not repeated.
    purpose: 'write',
    correlationId,
    remainingMs: () => Math.max(0, endMs - monotonic()),
    signal,
    cookies,
    anchor,
    headers: affinityHeaders,
  } as const;
  // Moves as well as deletes: an item that goes to Deleted Items is moved.
  const build = (service: ExchangeService) =>
    service.SubscribeToStreamingNotifications(
      [new FolderId(WellKnownFolderName.Calendar)],
      EventType.Created,
      EventType.Modified,
      EventType.Deleted,
      EventType.Moved,
    );
  return client.call(call, build, (messages) => {
    const message = onlySuccess(messages);
    if (!message.ok) return message;
    const id = textOf(message.value.element, 'SubscriptionId');
    return id ? success(id) : failure('exchange-reply-unreadable', { detail: 'no subscription id' });
  });
}
