// GetUserConfiguration: the settings that Outlook keeps in hidden items. The list of categories is there; others are not.
import type { CallContext } from '../caller/call-context.ts';
import { findTargetFolder } from '../caller/find-objects.ts';
import { writeFolderId } from '../folders/folder-writer.ts';
import { distinguishedFolderId, folderId } from '../schema/common-types.ts';
import { one, required, sequence, text } from '../schema/schema.ts';
import { listOf, nonEmptyText } from '../schema/simple-types.ts';
import { EwsError } from '../soap/ews-error.ts';
import { childOf, textOf, type XmlElement } from '../xml/element.ts';
import { attributesOf, element, textElement } from '../xml/writer.ts';
import type { Operation } from './operation.ts';

export const getUserConfiguration: Operation = {
  name: 'GetUserConfiguration',
  type: sequence([
    one({
      'm:UserConfigurationName': sequence(
        [one({ 't:FolderId': folderId, 't:DistinguishedFolderId': distinguishedFolderId })],
        { Name: required(nonEmptyText) },
      ),
    }),
    one({ 'm:UserConfigurationProperties': text(listOf('Id Dictionary XmlData BinaryData All')) }),
  ]),
  errorContent: '',
  begin: (request, context) => [() => read(request, context)],
};

function read(request: XmlElement, context: CallContext): string {
  const named = childOf(request, 'UserConfigurationName') ?? request;
  const { mailbox, folder, rights } = findTargetFolder(named, context);
  if (!rights.read) throw new EwsError('ErrorAccessDenied');
  const Name = named.attributes['Name'] ?? '';
  const xml = folder.distinguishedName === 'calendar' && Name === 'CategoryList' ? categoryList() : undefined;
  if (xml === undefined) throw new EwsError('ErrorItemNotFound');
  const wanted = (textOf(request, 'UserConfigurationProperties') ?? '').trim().split(/\s+/);
  const withXml = wanted.includes('XmlData') || wanted.includes('All');
  const name = element('t:UserConfigurationName', { Name }, writeFolderId('t:FolderId', mailbox, folder));
  const data = withXml ? textElement('t:XmlData', Buffer.from(xml).toString('base64')) : '';
  return element('m:UserConfiguration', {}, name + data);
}

/** The categories of a new mailbox, with Outlook's numbers for their colours. */
const categories = ['Red', 'Orange', 'Yellow', 'Green', 'Blue', 'Purple'];
const colours = [0, 1, 3, 4, 7, 8];

function categoryList(): string {
  const list = categories.map((colour, index) => {
    const attributes = { name: `${colour} category`, color: colours[index], keyboardShortcut: 0, usageCount: 0 };
    return `<category${attributesOf(attributes)}/>`;
  });
  return `<?xml version="1.0"?><categories default="Red category" lastSavedSession="0" xmlns="CategoryList.xsd">${list.join('')}</categories>`;
}
