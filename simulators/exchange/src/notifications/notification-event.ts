// What subscribers see of a change. One save of an appointment is three events: the item, its free/busy, then the folder.
import type { Folder } from '../store/folder.ts';
import { eventChangeKeys, writeId } from '../store/ids.ts';
import type { FolderEvent, ItemEvent, MailboxEvent } from '../store/mailbox-event.ts';
import { isMessage } from '../store/values.ts';
import { writeDateTime } from '../time/date-time.ts';
import { element, textElement } from '../xml/writer.ts';

export type EventType =
  | 'CreatedEvent'
  | 'ModifiedEvent'
  | 'DeletedEvent'
  | 'MovedEvent'
  | 'CopiedEvent'
  | 'NewMailEvent'
  | 'FreeBusyChangedEvent';

export interface NotificationEvent {
  readonly type: EventType;
  readonly atMs: number;
  /** Folders whose subscribers see it. */
  readonly folders: readonly Folder[];
  /** Folder events come after the item events of the same change, in a notification of their own. */
  readonly about: 'item' | 'folder';
  /** The XML after the time stamp. */
  readonly ids: string;
}

const types = {
  created: 'CreatedEvent',
  modified: 'ModifiedEvent',
  deleted: 'DeletedEvent',
  moved: 'MovedEvent',
  copied: 'CopiedEvent',
  folderCreated: 'CreatedEvent',
  folderModified: 'ModifiedEvent',
  folderDeleted: 'DeletedEvent',
  folderMoved: 'MovedEvent',
} as const;

/** @param mailboxGuid whose ids the events carry */
export function eventsOf(mailboxGuid: string, change: MailboxEvent, atMs: number): readonly NotificationEvent[] {
  const folderId = (name: string, folder: Folder): string =>
    element(name, { Id: writeId(mailboxGuid, 'folder', folder.serial), ChangeKey: eventChangeKeys.folder }, '');
  return 'item' in change ? ofItem(mailboxGuid, change, atMs, folderId) : [ofFolder(change, atMs, folderId)];
}

type WriteFolderId = (name: string, folder: Folder) => string;

function ofItem(
  mailboxGuid: string,
  change: ItemEvent,
  atMs: number,
  folderId: WriteFolderId,
): readonly NotificationEvent[] {
  const itemId = (name: string, serial: number): string =>
    element(name, { Id: writeId(mailboxGuid, 'item', serial), ChangeKey: eventChangeKeys.item }, '');
  const { item, folder } = change;
  const self = itemId('t:ItemId', item.serial) + folderId('t:ParentFolderId', folder);
  const old =
    'from' in change ? itemId('t:OldItemId', change.oldSerial) + folderId('t:OldParentFolderId', change.from) : '';
  const folders = change.kind === 'moved' ? [folder, change.from] : [folder];
  const events: NotificationEvent[] = [{ type: types[change.kind], atMs, folders, about: 'item', ids: self + old }];
  if (change.kind === 'created' && folder.distinguishedName === 'inbox' && isMessage(item.kind)) {
    events.push({ type: 'NewMailEvent', atMs, folders: [folder], about: 'item', ids: self });
  }
  if (item.kind === 'CalendarItem') {
    events.push({ type: 'FreeBusyChangedEvent', atMs, folders: [folder], about: 'item', ids: self });
  }
  for (const each of folders) {
    const ids = folderId('t:FolderId', each) + folderId('t:ParentFolderId', each.parent ?? each);
    events.push({ type: 'ModifiedEvent', atMs, folders: [each], about: 'folder', ids });
  }
  return events;
}

/** Who watches the folder, or the one that it is or was in, sees it. */
function ofFolder(change: FolderEvent, atMs: number, folderId: WriteFolderId): NotificationEvent {
  const { folder } = change;
  const parent = folder.parent ?? folder;
  const self = folderId('t:FolderId', folder) + folderId('t:ParentFolderId', parent);
  const old = 'from' in change ? folderId('t:OldFolderId', folder) + folderId('t:OldParentFolderId', change.from) : '';
  const folders = 'from' in change ? [folder, parent, change.from] : [folder, parent];
  return { type: types[change.kind], atMs, folders, about: 'folder', ids: self + old };
}

/** @param watermark for pull subscriptions; streaming ones have none */
export function writeEvent(event: NotificationEvent, watermark?: string): string {
  const content = `${textElement('t:Watermark', watermark)}${textElement('t:TimeStamp', writeDateTime(event.atMs))}${event.ids}`;
  return element(`t:${event.type}`, {}, content);
}
