// What a property of an item is: its element, its path, its kind of value, and who may write it.
// The tables made of these drive four things: the request schema, reading, writing, and which shape returns what.
import type { ElementType } from '../schema/schema.ts';

export type ValueKind =
  | 'text'
  | 'boolean'
  | 'integer'
  | 'double'
  | 'instant'
  /** A date that travels as an instant: its midnight, as UTC. */
  | 'day'
  | 'body'
  | 'strings'
  | 'timeZone'
  | 'tree'
  /** Written as XML by the server alone. */
  | 'computed';

export interface Property {
  /** Local name of the element, unique within an item class. */
  readonly name: string;
  /** The FieldURI. */
  readonly uri: string;
  readonly kind: ValueKind;
  /** The type in a request; a client may send read-only properties, which then fail by code, not by schema. */
  readonly type: ElementType;
  readonly writable: boolean;
  /** The smallest base shape that returns it; `named` ones come only when asked for by name. */
  readonly shape: 'IdOnly' | 'Default' | 'AllProperties' | 'named';
  /** Whether FindItem and SyncFolderItems can return it. */
  readonly inLists: boolean;
}
