// An item as a client sees it: a stored one, or one occurrence of a series, which is stored only as a difference.

import type { Item } from './folder.ts';
import { writeChangeKey, writeId } from './ids.ts';
import type { ExtendedProperty } from './item.ts';
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
