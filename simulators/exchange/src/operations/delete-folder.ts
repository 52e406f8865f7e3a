// DeleteFolder: for good, or into Deleted Items with all that is in it.
import type { CallContext } from '../caller/call-context.ts';
import { findFolder } from '../caller/find-objects.ts';
import { refuseOthers } from '../folders/folder-places.ts';
import { folderIds } from '../schema/common-types.ts';
import { one, required, sequence } from '../schema/schema.ts';
import { oneOf } from '../schema/simple-types.ts';
import { EwsError } from '../soap/ews-error.ts';
import { childrenOf, type XmlElement } from '../xml/element.ts';
import type { Operation } from './operation.ts';

export const deleteFolder: Operation = {
  name: 'DeleteFolder',
  type: sequence([one({ 'm:FolderIds': folderIds })], {
    DeleteType: required(oneOf('HardDelete SoftDelete MoveToDeletedItems')),
  }),
  errorContent: '',
  begin(request, context) {
    return childrenOf(request, 'FolderIds').map((id) => () => {
      remove(id, request.attributes['DeleteType'], context);
      return '';
    });
  },
};

function remove(id: XmlElement, type: string | undefined, context: CallContext): void {
  const found = findFolder(id, context);
  refuseOthers(found);
  const { mailbox, folder } = found;
  if (folder.distinguishedName !== undefined) {
    throw new EwsError('ErrorDeleteDistinguishedFolder', 'Distinguished folders cannot be deleted.');
  }
  const bin = mailbox.folder('deleteditems');
  if (type === 'MoveToDeletedItems' && folder.parent !== bin) mailbox.moveFolder(folder, bin);
  else mailbox.destroyFolder(folder);
}
