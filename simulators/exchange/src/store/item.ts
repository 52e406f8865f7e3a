// An item as it is stored: values by property name, and the numbers that identity and change tracking rest on.
import type { ItemKind, PropertyValue } from './values.ts';

/** A property outside of the schema, under its own path. */
export interface ExtendedProperty {
  /** The path in one text, the same for every spelling of it. */
  readonly key: string;
  /** The attributes of the path as first written. */
  readonly path: Readonly<Record<string, string>>;
  readonly value: string | readonly string[];
}

/** An item without its place: what a snapshot keeps. */
export interface StoredItem {
  readonly kind: ItemKind;
  /** What the id is made of: another one after a move. */
  serial: number;
  /** The first serial: the UID is made of it, and it stays. */
  readonly birth: number;
  /** Position in the change log at which it came into its folder. */
  entered: number;
  /** Position of the newest change, and the version in the change key. */
  changed: number;
  readonly createdBy: string;
  readonly createdAtMs: number;
  modifiedAtMs: number;
  modifiedBy: string;
  values: Record<string, PropertyValue>;
  extended: readonly ExtendedProperty[];
  /** At which version each property was last written; only once an item has been changed. */
  written?: Record<string, number>;
  /** Changed occurrences of a series, by original start in milliseconds. */
  exceptions?: readonly OccurrenceException[];
  /** Original starts of the occurrences that were deleted. */
  deletions?: readonly number[];
  attachments?: readonly Attachment[];
  /** The highest number that an attachment of it ever had: none is given twice. */
  lastAttachment?: number;
}

/** A file, or another item, that hangs on an item. */
export interface Attachment {
  /** Its number on what it hangs on. */
  readonly number: number;
  readonly name?: string | undefined;
  readonly contentType?: string | undefined;
  readonly contentId?: string | undefined;
  readonly contentLocation?: string | undefined;
  readonly isInline: boolean;
  readonly isContactPhoto: boolean;
  readonly modifiedAtMs: number;
  readonly content: AttachedFile | AttachedItem;
}

export interface AttachedFile {
  readonly kind: 'file';
  readonly base64: string;
}

export interface AttachedItem {
  readonly kind: 'item';
  readonly itemKind: ItemKind;
  readonly values: Readonly<Record<string, PropertyValue>>;
  readonly extended: readonly ExtendedProperty[];
  readonly attachments: readonly Attachment[];
}

/** One occurrence that differs from its series. */
export interface OccurrenceException {
  readonly originalStartMs: number;
  /** Its own ones; without them it has those of its series. */
  readonly attachments?: readonly Attachment[] | undefined;
  readonly values: Readonly<Record<string, PropertyValue>>;
  readonly extended: readonly ExtendedProperty[];
}
