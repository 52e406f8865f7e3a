// SyncFolderItems: what changed since the sync state. Only ids are asked for: each further property costs Exchange a call an item.
import { type exchange, type ItemChange, type Outcome, type ReplyOf, success } from '@lockstep/contracts';
import { type ExchangeService, SyncFolderItemsScope } from 'ews-javascript-api';
import { messageFailure, onlySuccess } from '../backends/ews/calls/ews-client.ts';
import { idOnly } from '../backends/ews/mapping/item-properties.ts';
import type { ResponseMessage } from '../backends/ews/soap/reply.ts';
import { childOf, textOf, type XmlElement } from '../backends/ews/soap/xml-reader.ts';
import { mailboxCall } from '../mailboxes.ts';
import { folderIdOf, type Handler, type OperationParts } from './handler.ts';

const kinds: Readonly<Record<string, ItemChange['kind']>> = { Create: 'created', Update: 'updated', Delete: 'deleted' };

export function syncFolderItems({ client, settings }: OperationParts): Handler<typeof exchange.syncFolderItems> {
  return async ({ mailbox, priority, folder, syncState, maxChanges }, context) => {
    const nature = { operation: 'SyncFolderItems', purpose: 'read', priority } as const;
    const found = mailboxCall(settings, mailbox, nature, context);
    if (!found.ok) return found;
    const { call } = found.value;
    const build = (service: ExchangeService) =>
      service.SyncFolderItems(
        folderIdOf(call.target, folder),
        idOnly(),
        [],
        maxChanges,
        SyncFolderItemsScope.NormalItems,
        // An empty text would be sent as an empty sync state; the library's types do not say that null is allowed.
        syncState ?? (null as never),
      );
    return client.call(call, build, readChanges);
  };
}

function readChanges(messages: readonly ResponseMessage[]): Outcome<ReplyOf<typeof exchange.syncFolderItems>> {
  const message = onlySuccess(messages);
  if (!message.ok) return message;
  const { element } = message.value;
  const syncState = textOf(element, 'SyncState');
  const last = textOf(element, 'IncludesLastItemInRange');
  if (!syncState || (last !== 'true' && last !== 'false')) return messageFailure(undefined);
  const changes = childOf(element, 'Changes')?.children ?? [];
  return success({ syncState, more: last === 'false', changes: changes.flatMap(changeOf) });
}

/** One change, in the order of the server; whether an item was read concerns nobody here. */
function changeOf(change: XmlElement): readonly ItemChange[] {
  const kind = kinds[change.name];
  if (kind === undefined) return [];
  const itemId = kind === 'deleted' ? childOf(change, 'ItemId') : childOf(change.children[0], 'ItemId');
  const { Id: id, ChangeKey: version } = itemId?.attributes ?? {};
  if (id === undefined) return [];
  return [kind === 'deleted' || version === undefined ? { kind, id } : { kind, id, version }];
}
