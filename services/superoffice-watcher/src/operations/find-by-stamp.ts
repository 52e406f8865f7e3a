// Finds the row that bears a link's foreign key. SuperOffice names one row for a value, the oldest; keys are not unique,
// but nobody but us writes ours.
import { success, type superofficeItems } from '@lockstep/contracts';
import { rowOf } from './list-items.ts';
import { type Handler, type OperationContext, readOwned, scopeOf } from './operation-context.ts';

/**
 * In the mailbox that asks alone: a key lies below its mailbox, and SuperOffice is not known to search all of them at once. A
 * row that bears the key of another mailbox shows it when it is listed, so a full compare finds it.
 */
export function findByStamp(context: OperationContext): Handler<typeof superofficeItems.findByStamp> {
  return async (request, { signal }) => {
    const { mailbox, stamp, anyMailbox } = request;
    const scope = await scopeOf(context, request);
    if (!scope.ok) return scope;
    // A stamp counts only in its own mailbox.
    if (stamp.mailbox !== mailbox && anyMailbox !== true) return success({ rows: [] });
    const id = await scope.value.connection.foreignKeys.rowOf(stamp.linkId, mailbox, signal);
    if (!id.ok) return id;
    if (id.value === undefined || id.value <= 0) return success({ rows: [] });
    const row = await readOwned(scope.value, id.value, false, signal);
    if (!row.ok) return row;
    if (row.value.kind === 'missing') return success({ rows: [] });
    const item = { ...row.value.item, stamp: { linkId: stamp.linkId, mailbox } };
    return success({ rows: [rowOf(item, scope.value.link.zone)] });
  };
}
