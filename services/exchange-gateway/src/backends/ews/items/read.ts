// GetItem for many ids at once; one result an id, in the order asked. What cannot be read fails alone.
import { type ItemKind, type ItemRead, kinds, type Outcome, success } from '@lockstep/contracts';
import { type ExchangeService, ItemId } from 'ews-javascript-api';
import type { Ask } from '../../../backend.ts';
import { messageFailure } from '../calls/ews-client.ts';
import { codeFailure, meansMissing } from '../calls/ews-errors.ts';
import { callOf, type Parts } from '../calls/parts.ts';
import { itemOf, wholeItem } from '../mapping/item-of.ts';
import type { ResponseMessage } from '../soap/reply.ts';
import { childOf, descend } from '../soap/xml-reader.ts';
import { getFolder } from './get-folder.ts';
import { askForEach } from './one-to-blame.ts';

export async function read(
  parts: Parts,
  ask: Ask,
  kind: ItemKind,
  ids: readonly string[],
): Promise<Outcome<readonly ItemRead[]>> {
  const resultOf = (id: string, message: ResponseMessage) => readOne(kind, id, message, ask.mailbox.zone);
  const found = await askForEach<ItemRead>({
    ids,
    request: (some) => request(parts, ask, kind, some, resultOf),
    witness: () => getFolder(parts, ask, kinds[kind].folder),
    blamed: (id, { code, detail }) => ({
      kind: 'failed',
      id,
      code: 'exchange-item-unreadable',
      detail: detail ?? code,
    }),
  });
  return found.ok ? success(ids.flatMap((id) => found.value.get(id) ?? [])) : found;
}

type ResultOf = (id: string, message: ResponseMessage) => ItemRead;

function request(
  { client, access }: Parts,
  ask: Ask,
  kind: ItemKind,
  ids: readonly string[],
  resultOf: ResultOf,
): Promise<Outcome<ReadonlyMap<string, ItemRead>>> {
  const call = callOf(ask, access(), { operation: 'GetItem', purpose: 'read' });
  const build = (service: ExchangeService) =>
    service.BindToItems(
      ids.map((id) => new ItemId(id)),
      wholeItem(kind),
    );
  return client.call(call, build, (messages) => byId(messages, ids, resultOf));
}

/** The messages stand in the order of the ids. When there are fewer, only those that name their item can be told apart. */
function byId(
  messages: readonly ResponseMessage[],
  ids: readonly string[],
  resultOf: ResultOf,
): Outcome<ReadonlyMap<string, ItemRead>> {
  if (messages.length === ids.length) {
    return success(new Map(messages.map((message, at) => [ids[at] ?? '', resultOf(ids[at] ?? '', message)])));
  }
  // A batch that fails as a whole is answered by one message.
  const [only] = messages;
  if (messages.length === 1 && only?.responseClass === 'Error') return messageFailure(only);
  const asked = new Set(ids);
  const named = messages.flatMap((message) => {
    const id = childOf(descend(message.element, 'Items')?.children[0], 'ItemId')?.attributes['Id'];
    return id !== undefined && asked.has(id) ? [[id, resultOf(id, message)] as const] : [];
  });
  return success(new Map(named));
}

function readOne(kind: ItemKind, id: string, message: ResponseMessage, ownerZone: string): ItemRead {
  if (message.responseClass !== 'Success') {
    if (meansMissing(message.code)) return { kind: 'missing', id };
    return { kind: 'failed', id, code: codeFailure(message.code, message.backOffMs).error.code, detail: message.code };
  }
  const element = childOf(message.element, 'Items')?.children[0];
  const item = element === undefined ? undefined : itemOf(kind, element, ownerZone);
  return item === undefined
    ? { kind: 'failed', id, code: 'exchange-item-unreadable', detail: 'incomplete' }
    : { kind: 'found', item };
}
