// Puts every operation on the bus, each with its own bounds, so that a listing does not hold up a write.
import type { Bus, Stoppable } from '@lockstep/bus';
import { superoffice } from '@lockstep/contracts';
import { watcherConfig } from '../config.ts';
import { createAppointment } from './create-appointment.ts';
import { deleteAppointment } from './delete-appointment.ts';
import { findByForeignKey } from './find-by-foreign-key.ts';
import { findOwnUnstamped } from './find-own-unstamped.ts';
import { getAppointments } from './get-appointments.ts';
import { getDeleteEvidence } from './get-delete-evidence.ts';
import { listAppointments } from './list-appointments.ts';
import { listAssociates } from './list-associates.ts';
import type { OperationContext } from './operation-context.ts';
import { stampAppointment } from './stamp-appointment.ts';
import { updateAppointment } from './update-appointment.ts';

const { small, large } = watcherConfig.operations;

export function serveOperations(bus: Bus, context: OperationContext): Promise<readonly Stoppable[]> {
  return Promise.all([
    bus.serve(superoffice.getAppointments, small, getAppointments(context)),
    bus.serve(superoffice.listAppointments, large, listAppointments(context)),
    bus.serve(superoffice.createAppointment, small, createAppointment(context)),
    bus.serve(superoffice.stampAppointment, small, stampAppointment(context)),
    bus.serve(superoffice.updateAppointment, small, updateAppointment(context)),
    bus.serve(superoffice.deleteAppointment, small, deleteAppointment(context)),
    bus.serve(superoffice.findByForeignKey, small, findByForeignKey(context)),
    bus.serve(superoffice.findOwnUnstamped, large, findOwnUnstamped(context)),
    bus.serve(superoffice.getDeleteEvidence, small, getDeleteEvidence(context)),
    bus.serve(superoffice.listAssociates, large, listAssociates(context)),
  ]);
}
