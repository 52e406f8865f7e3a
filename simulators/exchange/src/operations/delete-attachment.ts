// DeleteAttachment: answers with the item that it hung on, which has a new change key.
import { authorOf, type CallContext } from '../caller/call-context.ts';
import { findAttachment } from '../caller/find-objects.ts';
import { mayWrite } from '../caller/rights.ts';
import { setAttachments } from '../items/attachment-writes.ts';
import { attachmentIds } from '../schema/attachments.ts';
import { one, sequence } from '../schema/schema.ts';
import { EwsError } from '../soap/ews-error.ts';
import { withoutAttachment } from '../store/attachments.ts';
import { attachmentsOf, idAttributesOf } from '../store/item-view.ts';
import { childrenOf, type XmlElement } from '../xml/element.ts';
import { element } from '../xml/writer.ts';
import type { Operation } from './operation.ts';

export const deleteAttachment: Operation = {
  name: 'DeleteAttachment',
  type: sequence([one({ 'm:AttachmentIds': attachmentIds })]),
  errorContent: '',
  begin(request, context) {
    return childrenOf(request, 'AttachmentIds').map((id) => () => remove(id, context));
  },
};

function remove(id: XmlElement, context: CallContext): string {
  const { view, rights, path } = findAttachment(id, context);
  const author = authorOf(context);
  if (!mayWrite(rights, 'modify', view.item.createdBy, author)) throw new EwsError('ErrorAccessDenied');
  const saved = setAttachments(view, withoutAttachment(attachmentsOf(view), path), author);
  const { Id: RootItemId, ChangeKey: RootItemChangeKey } = idAttributesOf(saved);
  return element('m:RootItemId', { RootItemId, RootItemChangeKey }, '');
}
