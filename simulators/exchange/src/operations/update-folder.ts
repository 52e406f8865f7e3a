// UpdateFolder: its name, and properties outside of the schema.
import type { CallContext } from '../caller/call-context.ts';
import { findFolder } from '../caller/find-objects.ts';
import { folderElements, folderName } from '../folders/folder-elements.ts';
import { refuseOthers, refuseTaken } from '../folders/folder-places.ts';
import { writeFolderAlone } from '../folders/folder-writer.ts';
import { extendedKeyOf, readExtendedProperty } from '../properties/extended-path.ts';
import { distinguishedFolderId, folderId, path } from '../schema/common-types.ts';
import { one, sequence, some } from '../schema/schema.ts';
import { EwsError } from '../soap/ews-error.ts';
import type { Folder } from '../store/folder.ts';
import { childrenOf, type XmlElement } from '../xml/element.ts';
import { element } from '../xml/writer.ts';
import type { Operation } from './operation.ts';

const change = sequence([
  one({ 't:FolderId': folderId, 't:DistinguishedFolderId': distinguishedFolderId }),
  one({
    't:Updates': sequence([
      some({
        't:SetFolderField': sequence([one(path), one(folderElements)]),
        't:AppendToFolderField': sequence([one(path), one(folderElements)]),
        't:DeleteFolderField': sequence([one(path)]),
      }),
    ]),
  }),
]);

export const updateFolder: Operation = {
  name: 'UpdateFolder',
  type: sequence([one({ 'm:FolderChanges': sequence([some({ 't:FolderChange': change })]) })]),
  errorContent: '<m:Folders/>',
  begin(request, context) {
    return childrenOf(request, 'FolderChanges').map((each) => () => update(each, context));
  },
};

type Draft = Pick<Folder, 'displayName' | 'extended'>;

function update(folderChange: XmlElement, context: CallContext): string {
  const [id] = folderChange.children;
  if (id === undefined) throw new EwsError('ErrorFolderNotFound');
  const found = findFolder(id, context);
  refuseOthers(found);
  const { mailbox, folder } = found;
  const draft = childrenOf(folderChange, 'Updates').reduce<Draft>(apply, {
    displayName: folder.displayName,
    extended: folder.extended,
  });
  if (folder.parent !== undefined) refuseTaken(folder.parent, draft.displayName, folder);
  mailbox.changeFolder(folder, draft);
  return element('m:Folders', {}, writeFolderAlone(found));
}

function apply(draft: Draft, { name, children }: XmlElement): Draft {
  const [path, object] = children;
  const [value] = object?.children ?? [];
  if (path === undefined) throw new EwsError('ErrorInvalidPropertyRequest');
  if (name === 'AppendToFolderField') throw new EwsError('ErrorInvalidPropertyAppend');
  if (path.name === 'ExtendedFieldURI') {
    const key = extendedKeyOf(path);
    const others = draft.extended.filter((each) => each.key !== key);
    if (name === 'DeleteFolderField') return { ...draft, extended: others };
    if (value?.name !== 'ExtendedProperty') throw new EwsError('ErrorUpdatePropertyMismatch');
    return { ...draft, extended: [...others, readExtendedProperty(value)] };
  }
  if (path.attributes['FieldURI'] !== 'folder:DisplayName') throw new EwsError('ErrorInvalidPropertySet');
  if (name === 'DeleteFolderField') throw new EwsError('ErrorInvalidPropertyDelete');
  if (value?.name !== 'DisplayName') throw new EwsError('ErrorUpdatePropertyMismatch');
  return { ...draft, displayName: folderName(value.text) };
}
