// An item as a client sees it: a stored one, or one occurrence of a series, which is stored only as a difference.

import { writeAttachmentId } from './attachments.ts';
import type { Item } from './folder.ts';
import { writeChangeKey, writeId } from './ids.ts';
import type { AttachedItem, Attachment, ExtendedProperty } from './item.ts';
import type { Mailbox } from './mailbox.ts';
import type { PropertyValue } from './values.ts';

export type CalendarItemType = 'Single' | 'Occurrence' | 'Exception' | 'RecurringMaster';

export interface ItemView {
  readonly mailbox: Mailbox;
  readonly item: Item;
  readonly values: Readonly<Record<string, PropertyValue>>;
  readonly extended: readonly ExtendedProperty[];
  readonly calendarType: CalendarItemType;
  /** Of an occurrence. */
  readonly originalStartMs: number | undefined;
  /** Of an item that hangs on another one: the id of the attachment that it is. */
  readonly attachedAs?: string;
}

/** The item itself: single, or master of a series. */
export function viewOf(mailbox: Mailbox, item: Item): ItemView {
  const isSeries =
    (item.kind === 'CalendarItem' || item.kind === 'MeetingRequest') && item.values['Recurrence'] !== undefined;
  const calendarType = isSeries ? 'RecurringMaster' : 'Single';
  return { mailbox, item, values: item.values, extended: item.extended, calendarType, originalStartMs: undefined };
}

/** The attributes of its `t:ItemId`. */
export function idAttributesOf(view: ItemView): { readonly Id: string; readonly ChangeKey: string } {
  const { mailbox, item, originalStartMs } = view;
  const kind = originalStartMs === undefined ? 'item' : 'occurrence';
  return {
    Id: writeId(mailbox.identity.guid, kind, item.serial, Math.floor((originalStartMs ?? 0) / 1000)),
    ChangeKey: writeChangeKey(kind, item.changed),
  };
}

/** What hangs on it; an occurrence has the attachments of its series until it gets its own. */
export function attachmentsOf({ item, originalStartMs }: ItemView): readonly Attachment[] {
  const exception = item.exceptions?.find((each) => each.originalStartMs === originalStartMs);
  return exception?.attachments ?? item.attachments ?? [];
}

/** The id of one of its attachments. */
export function attachmentIdOf(view: ItemView, number: number): string {
  return writeAttachmentId(view.attachedAs ?? idAttributesOf(view).Id, number);
}

/** An item that hangs on another one, as if it stood alone. */
export function attachedView(parent: ItemView, number: number, content: AttachedItem): ItemView {
  const { itemKind: kind, values, extended, attachments } = content;
  const { written: _w, exceptions: _e, deletions: _d, ...owner } = parent.item;
  const item: Item = { ...owner, kind, values: { ...values }, extended, attachments };
  return { ...viewOf(parent.mailbox, item), attachedAs: attachmentIdOf(parent, number) };
}
