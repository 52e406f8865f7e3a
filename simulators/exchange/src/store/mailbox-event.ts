// What happened in a mailbox, before it is turned into what a subscription sees.
import type { Folder } from './folder.ts';
import type { Item } from './item.ts';

export type MailboxEvent =
  | { readonly kind: 'created' | 'modified' | 'deleted'; readonly item: Item; readonly folder: Folder }
  | {
      readonly kind: 'moved';
      readonly item: Item;
      readonly folder: Folder;
      readonly from: Folder;
      readonly oldSerial: number;
    };
