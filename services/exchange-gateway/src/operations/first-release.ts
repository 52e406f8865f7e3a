// The item operations as the first release had them: for appointments alone. Each is one of item-operations.ts under its old name.

import type { Bus, ServeBounds, Stoppable } from '@lockstep/bus';
import {
  type Data,
  exchange,
  firstKind,
  ItemKind,
  type ItemRead,
  ItemRow,
  MailboxKey,
  operation,
  Priority,
  Stamp,
  success,
} from '@lockstep/contracts';
import { Type } from 'typebox';
import type { ItemHandlers } from './item-operations.ts';

const kind = firstKind;

/** Both releases ask under this subject; the first one says no kind, and calls the rows items. */
const eitherFindByStamp = operation(
  'exchange.find-by-stamp',
  Type.Object({
    mailbox: MailboxKey,
    priority: Priority,
    kind: Type.Optional(ItemKind),
    stamp: Stamp,
    anyMailbox: Type.Optional(Type.Boolean()),
  }),
  Type.Object({ items: Type.Array(ItemRow), rows: Type.Array(ItemRow) }),
);

type Result = Data<typeof exchange.getItems.reply>['results'][number];
type Row = Data<typeof exchange.listItems.reply>['items'][number];

export function serveFirstRelease(bus: Bus, bounds: ServeBounds, items: ItemHandlers): Promise<readonly Stoppable[]> {
  return Promise.all([
    bus.serve(exchange.getItems, bounds, async (body, context) => {
      const read = await items.read({ ...body, kind }, context);
      if (!read.ok) return read;
      const byId = new Map(read.value.results.map((result) => [idOf(result), result]));
      return success({ results: body.ids.map((id) => resultOf(id, byId.get(id))) });
    }),
    bus.serve(exchange.listItems, bounds, async ({ from, to, offset, ...body }, context) => {
      const page = await items.list({ ...body, kind, range: { from, to }, cursor: String(offset) }, context);
      if (!page.ok) return page;
      const { rows, next } = page.value;
      return success({ items: rows as readonly Row[], nextOffset: next === null ? null : Number(next) });
    }),
    bus.serve(exchange.createItem, bounds, (body, context) => items.create({ ...body, kind }, context)),
    bus.serve(exchange.updateItem, bounds, ({ changes, stamp, ...body }, context) =>
      stamp === undefined
        ? items.write({ ...body, kind, changes }, context)
        : items.stamp({ ...body, kind, stamp }, context),
    ),
    bus.serve(exchange.deleteItem, bounds, (body, context) => items.remove({ ...body, kind }, context)),
    bus.serve(eitherFindByStamp, bounds, async (body, context) => {
      const found = await items.findByStamp({ kind, ...body }, context);
      return found.ok ? success({ items: found.value.rows, rows: found.value.rows }) : found;
    }),
  ]);
}

const idOf = (result: ItemRead): string => (result.kind === 'found' ? result.item.id : result.id);

function resultOf(id: string, result: ItemRead | undefined): Result {
  if (result === undefined) return { kind: 'failed', id, code: 'message-too-large', detail: 'read it alone' };
  return result as Result;
}
