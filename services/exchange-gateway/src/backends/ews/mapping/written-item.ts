// Items of the library for what is to be written: a new one, or a known one of which nothing but its id was read.
import type { ItemContent, ItemKind, Stamp, ZoneName } from '@lockstep/contracts';
import type { ExchangeService, Item } from 'ews-javascript-api';
import type { ItemWrite, SeenItem } from '../../../backend.ts';
import { kindMappings } from './kinds.ts';
import { stampProperty, stampText } from './stamp.ts';

/** A new item with this content. `ownerZone` is for days, and where the item's own zone is unknown. */
export function newItem(
  service: ExchangeService,
  kind: ItemKind,
  content: ItemContent,
  stamp: Stamp,
  ownerZone: ZoneName,
): Item {
  const item = kindMappings[kind].blank(service);
  item.SetExtendedProperty(stampProperty(), stampText(stamp));
  kindMappings[kind].write(item, content, ownerZone, true);
  return item;
}

/** A known item with only these changes; nothing is read from Exchange for it. */
export function changedItem(
  service: ExchangeService,
  kind: ItemKind,
  { id, version }: SeenItem,
  { changes, stamp }: ItemWrite,
  ownerZone: ZoneName,
): Item {
  const item = kindMappings[kind].blank(service);
  // The library's own way to fill an item from an answer; the last argument is for summaries.
  const loadable = item as unknown as {
    LoadFromXmlJsObject(js: unknown, service: ExchangeService, clear: boolean, set: null, summary: boolean): void;
  };
  loadable.LoadFromXmlJsObject({ ItemId: { Id: id, ChangeKey: version } }, service, true, null, false);
  if (changes !== undefined) kindMappings[kind].write(item, changes, ownerZone, false);
  if (stamp !== undefined) item.SetExtendedProperty(stampProperty(), stampText(stamp));
  return item;
}

/** Whether anything is left to write when what Exchange cannot hold is left alone. */
export function writesAnything(kind: ItemKind, { changes, stamp }: ItemWrite): boolean {
  return stamp !== undefined || (changes !== undefined && kindMappings[kind].writesAnything(changes));
}
