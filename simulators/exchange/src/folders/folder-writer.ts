// Writes a folder in the shape that a client asked for. The element name follows the class of the folder.

import type { FoundFolder } from '../caller/find-objects.ts';
import { writeRights } from '../caller/rights.ts';
import { extendedKeyOf, writeExtendedProperty } from '../properties/extended-path.ts';
import type { Folder } from '../store/folder.ts';
import { writeChangeKey, writeId } from '../store/ids.ts';
import type { Mailbox } from '../store/mailbox.ts';
import { writeDateTime } from '../time/date-time.ts';
import { childrenOf, textOf, type XmlElement } from '../xml/element.ts';
import { element, textElement } from '../xml/writer.ts';

export interface FolderShape {
  readonly base: string;
  readonly named: ReadonlySet<string>;
  readonly extended: readonly { readonly key: string; readonly path: Readonly<Record<string, string>> }[];
}

/** Reads an `m:FolderShape`. */
export function readFolderShape(shape: XmlElement): FolderShape {
  const paths = childrenOf(shape, 'AdditionalProperties');
  const extended = paths.filter((path) => path.name === 'ExtendedFieldURI');
  return {
    base: textOf(shape, 'BaseShape') ?? 'IdOnly',
    named: new Set(paths.map((path) => path.attributes['FieldURI'] ?? '')),
    extended: extended.map((path) => ({ key: extendedKeyOf(path), path: { ...path.attributes } })),
  };
}

const elementNames: Readonly<Record<string, string>> = {
  'IPF.Appointment': 'CalendarFolder',
  'IPF.Contact': 'ContactsFolder',
  'IPF.Task': 'TasksFolder',
};

interface FolderField {
  readonly name: string;
  readonly base: 'Default' | 'AllProperties' | 'named';
  readonly write: (found: FoundFolder) => string;
}

const fields: readonly FolderField[] = [
  { name: 'ParentFolderId', base: 'AllProperties', write: ({ mailbox, folder }) => writeParentId(mailbox, folder) },
  {
    name: 'FolderClass',
    base: 'AllProperties',
    write: ({ folder }) => (folder.folderClass === '' ? '' : textElement('t:FolderClass', folder.folderClass)),
  },
  { name: 'DisplayName', base: 'Default', write: ({ folder }) => textElement('t:DisplayName', folder.displayName) },
  { name: 'TotalCount', base: 'Default', write: ({ folder }) => textElement('t:TotalCount', folder.items.size) },
  {
    name: 'ChildFolderCount',
    base: 'Default',
    write: ({ folder }) => textElement('t:ChildFolderCount', folder.children.length),
  },
  { name: 'ExtendedProperty', base: 'named', write: () => '' },
  {
    name: 'EffectiveRights',
    base: 'AllProperties',
    write: ({ rights }) => element('t:EffectiveRights', {}, writeRights(rights)),
  },
  {
    name: 'DistinguishedFolderId',
    base: 'named',
    write: ({ folder }) => textElement('t:DistinguishedFolderId', folder.distinguishedName),
  },
  {
    name: 'UnreadCount',
    base: 'Default',
    write: ({ folder }) =>
      elementName(folder) === 'Folder' || elementName(folder) === 'TasksFolder'
        ? '<t:UnreadCount>0</t:UnreadCount>'
        : '',
  },
];

function elementName(folder: Folder): string {
  return elementNames[folder.folderClass] ?? 'Folder';
}

export function writeFolder(found: FoundFolder, shape: FolderShape): string {
  const all = shape.base === 'AllProperties';
  let content = writeFolderId('t:FolderId', found.mailbox, found.folder);
  for (const field of fields) {
    if (field.name === 'ExtendedProperty') content += writeExtended(found, shape);
    else if (
      shape.named.has(`folder:${field.name}`) ||
      (all && field.base !== 'named') ||
      (shape.base === 'Default' && field.base === 'Default')
    ) {
      content += field.write(found);
    }
  }
  return element(`t:${elementName(found.folder)}`, {}, content);
}

/** Only the id, as answers to writes have it. */
export function writeFolderAlone({ mailbox, folder }: FoundFolder): string {
  return element(`t:${elementName(folder)}`, {}, writeFolderId('t:FolderId', mailbox, folder));
}

/** An element with the id of a folder. */
export function writeFolderId(name: string, mailbox: Mailbox, folder: Folder): string {
  const Id = writeId(mailbox.identity.guid, 'folder', folder.serial);
  return element(name, { Id, ChangeKey: writeChangeKey('folder', folder.changed) }, '');
}

function writeParentId(mailbox: Mailbox, folder: Folder): string {
  return folder.parent === undefined ? '' : writeFolderId('t:ParentFolderId', mailbox, folder.parent);
}

/** The two counters that clients compare to see cheaply whether anything happened, and the folder's class. */
function writeExtended({ folder }: FoundFolder, shape: FolderShape): string {
  return shape.extended
    .map(({ key, path }) => {
      const value = extendedValues[key]?.(folder) ?? folder.extended.find((each) => each.key === key)?.value;
      return value === undefined ? '' : writeExtendedProperty(path, value);
    })
    .join('');
}

const extendedValues: Readonly<Record<string, (folder: Folder) => string>> = {
  'tag:670a:SystemTime': (folder) => writeDateTime(Math.floor(folder.changed / 1000)),
  'tag:670b:Integer': (folder) => String(folder.tombstones.length),
  'tag:3613:String': (folder) => folder.folderClass,
};
