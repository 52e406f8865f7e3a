// GetUserPhoto: the picture of a person. One who has none, or is not known, is HTTP 404: the EWS Managed API looks at that alone.
import { createHash } from 'node:crypto';
import type { CallContext } from '../caller/call-context.ts';
import { one, sequence, text } from '../schema/schema.ts';
import { anyText, oneOf } from '../schema/simple-types.ts';
import { bodyEnvelope } from '../soap/envelope.ts';
import { EwsError } from '../soap/ews-error.ts';
import { photoOf, photoSizes } from '../store/photos.ts';
import { textOf, type XmlElement } from '../xml/element.ts';
import { textElement } from '../xml/writer.ts';
import type { WholeAnswer, WholeResult } from './operation.ts';

const responseName = 'm:GetUserPhotoResponse';

export const getUserPhoto: WholeAnswer = {
  type: sequence([one({ 'm:Email': text(anyText) }), one({ 'm:SizeRequested': text(oneOf(photoSizes.join(' '))) })]),
  answer,
  failed: (_request, error) => failed(error),
};

function answer(request: XmlElement, context: CallContext): string | WholeResult {
  const photos = context.directory.mailbox(textOf(request, 'Email')?.trim() ?? '')?.photos ?? {};
  const picture = photoOf(photos, textOf(request, 'SizeRequested') ?? '');
  if (picture === undefined) {
    const error = new EwsError('ErrorItemNotFound');
    return { status: 404, body: failed(error), code: error.code };
  }
  const tag = `"${createHash('sha256').update(picture).digest('hex').slice(0, 32)}"`;
  context.responseHeaders['ETag'] = tag;
  const hasChanged = context.requestHeaders['if-none-match'] !== tag;
  const content =
    textElement('m:HasChanged', hasChanged) + textElement('m:PictureData', hasChanged ? picture : undefined);
  return bodyEnvelope(responseName, `<m:ResponseCode>NoError</m:ResponseCode>${content}`, ' ResponseClass="Success"');
}

function failed({ message, code }: EwsError): string {
  return bodyEnvelope(
    responseName,
    `${textElement('m:MessageText', message)}${textElement('m:ResponseCode', code)}<m:DescriptiveLinkKey>0</m:DescriptiveLinkKey><m:HasChanged>false</m:HasChanged>`,
    ' ResponseClass="Error"',
  );
}
