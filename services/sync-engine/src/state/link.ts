// A link: one item that is held on both sides, and what both last agreed on.
// It never holds values, only versions and hashes: values are read from the two sides, which alone are the truth.
import { type Data, firstKind, Instant, type ItemKind, isItemKind, LinkId, Side } from '@lockstep/contracts';
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
  /** The groups that the unconfirmed write wrote, where the others were not in agreement; absent: they all were. */
  wrote: Type.Optional(Type.Array(Type.String())),
  /** Groups in which the side holds our write differently from what was agreed, with the hash of how. */
  image: Type.Optional(GroupHashes),
});
export type SideState = Data<typeof SideState>;

/** One of our own writes, for the loop breaker. */
export const OwnWrite = Type.Object({ at: Instant, side: Side });
export type OwnWrite = Data<typeof OwnWrite>;

/** Something that waits since an instant, about the item of one side. */
const Waiting = Type.Object({ side: Side, since: Instant });

/** A side did not show the item by its id at `since`, and since then at each look. */
export const Suspicion = Type.Object({
  side: Side,
  since: Instant,
  /** At the last look it was found by its stamp under its own id: it is there, and is only to be read again. */
  seenByStamp: Type.Optional(Type.Boolean()),
});
export type Suspicion = Data<typeof Suspicion>;

export const StoredLink = Type.Object({
  linkId: LinkId,
  /** Absent in links of the first release: appointments. One that this release does not know is kept as it is. */
  kind: Type.Optional(Type.String()),
  createdAt: Instant,
  exchange: SideState,
  superoffice: SideState,
  agreed: GroupHashes,
  /** When the item begins, as last agreed: tells a full compare in which part of the window to expect it. */
  start: Type.Optional(Instant),
  writes: Type.Array(OwnWrite),
  /** As `suspicions`, one at most: written by the first release. */
  suspected: Type.Optional(Waiting),
  /** Sides that do not show the item, while its delete is not proved: one a side. */
  suspicions: Type.Optional(Type.Array(Suspicion)),
  /** The delete of `side` is proved, but the brake holds the delete on the other side back. */
  held: Type.Optional(Waiting),
  parked: Type.Optional(Type.Object({ reason: Type.String(), since: Instant })),
  /** Both items are to be stamped once they are merged: they bear no stamp of ours, or one of a former mailbox key. */
  stampDue: Type.Optional(Type.Boolean()),
});
export type StoredLink = Data<typeof StoredLink>;

/** A stored link of a kind that this release knows. */
export type Link = StoredLink & { readonly kind: ItemKind };

/** Undefined for a link of a newer release's kind: it is kept in storage and never decided on. */
export function knownLink(stored: StoredLink): Link | undefined {
  const kind = stored.kind ?? firstKind;
  return isItemKind(kind) ? { ...stored, kind } : undefined;
}

/** What is suspected of a link's items. */
export function suspicionsOf({ suspicions, suspected }: Link): readonly Suspicion[] {
  return suspicions ?? (suspected === undefined ? [] : [suspected]);
}

export function withSuspicions(link: Link, suspicions: readonly Suspicion[]): Link {
  const { suspected: _former, suspicions: _before, ...kept } = link;
  return suspicions.length === 0 ? kept : { ...kept, suspicions };
}

/** Nothing waits: no delete is suspected or held, no stamp is due, and it is not parked. */
export function isSettled(link: Link): boolean {
  return (
    link.stampDue !== true && suspicionsOf(link).length === 0 && link.held === undefined && link.parked === undefined
  );
}

/** The link once both of its items were read and are dealt with. */
export function settled(link: Link): Link {
  const { held: _held, parked: _parked, ...kept } = withSuspicions(link, []);
  return kept;
}

export const otherSide = (side: Side): Side => (side === 'exchange' ? 'superoffice' : 'exchange');
