// The end of one streaming subscription, asked with the group's affinity on behalf of the mailbox that it watches. Without it a
// subscription stays for half an hour after its stream and counts against what the mailbox may have.
import { type Outcome, success } from '@lockstep/contracts';
import type { ExchangeService } from 'ews-javascript-api';
import type { Ask, SubscriptionId } from '../../../backend.ts';
import { onlySuccess } from '../calls/ews-client.ts';
import { callOf, type Parts } from '../calls/parts.ts';
import { type Affinity, affinityHeaders } from './subscribe.ts';

/** The library has it, and leaves it out of its types. */
type Unsubscribing = ExchangeService & { Unsubscribe(id: SubscriptionId): Promise<unknown> };

/** Ends it; one that the server does not know any more has ended. */
export async function unsubscribe(
  parts: Parts,
  ask: Ask,
  { anchor, cookies }: Affinity,
  id: SubscriptionId,
): Promise<Outcome<void>> {
  const call = {
    // Repeated, it ends nothing else.
    ...callOf(ask, 'impersonation', { operation: 'Unsubscribe', purpose: 'read' }),
    cookies,
    anchor,
    headers: affinityHeaders,
  };
  const ended = await parts.client.call(
    call,
    (service: ExchangeService) => (service as Unsubscribing).Unsubscribe(id),
    (messages) => {
      const message = onlySuccess(messages);
      return message.ok ? success(undefined) : message;
    },
  );
  return !ended.ok && ended.error.code === 'exchange-subscription-lost' ? success(undefined) : ended;
}
