// CreateItem with the stamp in the same call, so that an item of ours is never without it. Nobody is invited.
import {
  failure,
  type ItemContent,
  type ItemKind,
  kinds,
  type Outcome,
  type Stamp,
  success,
} from '@lockstep/contracts';
import { type ExchangeService, MessageDisposition, SendInvitationsMode } from 'ews-javascript-api';
import type { Ask, SeenItem } from '../../../backend.ts';
import { onlySuccess } from '../calls/ews-client.ts';
import { callOf, type Parts } from '../calls/parts.ts';
import { newItem } from '../mapping/written-item.ts';
import { folderIdOf } from '../soap/folder-ids.ts';
import { itemIdOf } from '../soap/reply.ts';

export function create(
  { client, access }: Parts,
  ask: Ask,
  kind: ItemKind,
  content: ItemContent,
  stamp: Stamp,
): Promise<Outcome<SeenItem>> {
  const call = callOf(ask, access(), { operation: 'CreateItem', purpose: 'write' });
  const build = (service: ExchangeService) =>
    service.CreateItems(
      [newItem(service, kind, content, stamp, ask.mailbox.zone)],
      folderIdOf(call.target, kinds[kind].folder),
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
}
