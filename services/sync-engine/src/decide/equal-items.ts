// Which unlinked items of the two sides are the same one (docs/decisions: pairing equal items): equal in what identifies
// their kind, one to one. Anything less sure is left apart, since a wrong pair would merge two items into one.

import type { Item } from '@lockstep/contracts';
import { groupHashes, kindOf } from '@lockstep/items';

export interface EqualItems {
  readonly exchange: string;
  readonly superoffice: string;
}

/** Pairs in order of id where several are equal, so that a repetition after a crash pairs the same. */
export function pairEqual(exchange: readonly Described[], superoffice: readonly Described[]): readonly EqualItems[] {
  const open = new Map<string, string[]>();
  for (const { id, key } of byId(superoffice)) open.set(key, [...(open.get(key) ?? []), id]);
  const pairs: EqualItems[] = [];
  for (const { id, key } of byId(exchange)) {
    const match = open.get(key)?.shift();
    if (match !== undefined) pairs.push({ exchange: id, superoffice: match });
  }
  return pairs;
}

/** An item by its id and the hash of what makes it the same as another. */
export interface Described {
  readonly id: string;
  readonly key: string;
}

export function describe(item: Item): Described {
  const hashes = groupHashes(item);
  return {
    id: item.id,
    key: kindOf(item.kind)
      .identity.map((group) => hashes[group])
      .join('/'),
  };
}

function byId(items: readonly Described[]): readonly Described[] {
  return [...items].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
