// Puts every operation on the bus, each with its own bounds, so that a listing does not hold up a write.
import type { Bus, Stoppable } from '@lockstep/bus';
import { superoffice, superofficeItems } from '@lockstep/contracts';
import { watcherConfig } from '../config.ts';
import { createItem } from './create-item.ts';
import { findByStamp } from './find-by-stamp.ts';
import { findUnstamped } from './find-unstamped.ts';
import { giveEvidence } from './give-evidence.ts';
import { listAssociates } from './list-associates.ts';
import { listItems } from './list-items.ts';
import type { OperationContext } from './operation-context.ts';
import { readItems } from './read-items.ts';
import { removeItem } from './remove-item.ts';
import { stampItem } from './stamp-item.ts';
import { writeItem } from './write-item.ts';

const { small, large } = watcherConfig.operations;

export function serveOperations(bus: Bus, context: OperationContext): Promise<readonly Stoppable[]> {
  return Promise.all([
    bus.serve(superofficeItems.read, small, readItems(context)),
    bus.serve(superofficeItems.list, large, listItems(context)),
    bus.serve(superofficeItems.create, small, createItem(context)),
    bus.serve(superofficeItems.write, small, writeItem(context)),
    bus.serve(superofficeItems.remove, small, removeItem(context)),
    bus.serve(superofficeItems.stamp, small, stampItem(context)),
    bus.serve(superofficeItems.findByStamp, small, findByStamp(context)),
    bus.serve(superofficeItems.findUnstamped, large, findUnstamped(context)),
    bus.serve(superofficeItems.evidence, small, giveEvidence(context)),
    bus.serve(superoffice.listAssociates, large, listAssociates(context)),
  ]);
}
