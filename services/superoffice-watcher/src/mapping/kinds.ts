// Every kind that the watcher finds in SuperOffice, one line each, and of which kind a row is.
import { type ItemKind, itemKinds } from '@lockstep/contracts';
import type { AppointmentEntity } from '../client/entities.ts';
import { appointment } from './appointment.ts';
import type { KindMapping } from './kind-mapping.ts';
import { task } from './task.ts';

// An item's content was checked by the schema of its kind when it came over the bus: here it is opaque.
const mappings: Readonly<Record<ItemKind, KindMapping>> = {
  appointment: appointment as unknown as KindMapping,
  task: task as unknown as KindMapping,
};

export const mappingOf = (kind: ItemKind): KindMapping => mappings[kind];

/** The kind of a row; undefined for one that is none of our business unless we knew it as something before. */
export function kindOfRow(entity: AppointmentEntity): ItemKind | undefined {
  return itemKinds.find((kind) => mappings[kind].holds(entity));
}

/** False for a listed row whose type says that it is of none of these kinds; one that does not tell its type is looked at. */
export function mayBeOf(kinds: readonly ItemKind[], type: number | undefined): boolean {
  return type === undefined || kinds.some((kind) => mappings[kind].rowTypes.includes(type));
}
