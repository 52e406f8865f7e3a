// What happened in a mailbox, before it is turned into what a subscription sees.
import type { Folder, Item } from './folder.ts';

export type MailboxEvent =
  | { readonly kind: 'created' | 'modified' | 'deleted'; readonly item: Item; readonly folder: Folder }
  | {
      readonly kind: 'moved';
      readonly item: Item;
      readonly folder: Folder;
      readonly from: Folder;
      readonly oldSerial: number;
    };
