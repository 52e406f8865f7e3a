// Changes what hangs on an item. That of one occurrence makes it an exception, which takes the attachments of its series along.
import { occurrenceAt } from '../recurrence/series.ts';
import type { Attachment } from '../store/item.ts';
import { attachmentsOf, type ItemView, viewOf } from '../store/item-view.ts';

/**
 * @param make what is attached, with the number that it gets
 * @returns the item as it is now
 */
export function attach(view: ItemView, make: (number: number) => Attachment, author: string): [ItemView, Attachment] {
  const made = make((view.item.lastAttachment ?? 0) + 1);
  return [setAttachments(view, [...attachmentsOf(view), made], author, made.number), made];
}

/** Returns the item as it is now. */
export function setAttachments(
  view: ItemView,
  attachments: readonly Attachment[],
  author: string,
  lastAttachment?: number,
): ItemView {
  const { mailbox, item, originalStartMs } = view;
  const { values, extended } = item;
  const touched = ['Attachments'];
  if (originalStartMs === undefined) {
    mailbox.change(item, { values, extended, attachments, lastAttachment, touched }, author);
    return viewOf(mailbox, item);
  }
  const known = item.exceptions?.find((each) => each.originalStartMs === originalStartMs);
  const { Start = 0, End = 0 } = view.values;
  const own = known ?? { originalStartMs, values: { Start, End }, extended: view.extended };
  const others = (item.exceptions ?? []).filter((each) => each !== known);
  const exceptions = [...others, { ...own, attachments }].sort((a, b) => a.originalStartMs - b.originalStartMs);
  mailbox.change(item, { values, extended, exceptions, lastAttachment, touched: ['ModifiedOccurrences'] }, author);
  return occurrenceAt(viewOf(mailbox, item), originalStartMs);
}
