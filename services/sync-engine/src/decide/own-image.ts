// What a side made of what we wrote. A side may hold less than it was given, or hold it differently (cut, normalised,
// reformatted): read under the very version that our write returned, that is no person's change. It must not travel back
// and spoil the original; only when it changes again is it a change.

import type { Item, ItemContent, Side } from '@lockstep/contracts';
import { contentHash, type FieldGroup, groupHashes, groupsOf, kindOf } from '@lockstep/items';
import { type GroupHashes, type Link, otherSide, type SideState } from '../state/link.ts';

/** The hashes of the groups in which a side holds our write differently from what both agreed on. */
export type Image = GroupHashes;

/** Which groups of an item are, unchanged, what its side made of our write. */
export function imageOf(item: Item, recorded: SideState, agreed: GroupHashes): Image {
  const hashes = groupHashes(item);
  const isOurWrite = recorded.unconfirmed === true && item.version === recorded.version;
  const isImage = (group: FieldGroup) =>
    isOurWrite && (recorded.wrote ?? [group]).includes(group)
      ? agreed[group] !== undefined && hashes[group] !== agreed[group]
      : hashes[group] === recorded.image?.[group];
  return Object.fromEntries(Object.entries(hashes).filter(([group]) => isImage(group)));
}

/** What to record of an item that was read. */
export function stateOf(item: Item, recorded: SideState, agreed: GroupHashes): SideState {
  const image = { ...unknownGroups(item, recorded), ...imageOf(item, recorded, agreed) };
  const state = { id: item.id, version: item.version, contentHash: contentHash(item) };
  return Object.keys(image).length === 0 ? state : { ...state, image };
}

/** Groups of a newer release, which is to find them as it left them. */
function unknownGroups({ kind }: Item, { image = {} }: SideState): Image {
  const known = new Set(groupsOf(kind));
  return Object.fromEntries(Object.entries(image).filter(([group]) => !known.has(group)));
}

export interface MergeInput {
  readonly agreed: GroupHashes;
  readonly exchange: ItemContent;
  readonly superoffice: ItemContent;
}

/**
 * What to merge, so that an image of our own write counts as unchanged: it is as if its side said what the other says,
 * and where the other side has changed since, as if both had agreed on the image.
 */
export function seenThroughImages(link: Link, exchange: Item, superoffice: Item): MergeInput {
  const items = { exchange, superoffice };
  const contents = { exchange: exchange.content, superoffice: superoffice.content };
  const hashes = { exchange: groupHashes(exchange), superoffice: groupHashes(superoffice) };
  const { groups } = kindOf(link.kind);
  const agreed: Record<FieldGroup, string> = { ...link.agreed };
  for (const side of ['exchange', 'superoffice'] as const) {
    const other = otherSide(side);
    const otherImage = imageOf(items[other], link[other], link.agreed);
    for (const group of imagedGroups(items[side], link, side)) {
      const otherIsUnchanged = hashes[other][group] === link.agreed[group] || otherImage[group] !== undefined;
      if (otherIsUnchanged) contents[side] = { ...contents[side], ...fieldsOf(contents[other], groups[group] ?? []) };
      else agreed[group] = hashes[side][group] ?? '';
    }
  }
  return { agreed, ...contents };
}

function fieldsOf(content: ItemContent, fields: readonly string[]): ItemContent {
  return Object.fromEntries(fields.map((field) => [field, content[field]]));
}

function imagedGroups(item: Item, link: Link, side: Side): readonly FieldGroup[] {
  const image = imageOf(item, link[side], link.agreed);
  return groupsOf(item.kind).filter((group) => image[group] !== undefined);
}
