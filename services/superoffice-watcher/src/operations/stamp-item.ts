// Puts the foreign key of a link on a row, over an older one of this mailbox. From now on the row is ours to watch: its
// delete must be resolvable, so the index learns of it first. The key is a row of its own: the item and its version stay.
import { success, type superofficeItems } from '@lockstep/contracts';
import { placeRow } from '../changes/resolver.ts';
import { type Handler, type OperationContext, readOwned, rowId, scopeOf } from './operation-context.ts';

export function stampItem(context: OperationContext): Handler<typeof superofficeItems.stamp> {
  return async (request, { signal }) => {
    const { mailbox, id, version, stamp } = request;
    const row = rowId(id);
    if (row === undefined) return success({ kind: 'missing' });
    const scope = await scopeOf(context, request);
    if (!scope.ok) return scope;
    const owned = await readOwned(scope.value, row, false, signal);
    if (!owned.ok) return owned;
    if (owned.value.kind === 'missing') return success({ kind: 'missing' });
    const placed = await placeRow(context.index, { kind: request.kind, id: row }, mailbox);
    if (!placed.ok) return placed;
    const stamped = await scope.value.connection.foreignKeys.put(row, stamp.linkId, mailbox, signal);
    if (!stamped.ok) return stamped;
    context.stamps.remember(stamp.linkId, mailbox);
    // The version that was asked with, not that of now: who changed the row meanwhile must still be seen.
    return success({ kind: 'written', id, version });
  };
}
