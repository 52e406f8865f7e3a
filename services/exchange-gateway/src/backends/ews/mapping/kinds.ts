// The kinds of item that EWS is read and written for: one line each.
import type { ItemKind } from '@lockstep/contracts';
import { appointmentMapping } from './appointment.ts';
import type { KindMapping } from './kind-mapping.ts';
import { taskMapping } from './task.ts';

export const kindMappings: Readonly<Record<ItemKind, KindMapping>> = {
  appointment: appointmentMapping,
  task: taskMapping,
};
