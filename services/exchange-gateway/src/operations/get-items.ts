// GetItem for up to 25 ids; one result an id, in the order asked.
import {
  type exchange,
  failure,
  maxMessageBytes,
  type Outcome,
  type ReadResult,
  success,
  type ZoneName,
} from '@lockstep/contracts';
import { type ExchangeService, ItemId } from 'ews-javascript-api';
import { messageFailure } from '../backends/ews/calls/ews-client.ts';
import { codeFailure, meansMissing } from '../backends/ews/calls/ews-errors.ts';
import { appointmentOf } from '../backends/ews/mapping/appointment-of-item.ts';
import { wholeAppointment } from '../backends/ews/mapping/item-properties.ts';
import type { ResponseMessage } from '../backends/ews/soap/reply.ts';
import { childOf } from '../backends/ews/soap/xml-reader.ts';
import { gatewayConfig } from '../config.ts';
import { mailboxCall } from '../mailboxes.ts';
import type { Handler, OperationParts } from './handler.ts';

/** What is left of a message for results, the longest possible item included. */
const maxResultBytes = maxMessageBytes - gatewayConfig.items.messageReserveBytes;

export function getItems({ client, settings }: OperationParts): Handler<typeof exchange.getItems> {
  return async ({ mailbox, priority, ids }, context) => {
    const nature = { operation: 'GetItem', purpose: 'read', priority } as const;
    const found = mailboxCall(settings, mailbox, nature, context);
    if (!found.ok) return found;
    const { call, ownerZone } = found.value;
    const build = (service: ExchangeService) =>
      service.BindToItems(
        ids.map((id) => new ItemId(id)),
        wholeAppointment(),
      );
    return client.call(call, build, (messages) => readItems(messages, ids, ownerZone));
  };
}

function readItems(
  messages: readonly ResponseMessage[],
  ids: readonly string[],
  ownerZone: ZoneName,
): Outcome<{ readonly results: readonly ReadResult[] }> {
  // A batch that fails as a whole is answered by one message.
  const [only] = messages;
  if (messages.length !== ids.length) {
    return only?.responseClass === 'Error'
      ? messageFailure(only)
      : failure('exchange-reply-unreadable', { detail: `${messages.length} of ${ids.length} messages` });
  }
  const results = ids.map((id, index) => resultOf(id, messages[index], ownerZone));
  return success({ results: thatFit(results) });
}

function resultOf(id: string, message: ResponseMessage | undefined, ownerZone: ZoneName): ReadResult {
  if (message === undefined) return { kind: 'failed', id, code: 'exchange-reply-unreadable' };
  if (message.responseClass !== 'Success') {
    if (meansMissing(message.code)) return { kind: 'missing', id };
    return { kind: 'failed', id, code: codeFailure(message.code, message.backOffMs).error.code, detail: message.code };
  }
  const element = childOf(message.element, 'Items')?.children[0];
  const item = element === undefined ? undefined : appointmentOf(element, ownerZone);
  return item === undefined ? { kind: 'failed', id, code: 'exchange-reply-unreadable' } : { kind: 'found', item };
}

/** Results beyond what one message holds fail with `message-too-large`: read alone, each of them fits. */
function thatFit(results: readonly ReadResult[]): readonly ReadResult[] {
  let bytes = 0;
  return results.map((result) => {
    const more = Buffer.byteLength(JSON.stringify(result), 'utf8');
    if (result.kind !== 'found' || bytes + more <= maxResultBytes) {
      bytes += more;
      return result;
    }
    return { kind: 'failed', id: result.item.id, code: 'message-too-large', detail: 'read it alone' };
  });
}
