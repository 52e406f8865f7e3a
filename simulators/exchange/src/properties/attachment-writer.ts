// Writes an attachment: what is known of it, and its content where that was asked for.
import { attachmentBytes } from '../store/attachments.ts';
import type { Attachment } from '../store/item.ts';
import { attachmentIdOf, type ItemView } from '../store/item-view.ts';
import { writeDateTime } from '../time/date-time.ts';
import { element, textElement } from '../xml/writer.ts';

/** @param content XML of what is attached, already written */
export function writeAttachment(view: ItemView, attachment: Attachment, content: string): string {
  const { name, contentType, contentId, contentLocation, isInline, isContactPhoto, modifiedAtMs } = attachment;
  const isFile = attachment.content.kind === 'file';
  return element(
    isFile ? 't:FileAttachment' : 't:ItemAttachment',
    {},
    [
      element('t:AttachmentId', { Id: attachmentIdOf(view, attachment.number) }, ''),
      textElement('t:Name', name),
      textElement('t:ContentType', contentType),
      textElement('t:ContentId', contentId),
      textElement('t:ContentLocation', contentLocation),
      textElement('t:Size', attachmentBytes(attachment)),
      textElement('t:LastModifiedTime', writeDateTime(modifiedAtMs)),
      textElement('t:IsInline', isInline),
      isFile ? textElement('t:IsContactPhoto', isContactPhoto) : '',
      content,
    ].join(''),
  );
}
