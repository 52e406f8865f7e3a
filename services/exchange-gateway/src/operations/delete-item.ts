// DeleteItem to Deleted Items. EWS deletes without looking at the change key, so a read comes first: what somebody changed since
// `version` was read is a conflict and stays. Between the two calls remains a gap, so that the second asks for its token as urgently
// as there is: behind a sweep it would wait for minutes on what was true once. Deleted Items keeps the item.
import { type DeleteResult, type exchange, type Outcome, success } from '@lockstep/contracts';
import { DeleteMode, type ExchangeService, ItemId, SendCancellationsMode } from 'ews-javascript-api';
import { messageFailure, onlySuccess } from '../backends/ews/calls/ews-client.ts';
import { meansMissing } from '../backends/ews/calls/ews-errors.ts';
import { idOnly } from '../backends/ews/mapping/item-properties.ts';
import { itemIdOf, type ResponseMessage } from '../backends/ews/soap/reply.ts';
import { mailboxCall } from '../mailboxes.ts';
import type { Handler, OperationParts } from './handler.ts';

export function deleteItem({ client, settings }: OperationParts): Handler<typeof exchange.deleteItem> {
  return async ({ mailbox, priority, id, version }, context) => {
    const reading = mailboxCall(settings, mailbox, { operation: 'GetItem', purpose: 'read', priority }, context);
    if (!reading.ok) return reading;
    const read = (service: ExchangeService) => service.BindToItems([new ItemId(id)], idOnly());
    const current = await client.call(reading.value.call, read, readVersion);
    if (!current.ok) return current;
    if (current.value === undefined) return success<DeleteResult>({ kind: 'missing' });
    if (current.value !== version) return success<DeleteResult>({ kind: 'conflict' });
    const writing = mailboxCall(
      settings,
      mailbox,
      { operation: 'DeleteItem', purpose: 'write', priority: 'person' },
      context,
    );
    if (!writing.ok) return writing;
    const remove = (service: ExchangeService) =>
      service.DeleteItems(
        [new ItemId(id)],
        DeleteMode.MoveToDeletedItems,
        SendCancellationsMode.SendToNone,
        // The library's types do not say that this is for tasks only.
        null as never,
      );
    return client.call(writing.value.call, remove, readDeleted);
  };
}

/** The change key as it is now; undefined when the item is not there. */
function readVersion(messages: readonly ResponseMessage[]): Outcome<string | undefined> {
  const [first] = messages;
  if (first !== undefined && meansMissing(first.code)) return success(undefined);
  const message = onlySuccess(messages);
  if (!message.ok) return message;
  const ids = itemIdOf(message.value);
  return ids === undefined ? messageFailure(undefined) : success(ids.version);
}

function readDeleted(messages: readonly ResponseMessage[]): Outcome<DeleteResult> {
  const [first] = messages;
  if (first !== undefined && meansMissing(first.code)) return success({ kind: 'missing' });
  const message = onlySuccess(messages);
  return message.ok ? success({ kind: 'deleted' }) : message;
}
