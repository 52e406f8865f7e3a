// Writing one occurrence changes its series: the master keeps the difference and takes a new change key.
import type { ItemView } from '../store/item-view.ts';

/** Deletes the occurrence that the view shows. */
export function deleteOccurrence(view: ItemView, author: string): void {
  const { mailbox, item, originalStartMs } = view;
  if (originalStartMs === undefined) return;
  const deletions = [...(item.deletions ?? []), originalStartMs].sort((a, b) => a - b);
  const exceptions = (item.exceptions ?? []).filter((each) => each.originalStartMs !== originalStartMs);
  mailbox.change(item, { ...item, deletions, exceptions, touched: ['DeletedOccurrences'] }, author);
}
