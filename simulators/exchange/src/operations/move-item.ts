// MoveItem: the content stays, the id does not.

import { authorOf, type CallContext } from '../caller/call-context.ts';
import { findItem, findTargetFolder } from '../caller/find-objects.ts';
import { mayWrite } from '../caller/rights.ts';
import { writeItemId } from '../properties/item-writer.ts';
import { itemIds, targetFolderId } from '../schema/common-types.ts';
import { one, optional, sequence, text } from '../schema/schema.ts';
import { boolean } from '../schema/simple-types.ts';
import { EwsError } from '../soap/ews-error.ts';
import { viewOf } from '../store/item-view.ts';
import { childOf, childrenOf, textOf, type XmlElement } from '../xml/element.ts';
import { element } from '../xml/writer.ts';
import type { Operation } from './operation.ts';

export const moveItem: Operation = {
  name: 'MoveItem',
  type: sequence([
    one({ 'm:ToFolderId': targetFolderId }),
    one({ 'm:ItemIds': itemIds }),
    optional({ 'm:ReturnNewItemIds': text(boolean) }),
  ]),
  errorContent: '<m:Items/>',
  begin(request, context) {
    return childrenOf(request, 'ItemIds').map((id) => () => move(id, request, context));
  },
};

function move(id: XmlElement, request: XmlElement, context: CallContext): string {
  const target = findTargetFolder(childOf(request, 'ToFolderId') ?? request, context);
  const { view, rights } = findItem(id, context);
  const { mailbox, item } = view;
  if (!mayWrite(rights, 'delete', item.createdBy, authorOf(context))) throw new EwsError('ErrorAccessDenied');
  if (!target.rights.create) throw new EwsError('ErrorCreateItemAccessDenied');
  if (target.mailbox !== mailbox || view.originalStartMs !== undefined) throw new EwsError('ErrorMoveCopyFailed');
  mailbox.move(item, target.folder);
  const returned = textOf(request, 'ReturnNewItemIds')?.trim();
  if (returned === 'false' || returned === '0') return '<m:Items/>';
  return element('m:Items', {}, writeItemId(viewOf(mailbox, item)));
}
