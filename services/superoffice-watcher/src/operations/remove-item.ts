// A conditional delete. SuperOffice has no bin for the rows of a diary or checklist: what is deleted is gone for good.
import { success, type superofficeItems } from '@lockstep/contracts';
import { type Handler, type OperationContext, readOwned, rowId, scopeOf } from './operation-context.ts';
import { refusal, unmodifiedSince } from './write-item.ts';

export function removeItem(context: OperationContext): Handler<typeof superofficeItems.remove> {
  return async (request, { signal }) => {
    const row = rowId(request.id);
    if (row === undefined) return success({ kind: 'missing' });
    const scope = await scopeOf(context, request);
    if (!scope.ok) return scope;
    const owned = await readOwned(scope.value, row, false, signal);
    if (!owned.ok) return owned;
    if (owned.value.kind === 'missing') return success({ kind: 'missing' });
    const refused = refusal(owned.value, request.version);
    if (refused !== undefined) return refused;
    return scope.value.connection.appointments.delete(row, unmodifiedSince(owned.value), signal);
  };
}
