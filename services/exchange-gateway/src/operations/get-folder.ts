// GetFolder: that the folder is there, and what we may do in it.

import type { ReplyOf } from '@lockstep/contracts';
import { type exchange, failure, type Outcome, success } from '@lockstep/contracts';
import { BasePropertySet, type ExchangeService, Folder, FolderSchema, PropertySet } from 'ews-javascript-api';
import { messageFailure, onlySuccess } from '../backends/ews/calls/ews-client.ts';
import type { ResponseMessage } from '../backends/ews/soap/reply.ts';
import { childOf, descend, textOf } from '../backends/ews/soap/xml-reader.ts';
import { mailboxCall } from '../mailboxes.ts';
import { folderIdOf, type Handler, type OperationParts } from './handler.ts';

export function getFolder({ client, settings }: OperationParts): Handler<typeof exchange.getFolder> {
  return async ({ mailbox, priority, folder }, context) => {
    const nature = { operation: 'GetFolder', purpose: 'read', priority } as const;
    const found = mailboxCall(settings, mailbox, nature, context);
    if (!found.ok) return found;
    const { call } = found.value;
    const properties = new PropertySet(BasePropertySet.IdOnly, [FolderSchema.TotalCount, FolderSchema.EffectiveRights]);
    const build = (service: ExchangeService) => Folder.Bind(service, folderIdOf(call.target, folder), properties);
    return client.call(call, build, readFolder);
  };
}

function readFolder(messages: readonly ResponseMessage[]): Outcome<ReplyOf<typeof exchange.getFolder>> {
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
