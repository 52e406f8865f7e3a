// SyncFolderItems: pages of changes since a cookie.

import type { CallContext } from '../caller/call-context.ts';
import { findTargetFolder, isHidden } from '../caller/find-objects.ts';
import { writeRights } from '../caller/rights.ts';
import { readItemShape } from '../properties/item-shape.ts';
import { writeItem } from '../properties/item-writer.ts';
import { itemId, itemShape, targetFolderId } from '../schema/common-types.ts';
import { any, one, optional, sequence, text } from '../schema/schema.ts';
import { anyText, integer, oneOf } from '../schema/simple-types.ts';
import { EwsError } from '../soap/ews-error.ts';
import type { Folder } from '../store/folder.ts';
import { type ChangePage, changesSince, type FolderChange, firstLoad } from '../store/folder-changes.ts';
import { writeChangeKey, writeId } from '../store/ids.ts';
import { viewOf } from '../store/item-view.ts';
import type { Mailbox } from '../store/mailbox.ts';
import { readSyncState, writeSyncState } from '../store/sync-state.ts';
import { childOf, childrenOf, textOf, type XmlElement } from '../xml/element.ts';
import { element, textElement } from '../xml/writer.ts';
import type { Operation } from './operation.ts';

export const syncFolderItems: Operation = {
  name: 'SyncFolderItems',
  type: sequence([
    one({ 'm:ItemShape': itemShape }),
    one({ 'm:SyncFolderId': targetFolderId }),
    optional({ 'm:SyncState': text(anyText) }),
    optional({ 'm:Ignore': sequence([any({ 't:ItemId': itemId })]) }),
    one({ 'm:MaxChangesReturned': text(integer(1, 512)) }),
    optional({ 'm:SyncScope': text(oneOf('NormalItems NormalAndAssociatedItems')) }),
  ]),
  errorContent: '<m:SyncState/><m:IncludesLastItemInRange>true</m:IncludesLastItemInRange>',
  begin: (request, context) => [() => synchronize(request, context)],
};

function synchronize(request: XmlElement, context: CallContext): string {
  const { mailbox, folder, rights } = target(request, context);
  if (!rights.read) throw new EwsError('ErrorAccessDenied');
  const shape = readItemShape(childOf(request, 'ItemShape') ?? request, writeRights(rights));
  const page = pageFor(request, mailbox, folder, context);
  const ignored = new Set(childrenOf(request, 'Ignore').map((id) => id.attributes['Id']));
  const changes = page.changes
    .filter((change) => change.kind === 'delete' || !isHidden(change.item, rights))
    .filter((change) => !ignored.has(writeId(mailbox.identity.guid, 'item', serialOf(change))))
    .map((change) => {
      if (change.kind === 'delete') return element('t:Delete', {}, writeGone(mailbox, change.serial, change.changed));
      const name = change.kind === 'create' ? 't:Create' : 't:Update';
      return element(name, {}, writeItem(viewOf(mailbox, change.item), shape, 'list'));
    });
  const state = { scope: 'items', mailboxGuid: mailbox.identity.guid, folder: folder.serial, named: true } as const;
  return [
    textElement('m:SyncState', writeSyncState({ ...state, upTo: page.upTo, below: page.below })),
    textElement('m:IncludesLastItemInRange', page.complete),
    element('m:Changes', {}, changes.join('')),
  ].join('');
}

function target(request: XmlElement, context: CallContext): ReturnType<typeof findTargetFolder> {
  try {
    return findTargetFolder(childOf(request, 'SyncFolderId') ?? request, context);
  } catch (error) {
    const gone = error instanceof EwsError && error.code === 'ErrorFolderNotFound';
    throw gone ? new EwsError('ErrorSyncFolderNotFound') : error;
  }
}

function pageFor(request: XmlElement, mailbox: Mailbox, folder: Folder, context: CallContext): ChangePage {
  const text = textOf(request, 'SyncState');
  const limit = Number(textOf(request, 'MaxChangesReturned'));
  const newest = context.serials.last;
  if (text === undefined || text === '') return firstLoad(folder, limit, newest, undefined);
  const state = readSyncState(text);
  const fits =
    state?.scope === 'items' && state.folder === folder.serial && state.mailboxGuid === mailbox.identity.guid;
  if (!fits || state.upTo > newest || state.upTo < folder.forgotten) throw new EwsError('ErrorInvalidSyncStateData');
  if (context.lostSpan.contains(state.upTo)) throw new EwsError('ErrorInvalidSyncStateData');
  if (state.below !== undefined) return firstLoad(folder, limit, state.upTo, state.below);
  return changesSince(folder, state.upTo, limit, newest);
}

function serialOf(change: FolderChange): number {
  return change.kind === 'delete' ? change.serial : change.item.serial;
}

function writeGone(mailbox: Mailbox, serial: number, changed: number): string {
  const Id = writeId(mailbox.identity.guid, 'item', serial);
  return element('t:ItemId', { Id, ChangeKey: writeChangeKey('item', changed) }, '');
}
