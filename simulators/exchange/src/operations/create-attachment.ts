// CreateAttachment: each attachment is saved for itself and gives the item a new change key; the newest stands in the last answer.
import { authorOf, type CallContext } from '../caller/call-context.ts';
import { findItem } from '../caller/find-objects.ts';
import { mayWrite } from '../caller/rights.ts';
import { attach } from '../items/attachment-writes.ts';
import { readAttachment } from '../items/item-draft.ts';
import { attachmentList } from '../properties/item-classes.ts';
import { itemId } from '../schema/common-types.ts';
import { one, sequence } from '../schema/schema.ts';
import { EwsError } from '../soap/ews-error.ts';
import { attachmentIdOf, idAttributesOf } from '../store/item-view.ts';
import { childOf, childrenOf, type XmlElement } from '../xml/element.ts';
import { element } from '../xml/writer.ts';
import type { Operation } from './operation.ts';

export const createAttachment: Operation = {
  name: 'CreateAttachment',
  type: sequence([one({ 'm:ParentItemId': itemId }), one({ 'm:Attachments': attachmentList })]),
  errorContent: '<m:Attachments/>',
  begin(request, context) {
    const parent = childOf(request, 'ParentItemId') ?? request;
    return childrenOf(request, 'Attachments').map((each) => () => create(each, parent, context));
  },
};

function create(attachment: XmlElement, parent: XmlElement, context: CallContext): string {
  const { view, rights } = findItem(parent, context);
  const author = authorOf(context);
  if (!mayWrite(rights, 'modify', view.item.createdBy, author)) throw new EwsError('ErrorAccessDenied');
  const [saved, made] = attach(view, (number) => readAttachment(attachment, number, context), author);
  const { Id: RootItemId, ChangeKey: RootItemChangeKey } = idAttributesOf(saved);
  const id = { Id: attachmentIdOf(saved, made.number), RootItemId, RootItemChangeKey };
  return element('m:Attachments', {}, element(`t:${attachment.name}`, {}, element('t:AttachmentId', id, '')));
}
