// Serves every operation of the gateway on the bus.
import type { Bus, ServeBounds, Stoppable } from '@lockstep/bus';
import { exchange, exchangeItems } from '@lockstep/contracts';
import { getFolder, syncFolderItems } from './folder-operations.ts';
import type { Handler } from './handler.ts';
import { itemOperations } from './item-operations.ts';
import { type TestConnectionParts, testConnection } from './test-connection.ts';

/** The bounds are per operation. */
export async function serveOperations(
  bus: Bus,
  parts: TestConnectionParts & { readonly autodiscover: Handler<typeof exchange.autodiscover> },
  bounds: ServeBounds,
): Promise<readonly Stoppable[]> {
  const { mailboxes } = parts;
  const items = itemOperations(mailboxes);
  return Promise.all([
    bus.serve(exchange.getFolder, bounds, getFolder(mailboxes)),
    bus.serve(exchange.syncFolderItems, bounds, syncFolderItems(mailboxes)),
    bus.serve(exchange.testConnection, bounds, testConnection(parts)),
    bus.serve(exchange.autodiscover, bounds, parts.autodiscover),
    bus.serve(exchangeItems.read, bounds, items.read),
    bus.serve(exchangeItems.list, bounds, items.list),
    bus.serve(exchangeItems.create, bounds, items.create),
    bus.serve(exchangeItems.write, bounds, items.write),
    bus.serve(exchangeItems.remove, bounds, items.remove),
    bus.serve(exchangeItems.stamp, bounds, items.stamp),
    bus.serve(exchangeItems.findByStamp, bounds, items.findByStamp),
    bus.serve(exchangeItems.findUnstamped, bounds, items.findUnstamped),
    bus.serve(exchangeItems.evidence, bounds, items.evidence),
  ]);
}
