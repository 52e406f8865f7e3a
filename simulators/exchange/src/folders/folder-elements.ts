// The element of a folder in a request, by class: what a client may give, and what only the server writes.
import { readExtendedProperty } from '../properties/extended-path.ts';
import { extendedProperty } from '../schema/common-types.ts';
import { any, type ElementType, open, optional, sequence, text } from '../schema/schema.ts';
import { anyText } from '../schema/simple-types.ts';
import { EwsError } from '../soap/ews-error.ts';
import type { ExtendedProperty } from '../store/item.ts';
import { childOf, textOf, type XmlElement } from '../xml/element.ts';

const byServer = (names: string): ReturnType<typeof optional>[] =>
  names.split(' ').map((name) => optional({ [`t:${name}`]: open }));

const folder: ElementType = sequence([
  ...byServer('FolderId ParentFolderId'),
  optional({ 't:FolderClass': text(anyText) }),
  optional({ 't:DisplayName': text(anyText) }),
  ...byServer('TotalCount ChildFolderCount'),
  any({ 't:ExtendedProperty': extendedProperty }),
  ...byServer(
    'ManagedFolderInformation EffectiveRights DistinguishedFolderId PolicyTag ArchiveTag ReplicaList SharingEffectiveRights PermissionSet UnreadCount',
  ),
]);

const classes: Readonly<Record<string, string>> = {
  Folder: 'IPF.Note',
  CalendarFolder: 'IPF.Appointment',
  ContactsFolder: 'IPF.Contact',
  TasksFolder: 'IPF.Task',
};

/** For the schemas of CreateFolder and UpdateFolder. */
export const folderElements: Readonly<Record<string, ElementType>> = Object.fromEntries(
  Object.keys(classes).map((name) => [`t:${name}`, folder]),
);

const writable = new Set(['FolderClass', 'DisplayName', 'ExtendedProperty']);

export interface FolderDraft {
  readonly displayName: string;
  readonly folderClass: string;
  readonly extended: readonly ExtendedProperty[];
}

/** @throws EwsError for what only the server writes, and without a name */
export function readFolderDraft(element: XmlElement): FolderDraft {
  const wrong = element.children.find(({ name }) => !writable.has(name));
  if (wrong !== undefined) {
    throw new EwsError('ErrorInvalidPropertySet', `Set action is invalid for property 'folder:${wrong.name}'.`);
  }
  return {
    displayName: folderName(childOf(element, 'DisplayName')?.text ?? ''),
    folderClass: textOf(element, 'FolderClass') ?? classes[element.name] ?? 'IPF.Note',
    extended: element.children.filter(({ name }) => name === 'ExtendedProperty').map(readExtendedProperty),
  };
}

/** @throws EwsError for a name without a letter */
export function folderName(text: string): string {
  if (text.trim() === '') throw new EwsError('ErrorFolderSavePropertyError', 'The folder has no name.');
  return text;
}
