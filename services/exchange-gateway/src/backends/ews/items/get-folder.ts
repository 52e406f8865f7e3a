// GetFolder: that the folder is there, and what we may do in it.
import { type FolderName, failure, type Outcome, success } from '@lockstep/contracts';
import { BasePropertySet, type ExchangeService, Folder, FolderSchema, PropertySet } from 'ews-javascript-api';
import type { Ask, Folder as FolderState } from '../../../backend.ts';
import { messageFailure, onlySuccess } from '../calls/ews-client.ts';
import { callOf, type Parts } from '../calls/parts.ts';
import { folderIdOf } from '../soap/folder-ids.ts';
import type { ResponseMessage } from '../soap/reply.ts';
import { childOf, descend, textOf } from '../soap/xml-reader.ts';

export function getFolder({ client, access }: Parts, ask: Ask, folder: FolderName): Promise<Outcome<FolderState>> {
  const call = callOf(ask, access(), { operation: 'GetFolder', purpose: 'read' });
  const properties = new PropertySet(BasePropertySet.IdOnly, [FolderSchema.TotalCount, FolderSchema.EffectiveRights]);
  const build = (service: ExchangeService) => Folder.Bind(service, folderIdOf(call.target, folder), properties);
  return client.call(call, build, readFolder);
}

function readFolder(messages: readonly ResponseMessage[]): Outcome<FolderState> {
  const message = onlySuccess(messages);
  if (!message.ok) return message;
  const folder = descend(message.value.element, 'Folders')?.children[0];
  const folderId = childOf(folder, 'FolderId')?.attributes['Id'];
  const rights = childOf(folder, 'EffectiveRights');
  if (folderId === undefined) return messageFailure(undefined);
  const allowed = (name: string) => textOf(rights, name) === 'true';
  const totalCount = Number(textOf(folder, 'TotalCount') ?? 0);
  if (!Number.isInteger(totalCount)) return failure('exchange-reply-unreadable', { detail: 'TotalCount' });
  return success({
    folderId,
    totalCount,
    rights: {
      read: allowed('Read'),
      create: allowed('CreateContents'),
      modify: allowed('Modify'),
      delete: allowed('Delete'),
    },
  });
}
