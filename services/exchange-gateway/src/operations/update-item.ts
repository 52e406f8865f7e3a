// UpdateItem of the given fields, only while the change key is still the one that was read. Nobody is notified.
import { type exchange, failure, type Outcome, success, type WriteResult } from '@lockstep/contracts';
import {
  ConflictResolutionMode,
  type ExchangeService,
  MessageDisposition,
  SendInvitationsOrCancellationsMode,
} from 'ews-javascript-api';
import { onlySuccess } from '../backends/ews/calls/ews-client.ts';
import { meansConflict, meansMissing } from '../backends/ews/calls/ews-errors.ts';
import { changedItem, writesAnything } from '../backends/ews/mapping/item-of-appointment.ts';
import { itemIdOf, type ResponseMessage } from '../backends/ews/soap/reply.ts';
import { mailboxCall } from '../mailboxes.ts';
import type { Handler, OperationParts } from './handler.ts';

export function updateItem({ client, settings }: OperationParts): Handler<typeof exchange.updateItem> {
  return async ({ mailbox, priority, id, version, changes, stamp }, context) => {
    const nature = { operation: 'UpdateItem', purpose: 'write', priority } as const;
    const found = mailboxCall(settings, mailbox, nature, context);
    if (!found.ok) return found;
    const { call, ownerZone } = found.value;
    const write = { changes, stamp, ownerZone };
    if (!writesAnything(write))
      return failure('request-invalid', { field: 'changes', detail: 'nothing that can be written' });
    const build = (service: ExchangeService) =>
      service.UpdateItems(
        [changedItem(service, id, version, write)],
        // The library's types do not say that the folder is optional.
        null as never,
        ConflictResolutionMode.NeverOverwrite,
        MessageDisposition.SaveOnly,
        SendInvitationsOrCancellationsMode.SendToNone,
      );
    return client.call(call, build, readWritten);
  };
}

function readWritten(messages: readonly ResponseMessage[]): Outcome<WriteResult> {
  const [first] = messages;
  if (first !== undefined && meansConflict(first.code)) return success({ kind: 'conflict' });
  if (first !== undefined && meansMissing(first.code)) return success({ kind: 'missing' });
  const message = onlySuccess(messages);
  if (!message.ok) return message;
  const ids = itemIdOf(message.value);
  // It was written, but we do not know the new change key.
  return ids === undefined
    ? failure('exchange-unknown-outcome', { detail: 'no item id' })
    : success({ kind: 'written', ...ids });
}
