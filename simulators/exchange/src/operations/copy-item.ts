// CopyItem: another item with the same content, extended properties and UID included.
import { authorOf, type CallContext } from '../caller/call-context.ts';
import { findItem, findTargetFolder } from '../caller/find-objects.ts';
import { writeItemId } from '../properties/item-writer.ts';
import { itemIds, targetFolderId } from '../schema/common-types.ts';
import { one, optional, sequence, text } from '../schema/schema.ts';
import { boolean } from '../schema/simple-types.ts';
import { EwsError } from '../soap/ews-error.ts';
import { viewOf } from '../store/item-view.ts';
import { childOf, childrenOf, textOf, type XmlElement } from '../xml/element.ts';
import { element } from '../xml/writer.ts';
import type { Operation } from './operation.ts';

export const copyItem: Operation = {
  name: 'CopyItem',
  type: sequence([
    one({ 'm:ToFolderId': targetFolderId }),
    one({ 'm:ItemIds': itemIds }),
    optional({ 'm:ReturnNewItemIds': text(boolean) }),
  ]),
  errorContent: '<m:Items/>',
  begin(request, context) {
    return childrenOf(request, 'ItemIds').map((id) => () => copy(id, request, context));
  },
};

function copy(id: XmlElement, request: XmlElement, context: CallContext): string {
  const target = findTargetFolder(childOf(request, 'ToFolderId') ?? request, context);
  const { view } = findItem(id, context);
  const { mailbox, item } = view;
  if (!target.rights.create) throw new EwsError('ErrorCreateItemAccessDenied');
  if (target.mailbox !== mailbox || view.originalStartMs !== undefined) throw new EwsError('ErrorMoveCopyFailed');
  const copied = mailbox.copy(item, target.folder, authorOf(context));
  const returned = textOf(request, 'ReturnNewItemIds')?.trim();
  if (returned === 'false' || returned === '0') return '<m:Items/>';
  return element('m:Items', {}, writeItemId(viewOf(mailbox, copied)));
}
