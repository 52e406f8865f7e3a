// UpdateItem: one property a change, in order; a stale change key is refused, merged or overwritten as the client says.

import { authorOf, type CallContext } from '../caller/call-context.ts';
import { findItem } from '../caller/find-objects.ts';
import { mayWrite } from '../caller/rights.ts';
import { applyUpdates } from '../items/item-updates.ts';
import { saveUpdates } from '../items/save-updates.ts';
import { refuseAttendee, refuseUnsendable, sendInvitations } from '../meetings/invitations.ts';
import { changedElements } from '../properties/item-classes.ts';
import { writeItemId } from '../properties/item-writer.ts';
import { oneItemId, path, targetFolderId } from '../schema/common-types.ts';
import { allowed, one, optional, required, sequence, some } from '../schema/schema.ts';
import { boolean, oneOf } from '../schema/simple-types.ts';
import { EwsError } from '../soap/ews-error.ts';
import type { ItemView } from '../store/item-view.ts';
import { childrenOf, type XmlElement } from '../xml/element.ts';
import { element } from '../xml/writer.ts';
import type { Operation } from './operation.ts';

const change = sequence([
  oneItemId,
  one({
    't:Updates': sequence([
      some({
        't:SetItemField': sequence([one(path), one(changedElements)]),
        't:AppendToItemField': sequence([one(path), one(changedElements)]),
        't:DeleteItemField': sequence([one(path)]),
      }),
    ]),
  }),
]);

export const updateItem: Operation = {
  name: 'UpdateItem',
  type: sequence(
    [
      optional({ 'm:SavedItemFolderId': targetFolderId }),
      one({ 'm:ItemChanges': sequence([some({ 't:ItemChange': change })]) }),
    ],
    {
      ConflictResolution: required(oneOf('NeverOverwrite AutoResolve AlwaysOverwrite')),
      MessageDisposition: allowed(oneOf('SaveOnly SendOnly SendAndSaveCopy')),
      SendMeetingInvitationsOrCancellations: allowed(
        oneOf('SendToNone SendOnlyToAll SendOnlyToChanged SendToAllAndSaveCopy SendToChangedAndSaveCopy'),
      ),
      SuppressReadReceipts: allowed(boolean),
    },
  ),
  errorContent: '<m:Items/>',
  begin(request, context) {
    return childrenOf(request, 'ItemChanges').map((each) => () => update(each, request, context));
  },
};

function update(itemChange: XmlElement, request: XmlElement, context: CallContext): string {
  const [id] = itemChange.children;
  if (id === undefined) throw new EwsError('ErrorItemNotFound');
  const { view, rights, version } = findItem(id, context);
  refuse(view, request);
  if (!mayWrite(rights, 'modify', view.item.createdBy, authorOf(context))) throw new EwsError('ErrorAccessDenied');
  const updates = applyUpdates(view, childrenOf(itemChange, 'Updates'), context);
  const resolution = request.attributes['ConflictResolution'];
  refuseConflict(view, version, resolution, updates.touched);
  refuseAttendee(view, updates.touched, updates.values);
  const sending = request.attributes['SendMeetingInvitationsOrCancellations'];
  if (view.item.kind === 'CalendarItem') refuseUnsendable(updates.values, sending);
  const saved = saveUpdates(view, updates, authorOf(context));
  if (view.item.kind === 'CalendarItem') sendInvitations(saved, view.values, sending, context);
  return `${element('m:Items', {}, writeItemId(saved))}<m:ConflictResults><t:Count>0</t:Count></m:ConflictResults>`;
}

function refuse(view: ItemView, request: XmlElement): void {
  const { kind, folder } = view.item;
  if (kind === 'CalendarItem' && request.attributes['SendMeetingInvitationsOrCancellations'] === undefined) {
    throw new EwsError('ErrorSendMeetingInvitationsOrCancellationsRequired');
  }
  if (kind === 'Message' && request.attributes['MessageDisposition'] === undefined) {
    throw new EwsError('ErrorMessageDispositionRequired');
  }
  if (kind === 'CalendarItem' && folder.distinguishedName === 'deleteditems') {
    throw new EwsError('ErrorCalendarCannotUpdateDeletedItem');
  }
}

function refuseConflict(
  view: ItemView,
  version: number | undefined,
  resolution: string | undefined,
  touched: readonly string[],
): void {
  const { item } = view;
  if (resolution === 'AlwaysOverwrite' || version === item.changed) return;
  if (version === undefined) throw new EwsError('ErrorChangeKeyRequiredForWriteOperations');
  const written = item.written ?? {};
  const sameProperty = touched.some((name) => (written[name] ?? 0) > version);
  if (resolution === 'NeverOverwrite' || sameProperty) throw new EwsError('ErrorIrresolvableConflict');
}
