// SyncFolderHierarchy: the folders below a root, then what changed about them.

import type { CallContext } from '../caller/call-context.ts';
import { type FoundFolder, findTargetFolder } from '../caller/find-objects.ts';
import { fullRights, rightsOf } from '../caller/rights.ts';
import { readFolderShape, writeFolder } from '../folders/folder-writer.ts';
import { folderShape, targetFolderId } from '../schema/common-types.ts';
import { one, optional, sequence, text } from '../schema/schema.ts';
import { anyText } from '../schema/simple-types.ts';
import { EwsError } from '../soap/ews-error.ts';
import { writeChangeKey, writeId } from '../store/ids.ts';
import type { Mailbox } from '../store/mailbox.ts';
import { readSyncState, writeSyncState } from '../store/sync-state.ts';
import { childOf, textOf, type XmlElement } from '../xml/element.ts';
import { element, textElement } from '../xml/writer.ts';
import type { Operation } from './operation.ts';

export const syncFolderHierarchy: Operation = {
  name: 'SyncFolderHierarchy',
  type: sequence([
    one({ 'm:FolderShape': folderShape }),
    optional({ 'm:SyncFolderId': targetFolderId }),
    optional({ 'm:SyncState': text(anyText) }),
  ]),
  errorContent: '<m:SyncState/><m:IncludesLastFolderInRange>true</m:IncludesLastFolderInRange>',
  begin: (request, context) => [() => synchronize(request, context)],
};

function synchronize(request: XmlElement, context: CallContext): string {
  const named = childOf(request, 'SyncFolderId') !== undefined;
  const root = rootOf(request, context);
  const { mailbox, folder } = root;
  const since = knownUpTo(request, root, named, context);
  const shape = readFolderShape(childOf(request, 'FolderShape') ?? request);
  const changes = [...folder.tree()]
    .slice(1)
    .filter((each) => each.changed > since)
    .map((each): FoundFolder => ({ mailbox, folder: each, rights: rightsOf(context.caller, mailbox, each) }))
    .filter((each) => each.rights.visible)
    .map((each) => element(each.folder.created > since ? 't:Create' : 't:Update', {}, writeFolder(each, shape)));
  const gone = mailbox.folderTombstones
    .filter(({ entered, changed }) => entered <= since && changed > since)
    .map(({ serial, changed }) => element('t:Delete', {}, writeGone(mailbox, serial, changed)));
  const state = { scope: 'folders', mailboxGuid: mailbox.identity.guid, folder: folder.serial, named } as const;
  return [
    textElement('m:SyncState', writeSyncState({ ...state, upTo: context.serials.last })),
    '<m:IncludesLastFolderInRange>true</m:IncludesLastFolderInRange>',
    element('m:Changes', {}, [...changes, ...gone].join('')),
  ].join('');
}

function writeGone(mailbox: Mailbox, serial: number, changed: number): string {
  const Id = writeId(mailbox.identity.guid, 'folder', serial);
  return element('t:FolderId', { Id, ChangeKey: writeChangeKey('folder', changed) }, '');
}

function rootOf(request: XmlElement, context: CallContext): FoundFolder {
  const asked = childOf(request, 'SyncFolderId');
  if (asked !== undefined) return findTargetFolder(asked, context);
  const { mailbox } = context.caller;
  if (mailbox === undefined) throw new EwsError('ErrorMissingEmailAddress');
  return { mailbox, folder: mailbox.folder('root'), rights: fullRights };
}

function knownUpTo(request: XmlElement, root: FoundFolder, named: boolean, context: CallContext): number {
  const text = textOf(request, 'SyncState');
  if (text === undefined || text === '') return 0;
  const state = readSyncState(text);
  const fits =
    state?.scope === 'folders' &&
    state.folder === root.folder.serial &&
    state.mailboxGuid === root.mailbox.identity.guid &&
    state.named === named;
  if (!fits || state.upTo > context.serials.last || context.lostSpan.contains(state.upTo)) {
    throw new EwsError('ErrorInvalidSyncStateData');
  }
  return state.upTo;
}
