// What a side made of what we wrote. A side may hold less than it was given, or hold it differently (cut, normalised,
// reformatted): read under the very version that our write returned, that is no person's change. It must not travel back
// and spoil the original; only when it changes again is it a change.

import {
  type Appointment,
  type AppointmentContent,
  type FieldGroup,
  fieldGroups,
  type Side,
} from '@lockstep/contracts';
import { contentHash, groupHashes } from '@lockstep/items';
import { type GroupHashes, type Link, otherSide, type SideState } from '../state/link.ts';

/** The hashes of the groups in which a side holds our write differently from what both agreed on. */
export type Image = { readonly [G in FieldGroup]?: string };

/** Which groups of an item are, unchanged, what its side made of our write. */
export function imageOf(item: Appointment, recorded: SideState, agreed: GroupHashes): Image {
  const hashes = groupHashes(item.content);
  const isOurWrite = recorded.unconfirmed === true && item.version === recorded.version;
  const isImage = (group: FieldGroup) =>
    isOurWrite ? hashes[group] !== agreed[group] : hashes[group] === recorded.image?.[group];
  return Object.fromEntries(fieldGroups.filter(isImage).map((group) => [group, hashes[group]]));
}

/** What to record of an item that was read. */
export function stateOf(item: Appointment, recorded: SideState, agreed: GroupHashes): SideState {
  const image = imageOf(item, recorded, agreed);
  const state = { id: item.id, version: item.version, contentHash: contentHash(item.content) };
  return Object.keys(image).length === 0 ? state : { ...state, image };
}

export interface MergeInput {
  readonly agreed: GroupHashes;
  readonly exchange: AppointmentContent;
  readonly superoffice: AppointmentContent;
}

const fieldOf = {
  title: 'title',
  time: 'time',
  text: 'text',
  place: 'location',
  busy: 'busy',
  privacy: 'privacy',
} as const satisfies Record<FieldGroup, keyof AppointmentContent>;

/**
 * What to merge, so that an image of our own write counts as unchanged: it is as if its side said what the other says,
 * and where the other side has changed since, as if both had agreed on the image.
 */
export function seenThroughImages(link: Link, exchange: Appointment, superoffice: Appointment): MergeInput {
  const items = { exchange, superoffice };
  const contents = { exchange: exchange.content, superoffice: superoffice.content };
  const hashes = { exchange: groupHashes(exchange.content), superoffice: groupHashes(superoffice.content) };
  const agreed: Record<FieldGroup, string> = { ...link.agreed };
  for (const side of ['exchange', 'superoffice'] as const) {
    const other = otherSide(side);
    const otherImage = imageOf(items[other], link[other], link.agreed);
    for (const group of imagedGroups(items[side], link, side)) {
      const otherIsUnchanged = hashes[other][group] === link.agreed[group] || otherImage[group] !== undefined;
      if (otherIsUnchanged) contents[side] = { ...contents[side], [fieldOf[group]]: contents[other][fieldOf[group]] };
      else agreed[group] = hashes[side][group];
    }
  }
  return { agreed, ...contents };
}

function imagedGroups(item: Appointment, link: Link, side: Side): readonly FieldGroup[] {
  const image = imageOf(item, link[side], link.agreed);
  return fieldGroups.filter((group) => image[group] !== undefined);
}
