// A link: one item that is held on both sides, and what both last agreed on.
// It never holds values, only versions and hashes: values are read from the two sides, which alone are the truth.
import { type Data, firstKind, Instant, type ItemKind, isItemKind, Side } from '@lockstep/contracts';
import { Type } from 'typebox';

/**
 * One hash a field group over what both sides can hold (`groupHashes` of @lockstep/items). Open: a group that this release does
 * not know is kept, one that is missing counts as not agreed.
 */
export const GroupHashes = Type.Record(Type.String(), Type.String());
export type GroupHashes = Data<typeof GroupHashes>;

/** Nothing is agreed: each group that differs is decided by its conflict rule. */
export const notAgreed: GroupHashes = {};

/** What one side held when it was last in agreement. An empty version is unknown: equal to no real version. */
export const SideState = Type.Object({
  id: Type.String(),
  version: Type.String(),
  contentHash: Type.String(),
  /** We wrote this version and have not read yet what the side made of it; the hash is what we expect. */
  unconfirmed: Type.Optional(Type.Boolean()),
  /** Groups in which the side holds our write differently from what was agreed, with the hash of how. */
  image: Type.Optional(GroupHashes),
});
export type SideState = Data<typeof SideState>;

/** One of our own writes, for the loop breaker. */
export const OwnWrite = Type.Object({ at: Instant, side: Side });
export type OwnWrite = Data<typeof OwnWrite>;

/** Something that waits since an instant, about the item of one side. */
const Waiting = Type.Object({ side: Side, since: Instant });

export const StoredLink = Type.Object({
  linkId: Type.String(),
  /** Absent in links of the first release: appointments. One that this release does not know is kept as it is. */
  kind: Type.Optional(Type.String()),
  createdAt: Instant,
  exchange: SideState,
  superoffice: SideState,
  agreed: GroupHashes,
  /** When the item begins, as last agreed: tells a full compare in which part of the window to expect it. */
  start: Type.Optional(Instant),
  writes: Type.Array(OwnWrite),
  /** This side does not show the item since then, and the delete is not proved yet. */
  suspected: Type.Optional(Waiting),
  /** The delete of `side` is proved, but the brake holds the delete on the other side back. */
  held: Type.Optional(Waiting),
  parked: Type.Optional(Type.Object({ reason: Type.String(), since: Instant })),
});
export type StoredLink = Data<typeof StoredLink>;

/** A stored link of a kind that this release knows. */
export type Link = StoredLink & { readonly kind: ItemKind };

/** Undefined for a link of a newer release's kind: it is kept in storage and never decided on. */
export function knownLink(stored: StoredLink): Link | undefined {
  const kind = stored.kind ?? firstKind;
  return isItemKind(kind) ? { ...stored, kind } : undefined;
}

export const otherSide = (side: Side): Side => (side === 'exchange' ? 'superoffice' : 'exchange');
