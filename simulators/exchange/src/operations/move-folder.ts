// MoveFolder: its id stays, and so do the ids of what is in it.
import type { CallContext } from '../caller/call-context.ts';
import { findFolder, findTargetFolder } from '../caller/find-objects.ts';
import { refuseCircle, refuseOthers, refuseTaken } from '../folders/folder-places.ts';
import { writeFolderAlone } from '../folders/folder-writer.ts';
import { folderIds, targetFolderId } from '../schema/common-types.ts';
import { one, sequence } from '../schema/schema.ts';
import { EwsError } from '../soap/ews-error.ts';
import { childOf, childrenOf, type XmlElement } from '../xml/element.ts';
import { element } from '../xml/writer.ts';
import type { Operation } from './operation.ts';

export const moveFolder: Operation = {
  name: 'MoveFolder',
  type: sequence([one({ 'm:ToFolderId': targetFolderId }), one({ 'm:FolderIds': folderIds })]),
  errorContent: '<m:Folders/>',
  begin(request, context) {
    return childrenOf(request, 'FolderIds').map((id) => () => move(id, request, context));
  },
};

function move(id: XmlElement, request: XmlElement, context: CallContext): string {
  const target = findTargetFolder(childOf(request, 'ToFolderId') ?? request, context);
  const found = findFolder(id, context);
  refuseOthers(found);
  refuseOthers(target);
  const { mailbox, folder } = found;
  if (folder.distinguishedName !== undefined) {
    throw new EwsError('ErrorMoveDistinguishedFolder', 'Distinguished folders cannot be moved.');
  }
  if (target.mailbox !== mailbox) throw new EwsError('ErrorMoveCopyFailed');
  refuseCircle(folder, target.folder);
  refuseTaken(target.folder, folder.displayName, folder);
  mailbox.moveFolder(folder, target.folder);
  return element('m:Folders', {}, writeFolderAlone(found));
}
