// Finds the row that bears a link's foreign key. SuperOffice names one row for a value, the oldest; keys are not unique,
// but nobody but us writes ours.
import type { ReplyOf, RequestOf, superoffice } from '@lockstep/contracts';
import { success } from '@lockstep/contracts';
import { rowOf } from './list-appointments.ts';
import { type Handler, type OperationContext, readOwned, scopeOf } from './operation-context.ts';

type Operation = typeof superoffice.findByForeignKey;

export function findByForeignKey(context: OperationContext): Handler<RequestOf<Operation>, ReplyOf<Operation>> {
  return async ({ mailbox, stamp }, { signal }) => {
    const scope = await scopeOf(context, mailbox);
    if (!scope.ok) return scope;
    // A stamp counts only in its own mailbox.
    if (stamp.mailbox !== mailbox) return success({ items: [] });
    const id = await scope.value.connection.foreignKeys.rowOf(stamp.linkId, mailbox, signal);
    if (!id.ok) return id;
    if (id.value === undefined || id.value <= 0) return success({ items: [] });
    const row = await readOwned(scope.value, id.value, false, signal);
    if (!row.ok) return row;
    if (row.value.kind === 'missing') return success({ items: [] });
    return success({ items: [rowOf({ ...row.value.appointment, stamp }, scope.value.link.zone)] });
  };
}
