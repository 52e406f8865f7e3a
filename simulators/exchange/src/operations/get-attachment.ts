// GetAttachment: the bytes of a file, or the attached item with everything that it has.
import type { CallContext } from '../caller/call-context.ts';
import { findAttachment } from '../caller/find-objects.ts';
import { writeRights } from '../caller/rights.ts';
import { writeAttachment } from '../properties/attachment-writer.ts';
import { type ItemShape, readItemShape } from '../properties/item-shape.ts';
import { writeItem } from '../properties/item-writer.ts';
import { attachmentIds } from '../schema/attachments.ts';
import { attachmentShape } from '../schema/common-types.ts';
import { one, optional, sequence } from '../schema/schema.ts';
import { EwsError } from '../soap/ews-error.ts';
import { attachedView, type ItemView } from '../store/item-view.ts';
import { childOf, childrenOf, type XmlElement } from '../xml/element.ts';
import { element, textElement } from '../xml/writer.ts';
import type { Operation } from './operation.ts';

export const getAttachment: Operation = {
  name: 'GetAttachment',
  type: sequence([optional({ 'm:AttachmentShape': attachmentShape }), one({ 'm:AttachmentIds': attachmentIds })]),
  errorContent: '<m:Attachments/>',
  begin(request, context) {
    const given = childOf(request, 'AttachmentShape') ?? request;
    const shape: ItemShape = { ...readItemShape(given, ''), base: 'AllProperties' };
    return childrenOf(request, 'AttachmentIds').map((id) => () => get(id, shape, context));
  },
};

function get(id: XmlElement, shape: ItemShape, context: CallContext): string {
  const { view, rights, chain } = findAttachment(id, context);
  const wanted = chain.at(-1);
  if (wanted === undefined) throw new EwsError('ErrorInvalidAttachmentId');
  let parent: ItemView = view;
  for (const { number, content } of chain.slice(0, -1)) {
    if (content.kind === 'item') parent = attachedView(parent, number, content);
  }
  const content =
    wanted.content.kind === 'file'
      ? textElement('t:Content', wanted.content.base64)
      : writeItem(
          attachedView(parent, wanted.number, wanted.content),
          { ...shape, rights: writeRights(rights) },
          'attachment',
        );
  return element('m:Attachments', {}, writeAttachment(parent, wanted, content));
}
