// What a kind of item is to EWS: which properties are read, how they become content, how content is written. Content is opaque to
// everybody else here; the bus has checked it against the schema of its kind.
import type { Instant, ItemContent, ZoneName } from '@lockstep/contracts';
import type { ExchangeService, Item, PropertyDefinition, PropertySet, SearchFilter } from 'ews-javascript-api';
import type { XmlElement } from '../soap/xml-reader.ts';

export interface Range {
  readonly from: Instant;
  readonly to: Instant;
}

export interface KindMapping {
  /** Everything that `contentOf` and `shapeOf` read, beside what every item has (see item-of.ts). */
  properties(): PropertySet;

  /** What a row of a listing needs. FindItem gives at most 255 characters of each. */
  rowProperties(): PropertySet;

  /** `single` is what can be synchronized. */
  shapeOf(item: XmlElement): string;

  /** Undefined when Exchange left out what this kind cannot be without. */
  contentOf(item: XmlElement, ownerZone: ZoneName): ItemContent | undefined;

  /** When it begins, for a kind that is listed by time. */
  startOf(item: XmlElement): Instant | undefined;

  /** The order of a listing. */
  order(): PropertyDefinition;

  /** What touches the range; undefined where a kind has no place in time, so that everything does. */
  touching(range: Range): SearchFilter | undefined;

  /** What the restriction lets through by mistake is left out here. */
  touches(item: XmlElement, range: Range): boolean;

  /** An item of this kind with nothing on it. */
  blank(service: ExchangeService): Item;

  /** `isNew`: nothing is on the item yet, so that what is not said has to be chosen. */
  write(item: Item, changes: ItemContent, ownerZone: ZoneName, isNew: boolean): void;

  /** Whether anything is left to write when what Exchange cannot hold is left alone. */
  writesAnything(changes: ItemContent): boolean;
}
