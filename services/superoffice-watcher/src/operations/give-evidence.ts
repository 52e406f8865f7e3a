// What SuperOffice can say to prove that a row was deleted: that our account can read at this moment, and the delete record
// in the transaction log. A 404 alone may also mean that the right to read was lost.
import { type Evidence, failure, type Outcome, success, type superofficeItems } from '@lockstep/contracts';
import { type DeleteRecord, isUnreadableLog } from '../client/archive-api.ts';
import { type Handler, type OperationContext, rowId, scopeOf } from './operation-context.ts';

export function giveEvidence(context: OperationContext): Handler<typeof superofficeItems.evidence> {
  return async (request, { signal }) => {
    const row = rowId(request.id);
    if (row === undefined) return failure('request-invalid', { field: 'id' });
    const scope = await scopeOf(context, request);
    if (!scope.ok) return scope;
    const principal = await scope.value.connection.readPrincipal(signal);
    if (!principal.ok && principal.error.code !== 'superoffice-access-denied') return principal;
    const record = deleteRecord(await scope.value.connection.archive.deletesOf(row, signal));
    return record.ok ? success({ readable: principal.ok, deleteRecord: record.value }) : record;
  };
}

function deleteRecord(records: Outcome<readonly DeleteRecord[]>): Outcome<Evidence['deleteRecord']> {
  if (records.ok) return success(records.value.length > 0 ? 'found' : 'none');
  return isUnreadableLog(records.error) ? success('unreadable') : records;
}
