// Every item in the folder with the stamp of one link, found by the named property itself.
import { type AppointmentRow, type exchange, success } from '@lockstep/contracts';
import { type ExchangeService, ItemTraversal, ItemView, SearchFilter } from 'ews-javascript-api';
import { rowOf } from '../backends/ews/mapping/appointment-of-item.ts';
import { appointmentRow } from '../backends/ews/mapping/item-properties.ts';
import { stampProperty, stampText } from '../backends/ews/mapping/stamp-property.ts';
import { gatewayConfig } from '../config.ts';
import { mailboxCall } from '../mailboxes.ts';
import { readPage } from './find-page.ts';
import { folderIdOf, type Handler, type OperationParts } from './handler.ts';

export function findByStamp({ client, settings }: OperationParts): Handler<typeof exchange.findByStamp> {
  return async ({ mailbox, priority, folder, stamp }, context) => {
    const nature = { operation: 'FindItem', purpose: 'read', priority } as const;
    const found = mailboxCall(settings, mailbox, nature, context);
    if (!found.ok) return found;
    const { call } = found.value;
    const view = new ItemView(gatewayConfig.items.maxFoundByStamp);
    view.PropertySet = appointmentRow();
    view.Traversal = ItemTraversal.Shallow;
    const filter = new SearchFilter.IsEqualTo(stampProperty(), stampText(stamp));
    const build = (service: ExchangeService) => service.FindItems(folderIdOf(call.target, folder), filter, view);
    return client.call(call, build, (messages) => {
      const page = readPage(messages, 0);
      if (!page.ok) return page;
      const items: readonly AppointmentRow[] = page.value.items.flatMap((item) => rowOf(item) ?? []);
      return success({ items });
    });
  };
}
