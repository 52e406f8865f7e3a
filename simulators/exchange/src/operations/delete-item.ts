// DeleteItem: for good, into the recoverable items, or into Deleted Items, where it gets another id.

import { authorOf, type CallContext } from '../caller/call-context.ts';
import { findItem } from '../caller/find-objects.ts';
import { mayWrite } from '../caller/rights.ts';
import { deleteOccurrence } from '../items/occurrence-writes.ts';
import { sendCancellations } from '../meetings/cancellations.ts';
import { itemIds } from '../schema/common-types.ts';
import { allowed, one, required, sequence } from '../schema/schema.ts';
import { boolean, oneOf } from '../schema/simple-types.ts';
import { EwsError } from '../soap/ews-error.ts';
import { childrenOf, type XmlElement } from '../xml/element.ts';
import type { Operation } from './operation.ts';

export type DisposalType = 'HardDelete' | 'SoftDelete' | 'MoveToDeletedItems';

export const deleteItem: Operation = {
  name: 'DeleteItem',
  type: sequence([one({ 'm:ItemIds': itemIds })], {
    DeleteType: required(oneOf('HardDelete SoftDelete MoveToDeletedItems')),
    SendMeetingCancellations: allowed(oneOf('SendToNone SendOnlyToAll SendToAllAndSaveCopy')),
    AffectedTaskOccurrences: allowed(oneOf('AllOccurrences SpecifiedOccurrenceOnly')),
    SuppressReadReceipts: allowed(boolean),
  }),
  errorContent: '',
  begin(request, context) {
    return childrenOf(request, 'ItemIds').map((id) => () => {
      remove(id, request, context);
      return '';
    });
  },
};

function remove(id: XmlElement, request: XmlElement, context: CallContext): void {
  const { view, rights } = findItem(id, context);
  const { kind } = view.item;
  if (kind === 'CalendarItem' && request.attributes['SendMeetingCancellations'] === undefined) {
    throw new EwsError('ErrorSendMeetingCancellationsRequired');
  }
  if (kind === 'Task' && request.attributes['AffectedTaskOccurrences'] === undefined) {
    throw new EwsError('ErrorAffectedTaskOccurrencesRequired');
  }
  if (!mayWrite(rights, 'delete', view.item.createdBy, authorOf(context))) throw new EwsError('ErrorAccessDenied');
  if (view.originalStartMs !== undefined) {
    deleteOccurrence(view, authorOf(context));
    return;
  }
  sendCancellations(view, request.attributes['SendMeetingCancellations'], context);
  const { mailbox, item } = view;
  const target = disposalFolder(request.attributes['DeleteType'], item.folder.distinguishedName);
  if (target === undefined) mailbox.destroy(item);
  else mailbox.move(item, mailbox.folder(target));
}

/** Where it goes; nowhere when it is deleted for good. What is deleted already goes one step further. */
function disposalFolder(type: string | undefined, from: string | undefined): string | undefined {
  if (type === 'HardDelete' || from === 'recoverableitemsdeletions') return undefined;
  return type === 'SoftDelete' || from === 'deleteditems' ? 'recoverableitemsdeletions' : 'deleteditems';
}
