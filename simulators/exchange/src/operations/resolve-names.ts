// ResolveNames: mailboxes whose name, alias or address begins with the entry. More than one hit is a warning, not an error.
import { folderIds } from '../schema/common-types.ts';
import { allowed, one, optional, required, sequence, text } from '../schema/schema.ts';
import { boolean, nonEmptyText, oneOf } from '../schema/simple-types.ts';
import { EwsError } from '../soap/ews-error.ts';
import { messageTextOf } from '../soap/message-texts.ts';
import type { Mailbox } from '../store/mailbox.ts';
import { textOf } from '../xml/element.ts';
import { element, textElement } from '../xml/writer.ts';
import type { Operation } from './operation.ts';

/** The schema has no room for more. */
const maxResolutions = 100;

export const resolveNames: Operation = {
  name: 'ResolveNames',
  type: sequence([optional({ 'm:ParentFolderIds': folderIds }), one({ 'm:UnresolvedEntry': text(nonEmptyText) })], {
    ReturnFullContactData: required(boolean),
    SearchScope: allowed(oneOf('ActiveDirectory ActiveDirectoryContacts Contacts ContactsActiveDirectory')),
    ContactDataShape: allowed(oneOf('IdOnly Default AllProperties PcxPeopleSearch')),
  }),
  errorContent: '',
  begin(request, context) {
    const entry = (textOf(request, 'UnresolvedEntry') ?? '').toLowerCase().replace(/^smtp:/, '');
    return [
      () => {
        const found = context.directory.mailboxes().filter((mailbox) => fits(mailbox, entry));
        if (found.length === 0) throw new EwsError('ErrorNameResolutionNoResults');
        const content = resolutionSet(found.slice(0, maxResolutions));
        if (found.length === 1) return content;
        const code = 'ErrorNameResolutionMultipleResults';
        return { code, text: messageTextOf(code), content };
      },
    ];
  },
};

function fits(mailbox: Mailbox, entry: string): boolean {
  const { address, displayName } = mailbox.identity;
  const words = displayName.toLowerCase().split(/\s+/);
  return (
    address.toLowerCase().startsWith(entry) ||
    displayName.toLowerCase() === entry ||
    words.some((word) => word.startsWith(entry))
  );
}

function resolutionSet(mailboxes: readonly Mailbox[]): string {
  const resolutions = mailboxes.map(({ identity }) => {
    const content = `${textElement('t:Name', identity.displayName)}${textElement('t:EmailAddress', identity.address)}<t:RoutingType>SMTP</t:RoutingType><t:MailboxType>Mailbox</t:MailboxType>`;
    return element('t:Resolution', {}, element('t:Mailbox', {}, content));
  });
  return element(
    'm:ResolutionSet',
    { IncludesLastItemInRange: true, TotalItemsInView: mailboxes.length },
    resolutions.join(''),
  );
}
