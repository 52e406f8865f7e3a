// One page of the items of a kind. FindItem with a restriction, not CalendarView: the view expands series, cannot be paged, and
// refuses more than two years. The cursor is the offset of the next page.
import { failure, type ItemKind, type ItemRow, kinds, type Outcome, success } from '@lockstep/contracts';
import { type ExchangeService, ItemTraversal, ItemView, type PropertySet, SortDirection } from 'ews-javascript-api';
import type { Ask, ListPage, ListWish } from '../../../backend.ts';
import { callOf, type Parts } from '../calls/parts.ts';
import { itemRow, rowOf } from '../mapping/item-of.ts';
import { kindMappings } from '../mapping/kinds.ts';
import { folderIdOf, idOnly } from '../soap/folder-ids.ts';
import { idOf } from '../soap/reply.ts';
import { childOf, type XmlElement } from '../soap/xml-reader.ts';
import { type FoundPage, readPage } from './find-page.ts';
import { mayBeOfOneItem } from './one-to-blame.ts';

/** A page that Exchange stumbles over is asked for in smaller pieces; the page that is given back may be shorter than asked. */
export async function list(parts: Parts, ask: Ask, kind: ItemKind, wish: ListWish): Promise<Outcome<ListPage>> {
  const offset = offsetOf(wish.cursor);
  if (offset === undefined) return failure('request-invalid', { field: 'cursor' });
  const about: Page = { parts, ask, kind, offset, range: wish.range };
  let maxItems = wish.maxItems;
  let page = await find(about, itemRow(kind), maxItems);
  while (!page.ok && mayBeOfOneItem(page.error) && maxItems > 1) {
    maxItems >>= 1;
    page = await find(about, itemRow(kind), maxItems);
  }
  if (page.ok) return success(rowsOf(about, page.value));
  return mayBeOfOneItem(page.error) ? passOver(about, page) : page;
}

interface Page {
  readonly parts: Parts;
  readonly ask: Ask;
  readonly kind: ItemKind;
  readonly offset: number;
  readonly range: ListWish['range'];
}

function find(about: Page, properties: PropertySet, maxItems: number): Promise<Outcome<FoundPage>> {
  const { parts, ask, kind, offset, range } = about;
  const { order, touching } = kindMappings[kind];
  const call = callOf(ask, parts.access(), { operation: 'FindItem', purpose: 'read' });
  const view = new ItemView(maxItems, offset);
  view.PropertySet = properties;
  view.Traversal = ItemTraversal.Shallow;
  view.OrderBy.Add(order(), SortDirection.Ascending);
  const folder = folderIdOf(call.target, kinds[kind].folder);
  const filter = range === undefined ? undefined : touching(range);
  const build = (service: ExchangeService) =>
    filter === undefined ? service.FindItems(folder, view) : service.FindItems(folder, filter, view);
  return parts.client.call(call, build, (messages) => readPage(messages, offset));
}

function rowsOf({ kind, range }: Page, { items, nextOffset }: FoundPage): ListPage {
  const mapping = kindMappings[kind];
  const inRange = range === undefined ? items : items.filter((item) => mapping.touches(item, range));
  const rows = inRange.flatMap((item) => rowOf(kind, item) ?? []);
  return { rows, next: nextOffset === null ? null : String(nextOffset) };
}

/**
 * The one row that Exchange cannot give: by its id alone, else not at all; a linked item is then still read by its id. Only when the
 * row after it can be found: a server that fails for every row would be listed as empty, without an end.
 */
async function passOver(about: Page, failed: Outcome<never>): Promise<Outcome<ListPage>> {
  const { offset } = about;
  const bare = await find(about, idOnly(), 1);
  if (bare.ok) {
    const rows = bare.value.items.flatMap(unreadableRow);
    return success({ rows, next: bare.value.nextOffset === null ? null : String(bare.value.nextOffset) });
  }
  const after = await find({ ...about, offset: offset + 1 }, idOnly(), 1);
  return after.ok ? success({ rows: [], next: String(offset + 1) }) : failed;
}

function unreadableRow(item: XmlElement): readonly ItemRow[] {
  const ids = idOf(childOf(item, 'ItemId'));
  return ids === undefined ? [] : [{ ...ids, shape: 'unreadable' }];
}

function offsetOf(cursor: string | null): number | undefined {
  if (cursor === null) return 0;
  return /^\d{1,9}$/.test(cursor) ? Number(cursor) : undefined;
}
