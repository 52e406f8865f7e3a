// DeleteItem to Deleted Items. EWS deletes without looking at the change key, so a read comes first: what somebody changed since
// `version` was read is a conflict and stays. Between the two calls remains a gap, so that the second asks for its token as urgently
// as there is: behind a sweep it would wait for minutes on what was true once. Deleted Items keeps the item.
import { type DeleteResult, type Outcome, success } from '@lockstep/contracts';
import {
  AffectedTaskOccurrence,
  DeleteMode,
  type ExchangeService,
  ItemId,
  SendCancellationsMode,
} from 'ews-javascript-api';
import type { Ask, SeenItem } from '../../../backend.ts';
import { messageFailure, onlySuccess } from '../calls/ews-client.ts';
import { meansMissing } from '../calls/ews-errors.ts';
import { callOf, type Parts } from '../calls/parts.ts';

import { idOnly } from '../soap/folder-ids.ts';
import { itemIdOf, type ResponseMessage } from '../soap/reply.ts';

export async function remove(
  { client, access }: Parts,
  ask: Ask,
  { id, version }: SeenItem,
): Promise<Outcome<DeleteResult>> {
  const read = (service: ExchangeService) => service.BindToItems([new ItemId(id)], idOnly());
  const reading = callOf(ask, access(), { operation: 'GetItem', purpose: 'read' });
  const current = await client.call(reading, read, readVersion);
  if (!current.ok) return current;
  if (current.value === undefined) return success({ kind: 'missing' });
  if (current.value !== version) return success({ kind: 'conflict' });
  const writing = callOf(ask, access(), { operation: 'DeleteItem', purpose: 'write', priority: 'person' });
  const deletion = (service: ExchangeService) =>
    service.DeleteItems(
      [new ItemId(id)],
      DeleteMode.MoveToDeletedItems,
      SendCancellationsMode.SendToNone,
      // Exchange wants to be told for tasks, and looks at it for nothing else.
      AffectedTaskOccurrence.AllOccurrences,
    );
  return client.call(writing, deletion, readDeleted);
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
