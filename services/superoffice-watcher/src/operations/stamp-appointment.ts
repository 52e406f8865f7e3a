// Puts the foreign key of a link on a row, over an older one of this mailbox. From now on the row is ours to watch: its
// delete must be resolvable, so the index learns of it first.
import type { ReplyOf, RequestOf, superoffice } from '@lockstep/contracts';
import { failure, success } from '@lockstep/contracts';
import { placeRow } from '../changes/resolver.ts';
import { type Handler, type OperationContext, rowId, scopeOf } from './operation-context.ts';

type Operation = typeof superoffice.stampAppointment;

export function stampAppointment(context: OperationContext): Handler<RequestOf<Operation>, ReplyOf<Operation>> {
  return async ({ mailbox, id, stamp }, { signal }) => {
    const row = rowId(id);
    if (row === undefined) return failure('request-invalid', { field: 'id' });
    const scope = await scopeOf(context, mailbox);
    if (!scope.ok) return scope;
    const placed = await placeRow(context.index, row, mailbox);
    if (!placed.ok) return placed;
    const stamped = await scope.value.connection.foreignKeys.put(row, stamp.linkId, mailbox, signal);
    if (!stamped.ok) return stamped;
    context.stamps.remember(stamp.linkId, mailbox);
    return success({});
  };
}
