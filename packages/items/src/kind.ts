// What the engine asks of a kind of item. It treats content as opaque: whatever depends on what an item says stands in the
// folder of its kind, behind this interface.
import type { Instant, ItemContent, Side, ZoneName } from '@lockstep/contracts';

/** A field group: fields that are merged as a whole. */
export type FieldGroup = string;

/** What may be written so that one side says what the other does. */
export interface WriteContext<C = ItemContent> {
  /** The zone of the mailbox's owner, where the content names none. */
  readonly zone: ZoneName;
  /** What the item that is written to says now; absent for one that is made. */
  readonly target?: C | undefined;
}

/** When an item takes place, `[start, end]`. */
export interface TimeSpan {
  readonly start: Instant;
  readonly end: Instant;
}

export interface Kind<C = ItemContent> {
  /** The field groups in the order in which they are shown, each with the fields of the content that it is made of. */
  readonly groups: Readonly<Record<FieldGroup, readonly (keyof C & string)[]>>;
  /** Two unlinked items that are equal in these groups are the same one (docs/decisions: pairing equal items). */
  readonly identity: readonly FieldGroup[];
  /** True when its items are listed by time, part by part of the window, nearest first; else all at once. */
  readonly listedByTime: boolean;
  /**
   * What both sides can hold of a group, as JSON data. Hashes are taken over this form only, so that what one side cannot hold
   * is never seen as a change and never overwritten. What is hashed today is compared by every later release: never change it.
   */
  commonForm(content: C, group: FieldGroup): unknown;
  /** Everything that a side said, as JSON data: recognises our own writes. Never change it either. */
  wholeForm(content: C): unknown;
  /** The fields to write so that `side` says what `content` says in these groups. */
  fieldsFor(side: Side, content: C, groups: readonly FieldGroup[], context: WriteContext<C>): Partial<C>;
  /** Groups of which this content holds a part only: never written over the other side, and no sign of a change. */
  cutGroups(content: C): readonly FieldGroup[];
  /** When it takes place; undefined for one that the time window does not bound. */
  spanOf(content: C, zone: ZoneName): TimeSpan | undefined;
}
