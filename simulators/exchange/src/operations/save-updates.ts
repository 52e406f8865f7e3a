// Stores the outcome of an update: in the item, or, for one occurrence of a series, as a difference in its master.
import { type ItemView, viewOf } from '../store/item-view.ts';
import type { Updates } from './item-updates.ts';

/** @returns the item as it is now */
export function saveUpdates(view: ItemView, updates: Updates, author: string): ItemView {
  const { mailbox, item } = view;
  mailbox.change(item, updates, author);
  return viewOf(mailbox, item);
}
