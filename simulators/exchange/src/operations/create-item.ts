// CreateItem.

import { authorOf, type CallContext } from '../caller/call-context.ts';
import { type FoundFolder, findTargetFolder } from '../caller/find-objects.ts';
import { fullRights } from '../caller/rights.ts';
import { readDraft } from '../items/item-draft.ts';
import { responseElements, takeResponse } from '../meetings/meeting-responses.ts';
import { sendInvitations } from '../meetings/meetings.ts';
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
  if (`t:${item.name}` in responseElements) return answerMeeting(item, request, context);
  const itemClass = itemClassOf(item.name);
  if (item.name === 'CalendarItem' && request.attributes['SendMeetingInvitations'] === undefined) {
    throw new EwsError('ErrorSendMeetingInvitationsRequired');
  }
  if (item.name === 'Message' && request.attributes['MessageDisposition'] === undefined) {
    throw new EwsError('ErrorMessageDispositionRequired');
  }
  const { mailbox, folder, rights } = target(item, request, context);
  if (!rights.create) throw new EwsError('ErrorCreateItemAccessDenied');
  refuseWrongFolder(item.name, folder.folderClass, folder.distinguishedName);
  const created = mailbox.create(folder, readDraft(item, itemClass, context), authorOf(context));
  const view = viewOf(mailbox, created);
  sendInvitations(view, request.attributes['SendMeetingInvitations'], context);
  return writeItemId(view);
}

function answerMeeting(item: XmlElement, request: XmlElement, context: CallContext): string {
  if (request.attributes['MessageDisposition'] === undefined) throw new EwsError('ErrorMessageDispositionRequired');
  takeResponse(item, context);
  return '';
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
