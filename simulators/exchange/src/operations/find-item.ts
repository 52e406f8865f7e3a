// FindItem: a page of a folder, filtered and sorted; or a calendar view, which shows what takes place in a span of time.

import type { CallContext } from '../caller/call-context.ts';
import { findFolder, isHidden } from '../caller/find-objects.ts';
import { writeRights } from '../caller/rights.ts';
import { readItemShape } from '../properties/item-shape.ts';
import { writeItem } from '../properties/item-writer.ts';
import {
  calendarView,
  folderIds,
  fractionalPage,
  indexedPage,
  itemShape,
  restriction,
  sortOrder,
} from '../schema/common-types.ts';
import { one, optional, required, sequence } from '../schema/schema.ts';
import { oneOf } from '../schema/simple-types.ts';
import { calendarViewOf } from '../search/calendar-view.ts';
import { type Page, pageOf, pagingAttributes } from '../search/paging.ts';
import { type Comparable, checkRestriction, itemValue, matchesItem } from '../search/restriction.ts';
import { EwsError } from '../soap/ews-error.ts';
import { type ItemView, viewOf } from '../store/item-view.ts';
import { childOf, childrenOf, type XmlElement } from '../xml/element.ts';
import { element } from '../xml/writer.ts';
import type { Operation } from './operation.ts';

const pagedView = { 'm:IndexedPageItemView': indexedPage, 'm:FractionalPageItemView': fractionalPage };

export const findItemOperation: Operation = {
  name: 'FindItem',
  type: sequence(
    [
      one({ 'm:ItemShape': itemShape }),
      optional({ ...pagedView, 'm:CalendarView': calendarView }),
      optional({ 'm:Restriction': restriction }),
      optional({ 'm:SortOrder': sortOrder }),
      one({ 'm:ParentFolderIds': folderIds }),
    ],
    { Traversal: required(oneOf('Shallow SoftDeleted Associated')) },
  ),
  errorContent: '',
  begin(request, context) {
    return childrenOf(request, 'ParentFolderIds').map((id) => () => find(id, request, context));
  },
};

/** With a filter the server looks at fewer items at once. */
const pageLimit = { plain: 1000, filtered: 250 };

function find(id: XmlElement, request: XmlElement, context: CallContext): string {
  const { mailbox, folder, rights } = findFolder(id, context);
  if (!rights.read) throw new EwsError('ErrorAccessDenied');
  const shape = readItemShape(childOf(request, 'ItemShape') ?? request, writeRights(rights));
  const visible = request.attributes['Traversal'] === 'Shallow' ? [...folder.items.values()] : [];
  const views = visible.filter((item) => !isHidden(item, rights)).map((item) => viewOf(mailbox, item));
  const page = select(views, request);
  const items = page.items.map((view) => writeItem(view, shape, 'list')).join('');
  return element('m:RootFolder', pagingAttributes(page), element('t:Items', {}, items));
}

function select(views: readonly ItemView[], request: XmlElement): Page<ItemView> {
  const filter = childOf(request, 'Restriction')?.children[0];
  const order = childrenOf(request, 'SortOrder');
  const span = childOf(request, 'CalendarView');
  if (span !== undefined) {
    if (filter !== undefined || order.length > 0)
      throw new EwsError('ErrorInvalidOperation', 'A calendar view goes with neither filter nor sort order.');
    return calendarViewOf(views, span);
  }
  if (filter !== undefined) checkRestriction(filter);
  const found = filter === undefined ? views : views.filter((view) => matchesItem(filter, view));
  const limit = filter === undefined ? pageLimit.plain : pageLimit.filtered;
  return pageOf(
    sorted(found, order),
    childOf(request, 'IndexedPageItemView') ?? childOf(request, 'FractionalPageItemView'),
    limit,
  );
}

/** Without an order the newest comes first. */
function sorted(views: readonly ItemView[], order: readonly XmlElement[]): readonly ItemView[] {
  if (order.length === 0) return views.toSorted((a, b) => b.item.serial - a.item.serial);
  return views.toSorted((a, b) => {
    for (const { children, attributes } of order) {
      const [path] = children;
      const way = path === undefined ? 0 : compare(itemValue(a, path), itemValue(b, path));
      if (way !== 0) return attributes['Order'] === 'Descending' ? -way : way;
    }
    return a.item.serial - b.item.serial;
  });
}

function compare(a: Comparable | undefined, b: Comparable | undefined): number {
  if (a === undefined || b === undefined) return Number(b === undefined) - Number(a === undefined);
  return a === b ? 0 : a < b ? -1 : 1;
}
