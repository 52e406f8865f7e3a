// GetFolder.

import { findFolder } from '../caller/find-objects.ts';
import { readFolderShape, writeFolder } from '../folders/folder-writer.ts';
import { folderIds, folderShape } from '../schema/common-types.ts';
import { one, sequence } from '../schema/schema.ts';
import { childOf, childrenOf } from '../xml/element.ts';
import { element } from '../xml/writer.ts';
import type { Operation } from './operation.ts';

export const getFolder: Operation = {
  name: 'GetFolder',
  type: sequence([one({ 'm:FolderShape': folderShape }), one({ 'm:FolderIds': folderIds })]),
  errorContent: '<m:Folders/>',
  begin(request, context) {
    const shape = readFolderShape(childOf(request, 'FolderShape') ?? request);
    return childrenOf(request, 'FolderIds').map(
      (id) => () => element('m:Folders', {}, writeFolder(findFolder(id, context), shape)),
    );
  },
};
