// CreateItem with the stamp in the same call, so that an item of ours is never without it. Nobody is invited.
import { type exchange, failure, success } from '@lockstep/contracts';
import { type ExchangeService, MessageDisposition, SendInvitationsMode } from 'ews-javascript-api';
import { onlySuccess } from '../backends/ews/calls/ews-client.ts';
import { newItem } from '../backends/ews/mapping/item-of-appointment.ts';
import { itemIdOf } from '../backends/ews/soap/reply.ts';
import { mailboxCall } from '../mailboxes.ts';
import { folderIdOf, type Handler, type OperationParts } from './handler.ts';

export function createItem({ client, settings }: OperationParts): Handler<typeof exchange.createItem> {
  return async ({ mailbox, priority, folder, content, stamp }, context) => {
    if (folder !== 'calendar')
      return failure('request-invalid', { field: 'folder', detail: 'only the calendar so far' });
    const nature = { operation: 'CreateItem', purpose: 'write', priority } as const;
    const found = mailboxCall(settings, mailbox, nature, context);
    if (!found.ok) return found;
    const { call, ownerZone } = found.value;
    const build = (service: ExchangeService) =>
      service.CreateItems(
        [newItem(service, { changes: content, stamp, ownerZone })],
        folderIdOf(call.target, folder),
        MessageDisposition.SaveOnly,
        SendInvitationsMode.SendToNone,
      );
    return client.call(call, build, (messages) => {
      const message = onlySuccess(messages);
      if (!message.ok) return message;
      const ids = itemIdOf(message.value);
      // It was created, but we do not know as what.
      return ids === undefined ? failure('exchange-unknown-outcome', { detail: 'no item id' }) : success(ids);
    });
  };
}
