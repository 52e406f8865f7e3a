// Sets and takes away the pictures that GetUserPhoto shows.
import { photoSizes } from '../store/photos.ts';
import { type ControlCall, mailboxOf } from './control-call.ts';
import { ControlError } from './control-error.ts';
import { asChoice, asText } from './json-input.ts';

/** Body: `{picture, size?}`, the picture in base64; without a size it is the largest. */
export function setPhoto(call: ControlCall): undefined {
  const { body, simulator } = call;
  const mailbox = mailboxOf(call);
  const size = asChoice(body['size'] ?? photoSizes.at(-1), 'size', photoSizes);
  const given = asText(body['picture'], 'picture');
  const picture = Buffer.from(given, 'base64').toString('base64');
  if (picture === '' || picture !== given) throw new ControlError(400, 'picture has to be base64.');
  mailbox.photos = { ...mailbox.photos, [size]: picture };
  simulator.revision += 1;
}

export function removePhotos(call: ControlCall): undefined {
  mailboxOf(call).photos = {};
  call.simulator.revision += 1;
}
