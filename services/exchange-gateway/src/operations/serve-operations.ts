// Serves every operation of the gateway on the bus.
import type { Bus, ServeBounds, Stoppable } from '@lockstep/bus';
import { exchange } from '@lockstep/contracts';
import type { Clock } from '@lockstep/service-kit/kit';
import { createItem } from './create-item.ts';
import { deleteItem } from './delete-item.ts';
import { findByStamp } from './find-by-stamp.ts';
import { getFolder } from './get-folder.ts';
import { getItems } from './get-items.ts';
import type { OperationParts } from './handler.ts';
import { listItems } from './list-items.ts';
import { syncFolderItems } from './sync-folder-items.ts';
import { testConnection } from './test-connection.ts';
import { updateItem } from './update-item.ts';

/** The bounds are per operation; they are wide, since those who wait here are out of the governor's sight and its priorities. */
export async function serveOperations(
  bus: Bus,
  parts: OperationParts & { readonly clock: Clock },
  bounds: ServeBounds,
): Promise<readonly Stoppable[]> {
  return Promise.all([
    bus.serve(exchange.getFolder, bounds, getFolder(parts)),
    bus.serve(exchange.syncFolderItems, bounds, syncFolderItems(parts)),
    bus.serve(exchange.getItems, bounds, getItems(parts)),
    bus.serve(exchange.listItems, bounds, listItems(parts)),
    bus.serve(exchange.createItem, bounds, createItem(parts)),
    bus.serve(exchange.updateItem, bounds, updateItem(parts)),
    bus.serve(exchange.deleteItem, bounds, deleteItem(parts)),
    bus.serve(exchange.findByStamp, bounds, findByStamp(parts)),
    bus.serve(exchange.testConnection, bounds, testConnection(parts)),
  ]);
}
