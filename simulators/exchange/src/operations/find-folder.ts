// FindFolder: the folders below one, one level deep or all.

import type { CallContext } from '../caller/call-context.ts';
import { type FoundFolder, findFolder } from '../caller/find-objects.ts';
import { rightsOf } from '../caller/rights.ts';
import { readFolderShape, writeFolder } from '../folders/folder-writer.ts';
import { folderIds, folderShape, fractionalPage, indexedPage, restriction } from '../schema/common-types.ts';
import { one, optional, required, sequence } from '../schema/schema.ts';
import { oneOf } from '../schema/simple-types.ts';
import { pageOf, pagingAttributes } from '../search/paging.ts';
import { matchesFolder } from '../search/restriction.ts';
import type { Folder } from '../store/folder.ts';
import { childOf, childrenOf, type XmlElement } from '../xml/element.ts';
import { element } from '../xml/writer.ts';
import type { Operation } from './operation.ts';

export const findFolderOperation: Operation = {
  name: 'FindFolder',
  type: sequence(
    [
      one({ 'm:FolderShape': folderShape }),
      optional({ 'm:IndexedPageFolderView': indexedPage, 'm:FractionalPageFolderView': fractionalPage }),
      optional({ 'm:Restriction': restriction }),
      one({ 'm:ParentFolderIds': folderIds }),
    ],
    { Traversal: required(oneOf('Shallow Deep SoftDeleted')) },
  ),
  errorContent: '',
  begin(request, context) {
    return childrenOf(request, 'ParentFolderIds').map((id) => () => find(id, request, context));
  },
};

function find(id: XmlElement, request: XmlElement, context: CallContext): string {
  const shape = readFolderShape(childOf(request, 'FolderShape') ?? request);
  const parent = findFolder(id, context);
  const filter = childOf(request, 'Restriction')?.children[0];
  const found = below(parent.folder, request.attributes['Traversal'] ?? 'Shallow')
    .map((folder): FoundFolder => ({ ...parent, folder, rights: rightsOf(context.caller, parent.mailbox, folder) }))
    .filter((each) => each.rights.visible)
    .filter((each) => filter === undefined || matchesFolder(filter, each.folder));
  const view = childOf(request, 'IndexedPageFolderView') ?? childOf(request, 'FractionalPageFolderView');
  const page = pageOf(found, view);
  const folders = page.items.map((each) => writeFolder(each, shape)).join('');
  return element('m:RootFolder', pagingAttributes(page), element('t:Folders', {}, folders));
}

function below(folder: Folder, traversal: string): readonly Folder[] {
  if (traversal === 'SoftDeleted') return [];
  return traversal === 'Deep' ? [...folder.tree()].slice(1) : folder.children;
}
