// CreateFolder.
import type { CallContext } from '../caller/call-context.ts';
import { findTargetFolder } from '../caller/find-objects.ts';
import { folderElements, readFolderDraft } from '../folders/folder-elements.ts';
import { refuseOthers, refuseTaken } from '../folders/folder-places.ts';
import { writeFolderAlone } from '../folders/folder-writer.ts';
import { targetFolderId } from '../schema/common-types.ts';
import { one, sequence, some } from '../schema/schema.ts';
import { childOf, childrenOf, type XmlElement } from '../xml/element.ts';
import { element } from '../xml/writer.ts';
import type { Operation } from './operation.ts';

export const createFolder: Operation = {
  name: 'CreateFolder',
  type: sequence([one({ 'm:ParentFolderId': targetFolderId }), one({ 'm:Folders': sequence([some(folderElements)]) })]),
  errorContent: '<m:Folders/>',
  begin(request, context) {
    return childrenOf(request, 'Folders').map((folder) => () => create(folder, request, context));
  },
};

function create(folder: XmlElement, request: XmlElement, context: CallContext): string {
  const parent = findTargetFolder(childOf(request, 'ParentFolderId') ?? request, context);
  refuseOthers(parent);
  const { displayName, folderClass, extended } = readFolderDraft(folder);
  refuseTaken(parent.folder, displayName);
  const made = parent.mailbox.createFolder(parent.folder, displayName, folderClass);
  made.extended = extended;
  return element('m:Folders', {}, writeFolderAlone({ ...parent, folder: made }));
}
