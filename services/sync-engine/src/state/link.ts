// A link: one appointment that is held on both sides, and what both last agreed on.
// It never holds values, only versions and hashes: values are read from the two sides, which alone are the truth.
import { type Data, fieldGroups, Instant, Side } from '@lockstep/contracts';
import { Type } from 'typebox';

/** One hash a field group over what both sides can hold (`groupHashes` of @lockstep/items). */
export const GroupHashes = Type.Object({
  title: Type.String(),
  time: Type.String(),
  text: Type.String(),
  place: Type.String(),
  busy: Type.String(),
  privacy: Type.String(),
});
export type GroupHashes = Data<typeof GroupHashes>;

/** The hash of a group on which nothing is agreed: equal to no real hash, so both sides count as changed. */
export const notAgreed: GroupHashes = Object.fromEntries(fieldGroups.map((group) => [group, ''])) as GroupHashes;

/** What one side held when it was last in agreement. An empty version is unknown: equal to no real version. */
export const SideState = Type.Object({
  id: Type.String(),
  version: Type.String(),
  contentHash: Type.String(),
  /** We wrote this version and have not read yet what the side made of it; the hash is what we expect. */
  unconfirmed: Type.Optional(Type.Boolean()),
  /** Groups in which the side holds our write differently from what was agreed, with the hash of how. */
  image: Type.Optional(Type.Partial(GroupHashes)),
});
export type SideState = Data<typeof SideState>;

/** One of our own writes, for the loop breaker. */
export const OwnWrite = Type.Object({ at: Instant, side: Side });
export type OwnWrite = Data<typeof OwnWrite>;

/** Something that waits since an instant, about the item of one side. */
const Waiting = Type.Object({ side: Side, since: Instant });

export const Link = Type.Object({
  linkId: Type.String(),
  createdAt: Instant,
  exchange: SideState,
  superoffice: SideState,
  agreed: GroupHashes,
  /** When the appointment begins, as last agreed: tells a full compare in which part of the window to expect it. */
  start: Instant,
  writes: Type.Array(OwnWrite),
  /** This side does not show the item since then, and the delete is not proved yet. */
  suspected: Type.Optional(Waiting),
  /** The delete of `side` is proved, but the brake holds the delete on the other side back. */
  held: Type.Optional(Waiting),
  parked: Type.Optional(Type.Object({ reason: Type.String(), since: Instant })),
});
export type Link = Data<typeof Link>;

export const otherSide = (side: Side): Side => (side === 'exchange' ? 'superoffice' : 'exchange');
