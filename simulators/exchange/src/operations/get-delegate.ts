// GetDelegate: who has rights in the folders of a mailbox. Its answer is not the usual list of response messages.

import type { CallContext } from '../caller/call-context.ts';
import { readBoolean } from '../properties/value-reader.ts';
import { emailAddress } from '../schema/common-types.ts';
import { one, open, optional, required, sequence } from '../schema/schema.ts';
import { boolean } from '../schema/simple-types.ts';
import { bodyEnvelope } from '../soap/envelope.ts';
import { EwsFault } from '../soap/ews-error.ts';
import type { Mailbox } from '../store/mailbox.ts';
import { childOf, textOf, type XmlElement } from '../xml/element.ts';
import { element, textElement } from '../xml/writer.ts';
import type { WholeAnswer } from './operation.ts';

export const getDelegate: WholeAnswer = {
  type: sequence([one({ 'm:Mailbox': emailAddress }), optional({ 'm:UserIds': open })], {
    IncludePermissions: required(boolean),
  }),
  answer: answerGetDelegate,
  failed: (_request, { message, code }) =>
    bodyEnvelope(
      'm:GetDelegateResponse',
      `${textElement('m:MessageText', message)}${textElement('m:ResponseCode', code)}<m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>`,
      ' ResponseClass="Error"',
    ),
};

const folders: readonly (readonly [string, string])[] = [
  ['CalendarFolderPermissionLevel', 'calendar'],
  ['TasksFolderPermissionLevel', 'tasks'],
  ['InboxFolderPermissionLevel', 'inbox'],
  ['ContactsFolderPermissionLevel', 'contacts'],
  ['NotesFolderPermissionLevel', 'notes'],
  ['JournalFolderPermissionLevel', 'journal'],
];

/** @throws EwsFault when the mailbox is not the caller's */
function answerGetDelegate(request: XmlElement, context: CallContext): string {
  const address = textOf(childOf(request, 'Mailbox') ?? request, 'EmailAddress') ?? '';
  const mailbox = context.directory.mailbox(address);
  if (mailbox === undefined) throw new EwsFault('ErrorNonExistentMailbox');
  if (mailbox !== context.caller.mailbox) throw new EwsFault('ErrorAccessDenied');
  const permissions = readBoolean(request.attributes['IncludePermissions']);
  const delegates = [...new Set([...mailbox.folders.values()].flatMap((folder) => [...folder.permissions.keys()]))];
  const messages = delegates.sort().map((who) => writeDelegate(who, mailbox, permissions, context));
  const content = `<m:ResponseCode>NoError</m:ResponseCode>${messages.length === 0 ? '' : element('m:ResponseMessages', {}, messages.join(''))}<m:DeliverMeetingRequests>NoForward</m:DeliverMeetingRequests>`;
  return bodyEnvelope('m:GetDelegateResponse', content, ' ResponseClass="Success"');
}

function writeDelegate(who: string, mailbox: Mailbox, withPermissions: boolean, context: CallContext): string {
  const displayName = context.directory.mailbox(who)?.identity.displayName ?? who;
  const levels = folders.map(([name, folder]) => {
    return textElement(`t:${name}`, mailbox.distinguished.get(folder)?.permissions.get(who)?.level ?? 'None');
  });
  const viewPrivate = mailbox.distinguished.get('calendar')?.permissions.get(who)?.viewPrivate === true;
  const user = [
    element('t:UserId', {}, textElement('t:PrimarySmtpAddress', who) + textElement('t:DisplayName', displayName)),
    withPermissions ? element('t:DelegatePermissions', {}, levels.join('')) : '',
    '<t:ReceiveCopiesOfMeetingMessages>false</t:ReceiveCopiesOfMeetingMessages>',
    textElement('t:ViewPrivateItems', viewPrivate),
  ];
  const content = `<m:ResponseCode>NoError</m:ResponseCode>${element('m:DelegateUser', {}, user.join(''))}`;
  return element('m:DelegateUserResponseMessageType', { ResponseClass: 'Success' }, content);
}
