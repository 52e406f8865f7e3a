// What happened in a mailbox, before it is turned into what a subscription sees.
import type { Folder, Item } from './folder.ts';

export type ItemEvent =
  | { readonly kind: 'created' | 'modified' | 'deleted'; readonly item: Item; readonly folder: Folder }
  | {
      readonly kind: 'moved' | 'copied';
      readonly item: Item;
      readonly folder: Folder;
      readonly from: Folder;
      readonly oldSerial: number;
    };

export type FolderEvent =
  | { readonly kind: 'folderCreated' | 'folderModified' | 'folderDeleted'; readonly folder: Folder }
  | { readonly kind: 'folderMoved'; readonly folder: Folder; readonly from: Folder };

export type MailboxEvent = ItemEvent | FolderEvent;
