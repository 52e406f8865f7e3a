// The item operations that both sides answer (contracts/side-operations.ts), for every kind alike.
import { type exchangeItems, type ItemRead, maxMessageBytes, success } from '@lockstep/contracts';
import { gatewayConfig } from '../config.ts';
import type { Mailboxes } from '../mailboxes.ts';
import { forMailbox, type Handler } from './handler.ts';

type Operations = typeof exchangeItems;
export type ItemHandlers = { readonly [name in keyof Operations]: Handler<Operations[name]> };

export function itemOperations(mailboxes: Mailboxes): ItemHandlers {
  return {
    read: forMailbox(mailboxes, async ({ backend, ask }, { kind, ids }) => {
      const read = await backend.read(ask, kind, ids);
      return read.ok ? success({ results: thoseThatFit(read.value) }) : read;
    }),
    list: forMailbox(mailboxes, ({ backend, ask }, { kind, range, cursor, maxItems }) =>
      backend.list(ask, kind, { range, cursor, maxItems }),
    ),
    create: forMailbox(mailboxes, ({ backend, ask }, { kind, content, stamp }) =>
      backend.create(ask, kind, content, stamp),
    ),
    write: forMailbox(mailboxes, ({ backend, ask }, { kind, id, version, changes }) =>
      backend.write(ask, kind, { id, version }, { changes }),
    ),
    remove: forMailbox(mailboxes, ({ backend, ask }, { kind, id, version }) =>
      backend.remove(ask, kind, { id, version }),
    ),
    stamp: forMailbox(mailboxes, ({ backend, ask }, { kind, id, version, stamp }) =>
      backend.write(ask, kind, { id, version }, { stamp }),
    ),
    findByStamp: forMailbox(mailboxes, async ({ backend, ask }, { kind, stamp, anyMailbox }) => {
      const found = await backend.findByStamp(ask, kind, stamp, anyMailbox === true);
      return found.ok ? success({ rows: found.value }) : found;
    }),
    // Every backend stamps in the creating call itself.
    findUnstamped: forMailbox(mailboxes, async () => success({ items: [] })),
    evidence: forMailbox(mailboxes, ({ backend, ask }, { kind, id, stamp }) => backend.evidence(ask, kind, id, stamp)),
  };
}

/** The first results that fit into one message, at least one: its text was cut to fit. Whoever misses an id asks for it again. */
function thoseThatFit(results: readonly ItemRead[]): readonly ItemRead[] {
  let bytes = gatewayConfig.items.messageReserveBytes;
  const tooMuch = results.findIndex((result) => {
    bytes += Buffer.byteLength(JSON.stringify(result), 'utf8') + 1;
    return bytes > maxMessageBytes;
  });
  return tooMuch === -1 ? results : results.slice(0, Math.max(1, tooMuch));
}
