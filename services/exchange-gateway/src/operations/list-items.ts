// One page of the items that touch a range of time, by start. FindItem with a restriction, not CalendarView: the view expands
// series, cannot be paged, and refuses more than two years.
import { type AppointmentRow, type exchange, type Instant, success } from '@lockstep/contracts';
import {
  AppointmentSchema,
  DateTime,
  type ExchangeService,
  ItemTraversal,
  ItemView,
  LogicalOperator,
  SearchFilter,
  SortDirection,
} from 'ews-javascript-api';
import { rowOf } from '../backends/ews/mapping/appointment-of-item.ts';
import { appointmentRow } from '../backends/ews/mapping/item-properties.ts';
import { instantOf } from '../backends/ews/mapping/time-of-item.ts';
import { textOf, type XmlElement } from '../backends/ews/soap/xml-reader.ts';
import { mailboxCall } from '../mailboxes.ts';
import { readPage } from './find-page.ts';
import { folderIdOf, type Handler, type OperationParts } from './handler.ts';

export function listItems({ client, settings }: OperationParts): Handler<typeof exchange.listItems> {
  return async ({ mailbox, priority, folder, from, to, offset, maxItems }, context) => {
    const nature = { operation: 'FindItem', purpose: 'read', priority } as const;
    const found = mailboxCall(settings, mailbox, nature, context);
    if (!found.ok) return found;
    const { call } = found.value;
    const build = (service: ExchangeService) =>
      service.FindItems(folderIdOf(call.target, folder), touching(from, to), pageView(maxItems, offset));
    return client.call(call, build, (messages) => {
      const page = readPage(messages, offset);
      if (!page.ok) return page;
      const items = page.value.items.filter((item) => touches(item, from)).flatMap((item) => rowOf(item) ?? []);
      return success<{ items: readonly AppointmentRow[]; nextOffset: number | null }>({
        items,
        nextOffset: page.value.nextOffset,
      });
    });
  };
}

function pageView(maxItems: number, offset: number): ItemView {
  const view = new ItemView(maxItems, offset);
  view.PropertySet = appointmentRow();
  view.Traversal = ItemTraversal.Shallow;
  view.OrderBy.Add(AppointmentSchema.Start, SortDirection.Ascending);
  return view;
}

function touching(from: Instant, to: Instant) {
  return new SearchFilter.SearchFilterCollection(LogicalOperator.And, [
    new SearchFilter.IsGreaterThanOrEqualTo(AppointmentSchema.End, new DateTime(from)),
    new SearchFilter.IsLessThan(AppointmentSchema.Start, new DateTime(to)),
  ]);
}

/** The restriction lets items through that end exactly at `from`; only one without duration touches the range then. */
function touches(item: XmlElement, from: Instant): boolean {
  const start = instantOf(textOf(item, 'Start'));
  const end = instantOf(textOf(item, 'End'));
  return end === undefined || end > from || start === end;
}
