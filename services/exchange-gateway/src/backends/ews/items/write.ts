// UpdateItem of the given fields, only while the change key is still the one that was read. Nobody is notified.
import { failure, type ItemKind, type Outcome, success, type WriteResult } from '@lockstep/contracts';
import {
  ConflictResolutionMode,
  type ExchangeService,
  MessageDisposition,
  SendInvitationsOrCancellationsMode,
} from 'ews-javascript-api';
import type { Ask, ItemWrite, SeenItem } from '../../../backend.ts';
import { onlySuccess } from '../calls/ews-client.ts';
import { meansConflict, meansMissing } from '../calls/ews-errors.ts';
import { callOf, type Parts } from '../calls/parts.ts';
import { changedItem, writesAnything } from '../mapping/written-item.ts';
import { itemIdOf, type ResponseMessage } from '../soap/reply.ts';

export async function write(
  { client, access }: Parts,
  ask: Ask,
  kind: ItemKind,
  item: SeenItem,
  write: ItemWrite,
): Promise<Outcome<WriteResult>> {
  if (!writesAnything(kind, write)) {
    return failure('request-invalid', { field: 'changes', detail: 'nothing that can be written' });
  }
  const call = callOf(ask, access(), { operation: 'UpdateItem', purpose: 'write' });
  const build = (service: ExchangeService) =>
    service.UpdateItems(
      [changedItem(service, kind, item, write, ask.mailbox.zone)],
      // The library's types do not say that the folder is optional.
      null as never,
      ConflictResolutionMode.NeverOverwrite,
      MessageDisposition.SaveOnly,
      SendInvitationsOrCancellationsMode.SendToNone,
    );
  return client.call(call, build, readWritten);
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
