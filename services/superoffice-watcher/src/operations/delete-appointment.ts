// A conditional delete. SuperOffice has no bin for appointments: what is deleted is gone for good.
import type { ReplyOf, RequestOf, superoffice } from '@lockstep/contracts';
import { success } from '@lockstep/contracts';
import { type Handler, type OperationContext, readOwned, rowId, scopeOf } from './operation-context.ts';
import { refusal, unmodifiedSince } from './update-appointment.ts';

type Operation = typeof superoffice.deleteAppointment;

export function deleteAppointment(context: OperationContext): Handler<RequestOf<Operation>, ReplyOf<Operation>> {
  return async ({ mailbox, id, version }, { signal }) => {
    const row = rowId(id);
    if (row === undefined) return success({ kind: 'missing' });
    const scope = await scopeOf(context, mailbox);
    if (!scope.ok) return scope;
    const owned = await readOwned(scope.value, row, false, signal);
    if (!owned.ok) return owned;
    if (owned.value.kind === 'missing') return success({ kind: 'missing' });
    const refused = refusal(owned.value, version);
    if (refused !== undefined) return refused;
    return scope.value.connection.appointments.delete(row, unmodifiedSince(owned.value), signal);
  };
}
