// CreateItem.

import { authorOf, type CallContext } from '../caller/call-context.ts';
import { type FoundFolder, findTargetFolder } from '../caller/find-objects.ts';
import { fullRights } from '../caller/rights.ts';
import { readDraft } from '../items/item-draft.ts';
import { refuseUnsendable, sendInvitations } from '../meetings/invitations.ts';
import { sendMessage } from '../meetings/messages.ts';
import { actOn, responseElements } from '../meetings/response-objects.ts';
import { itemClassOf, itemElements } from '../properties/item-classes.ts';
import { writeItemId } from '../properties/item-writer.ts';
import { targetFolderId } from '../schema/common-types.ts';
import { allowed, one, optional, sequence, some } from '../schema/schema.ts';
import { oneOf } from '../schema/simple-types.ts';
import { EwsError } from '../soap/ews-error.ts';
import { viewOf } from '../store/item-view.ts';
import { childOf, childrenOf, type XmlElement } from '../xml/element.ts';
import { element } from '../xml/writer.ts';
import type { Operation } from './operation.ts';

export const createItem: Operation = {
  name: 'CreateItem',
  type: sequence(
    [
      optional({ 'm:SavedItemFolderId': targetFolderId }),
      one({ 'm:Items': sequence([some({ ...itemElements, ...responseElements })]) }),
    ],
    {
      MessageDisposition: allowed(oneOf('SaveOnly SendOnly SendAndSaveCopy')),
      SendMeetingInvitations: allowed(oneOf('SendToNone SendOnlyToAll SendToAllAndSaveCopy')),
    },
  ),
  errorContent: '<m:Items/>',
  begin(request, context) {
    return childrenOf(request, 'Items').map((item) => () => element('m:Items', {}, create(item, request, context)));
  },
};

function create(item: XmlElement, request: XmlElement, context: CallContext): string {
  const { MessageDisposition: disposition, SendMeetingInvitations: invitations } = request.attributes;
  if (`t:${item.name}` in responseElements) {
    if (disposition === undefined) throw new EwsError('ErrorMessageDispositionRequired');
    return actOn(item, disposition, context);
  }
  const itemClass = itemClassOf(item.name);
  if (item.name.startsWith('Meeting')) throw new EwsError('ErrorInvalidItemForOperationCreateItem');
  if (item.name === 'CalendarItem' && invitations === undefined) {
    throw new EwsError('ErrorSendMeetingInvitationsRequired');
  }
  if (item.name === 'Message' && disposition === undefined) throw new EwsError('ErrorMessageDispositionRequired');
  const { mailbox, folder, rights } = target(item, request, context);
  if (!rights.create) throw new EwsError('ErrorCreateItemAccessDenied');
  refuseWrongFolder(item.name, folder.folderClass, folder.distinguishedName);
  const draft = readDraft(item, itemClass, context);
  if (item.name === 'Message' && disposition !== 'SaveOnly') {
    sendMessage(mailbox, draft, disposition === 'SendAndSaveCopy', context);
    return '';
  }
  refuseUnsendable(draft.values, invitations);
  const created = mailbox.create(folder, draft, authorOf(context));
  sendInvitations(viewOf(mailbox, created), undefined, invitations, context);
  return writeItemId(viewOf(mailbox, created));
}

function target(item: XmlElement, request: XmlElement, context: CallContext): FoundFolder {
  const saved = childOf(request, 'SavedItemFolderId');
  if (saved !== undefined) return findTargetFolder(saved, context);
  const { mailbox } = context.caller;
  if (mailbox === undefined) throw new EwsError('ErrorMissingEmailAddress');
  return { mailbox, folder: mailbox.folder(itemClassOf(item.name).homeFolder), rights: fullRights };
}

const refusals: Readonly<Record<string, string>> = {
  CalendarItem: 'ErrorCannotCreateCalendarItemInNonCalendarFolder',
  Contact: 'ErrorCannotCreateContactInNonContactFolder',
  Task: 'ErrorCannotCreateTaskInNonTaskFolder',
};

function refuseWrongFolder(kind: string, folderClass: string, distinguishedName: string | undefined): void {
  const code = refusals[kind];
  const right = itemClassOf(kind).folderClass === folderClass || distinguishedName === 'deleteditems';
  if (code !== undefined && !right) throw new EwsError(code);
}
