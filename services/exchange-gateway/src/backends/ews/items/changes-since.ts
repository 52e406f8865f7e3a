// SyncFolderItems: what changed since the sync state. Only ids are asked for: each further property costs Exchange a call an item.
import { type FolderName, type ItemChange, type Outcome, success } from '@lockstep/contracts';
import { type ExchangeService, SyncFolderItemsScope } from 'ews-javascript-api';
import type { Ask, ChangePage } from '../../../backend.ts';
import { messageFailure, onlySuccess } from '../calls/ews-client.ts';
import { callOf, type Parts } from '../calls/parts.ts';
import { folderIdOf, idOnly } from '../soap/folder-ids.ts';
import type { ResponseMessage } from '../soap/reply.ts';
import { childOf, textOf, type XmlElement } from '../soap/xml-reader.ts';

const kinds: Readonly<Record<string, ItemChange['kind']>> = { Create: 'created', Update: 'updated', Delete: 'deleted' };

export function changesSince(
  { client, access }: Parts,
  ask: Ask,
  folder: FolderName,
  cookie: string | null,
  maxChanges: number,
): Promise<Outcome<ChangePage>> {
  const call = callOf(ask, access(), { operation: 'SyncFolderItems', purpose: 'read' });
  const build = (service: ExchangeService) =>
    service.SyncFolderItems(
      folderIdOf(call.target, folder),
      idOnly(),
      [],
      maxChanges,
      SyncFolderItemsScope.NormalItems,
      // An empty text would be sent as an empty sync state; the library's types do not say that null is allowed.
      cookie ?? (null as never),
    );
  return client.call(call, build, readChanges);
}

function readChanges(messages: readonly ResponseMessage[]): Outcome<ChangePage> {
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
