// From ids in a request to folders and items, with the codes for each way in which that fails.
// What the caller may not see does not exist for him: not found, never denied.

import { occurrenceByIndex, occurrenceByStart } from '../recurrence/series.ts';
import { EwsError } from '../soap/ews-error.ts';
import { attachmentChain, readAttachmentId } from '../store/attachments.ts';
import type { Folder, Item } from '../store/folder.ts';
import { type ObjectId, readChangeKey, readId } from '../store/ids.ts';
import type { Attachment } from '../store/item.ts';
import { attachmentsOf, type ItemView, viewOf } from '../store/item-view.ts';
import type { Mailbox } from '../store/mailbox.ts';
import { childOf, textOf, type XmlElement } from '../xml/element.ts';
import type { CallContext } from './call-context.ts';
import { fullRights, type Rights, rightsOf } from './rights.ts';

export interface FoundFolder {
  readonly mailbox: Mailbox;
  readonly folder: Folder;
  readonly rights: Rights;
}

export interface FoundItem {
  readonly view: ItemView;
  readonly rights: Rights;
  /** The version in the change key of the request; undefined when it carried none. */
  readonly version: number | undefined;
}

/** Finds a `t:FolderId` or `t:DistinguishedFolderId`. @throws EwsError */
export function findFolder(id: XmlElement, context: CallContext): FoundFolder {
  const found = id.name === 'DistinguishedFolderId' ? distinguished(id, context) : byId(id, context);
  const rights = rightsOf(context.caller, found.mailbox, found.folder);
  if (!rights.visible) throw new EwsError('ErrorFolderNotFound');
  return { ...found, rights };
}

/** The folder inside an element that holds one id. */
export function findTargetFolder(parent: XmlElement, context: CallContext): FoundFolder {
  const [id] = parent.children;
  if (id === undefined) throw new EwsError('ErrorFolderNotFound');
  return findFolder(id, context);
}

function distinguished(id: XmlElement, context: CallContext): { mailbox: Mailbox; folder: Folder } {
  const mailboxElement = childOf(id, 'Mailbox');
  const mailbox = mailboxElement === undefined ? context.caller.mailbox : named(mailboxElement, context);
  if (mailbox === undefined) throw new EwsError('ErrorMissingEmailAddress');
  const folder = mailbox.distinguished.get(id.attributes['Id'] ?? '');
  if (folder === undefined) throw new EwsError('ErrorFolderNotFound');
  return { mailbox, folder };
}

function named(element: XmlElement, context: CallContext): Mailbox {
  const address = textOf(element, 'EmailAddress');
  const mailbox = address === undefined ? undefined : context.directory.mailbox(address);
  if (mailbox === undefined) throw new EwsError('ErrorNonExistentMailbox');
  return mailbox;
}

function byId(id: XmlElement, context: CallContext): { mailbox: Mailbox; folder: Folder } {
  const read = readObjectId(id.attributes['Id']);
  if (read.kind !== 'folder') throw new EwsError('ErrorCannotUseItemIdForFolderId');
  const mailbox = context.directory.mailboxByGuid(read.mailboxGuid);
  const folder = mailbox?.folders.get(read.serial);
  if (mailbox === undefined || folder === undefined) throw new EwsError('ErrorFolderNotFound');
  return { mailbox, folder };
}

export interface FoundAttachment extends FoundItem {
  /** The numbers from the item down to it. */
  readonly path: readonly number[];
  /** The attachments on that way; the last one is it. */
  readonly chain: readonly Attachment[];
}

/** Finds a `t:AttachmentId`: who may see the item may see what hangs on it. @throws EwsError */
export function findAttachment(id: XmlElement, context: CallContext): FoundAttachment {
  const text = id.attributes['Id'] ?? '';
  const read = readAttachmentId(text);
  if (read === undefined) {
    readObjectId(text);
    throw new EwsError('ErrorInvalidAttachmentId'); // the id of something else
  }
  const found = visibleItem(read.owner, context);
  const view = viewFor(id, read.owner, found.mailbox, found.item);
  const chain = attachmentChain(attachmentsOf(view), read.path);
  if (chain === undefined) throw new EwsError('ErrorInvalidAttachmentId');
  return { view, rights: found.rights, version: undefined, path: read.path, chain };
}

function readObjectId(text: string | undefined): ObjectId {
  if (text === undefined || text === '') throw new EwsError('ErrorInvalidIdEmpty');
  const id = readId(text);
  if (id === undefined) throw new EwsError('ErrorInvalidIdMalformed');
  return id;
}

/** Finds a `t:ItemId`, `t:OccurrenceItemId` or `t:RecurringMasterItemId`. @throws EwsError */
export function findItem(id: XmlElement, context: CallContext): FoundItem {
  const text = id.attributes['Id'] ?? id.attributes['RecurringMasterId'] ?? id.attributes['OccurrenceId'];
  const read = readObjectId(text);
  if (read.kind === 'folder') throw new EwsError('ErrorCannotUseFolderIdForItemId');
  const { mailbox, item, rights } = visibleItem(read, context);
  return { view: viewFor(id, read, mailbox, item), rights, version: versionOf(id) };
}

function visibleItem(read: ObjectId, context: CallContext): { mailbox: Mailbox; item: Item; rights: Rights } {
  const mailbox = context.directory.mailboxByGuid(read.mailboxGuid);
  const item = mailbox?.items.get(read.serial);
  if (mailbox === undefined || item === undefined) throw new EwsError('ErrorItemNotFound');
  const rights = rightsOf(context.caller, mailbox, item.folder);
  if (!rights.visible || !rights.read) throw new EwsError('ErrorItemNotFound');
  if (isHidden(item, rights)) throw new EwsError('ErrorItemNotFound');
  return { mailbox, item, rights };
}

/** Private items of another person are hidden unless the right to see them was given. */
export function isHidden(item: Item, rights: Rights): boolean {
  return rights !== fullRights && !rights.viewPrivate && item.values['Sensitivity'] === 'Private';
}

function viewFor(id: XmlElement, read: ObjectId, mailbox: Mailbox, item: Item): ItemView {
  if (id.name === 'RecurringMasterItemId') return viewOf(mailbox, item);
  const master = viewOf(mailbox, item);
  if (id.name === 'OccurrenceItemId') {
    return occurrenceByIndex(master, Number(id.attributes['InstanceIndex']));
  }
  if (read.kind === 'item') return master;
  return occurrenceByStart(master, read.occurrence * 1000);
}

function versionOf(id: XmlElement): number | undefined {
  const key = id.attributes['ChangeKey'];
  if (key === undefined || key === '') return undefined;
  const version = readChangeKey(key);
  if (version === undefined) throw new EwsError('ErrorInvalidChangeKey');
  return version;
}
