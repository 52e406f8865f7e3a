// Deleting one occurrence changes its series: the master remembers it and takes a new change key.
import type { ItemView } from '../store/item-view.ts';

/** Deletes the occurrence that the view shows. */
export function deleteOccurrence(view: ItemView, author: string): void {
  const { mailbox, item, originalStartMs } = view;
  if (originalStartMs === undefined) return;
  const deletions = [...(item.deletions ?? []), originalStartMs].sort((a, b) => a - b);
  const exceptions = (item.exceptions ?? []).filter((each) => each.originalStartMs !== originalStartMs);
  const { values, extended } = item;
  mailbox.change(item, { values, extended, deletions, exceptions, touched: ['DeletedOccurrences'] }, author);
}
