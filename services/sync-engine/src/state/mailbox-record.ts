// The small record of a mailbox: who owns it, what is half done, where a full compare stands.
// Every effect that cannot be repeated safely (a create, a delete) is written here first: a new owner writes its epoch
// here before anything else, so that whatever a former owner still tries to begin is refused.
import {
  type Data,
  firstKind,
  Instant,
  type ItemKind,
  type ItemRef,
  LinkId,
  recordVersion,
  Side,
  storedRecord,
} from '@lockstep/contracts';
import { Type } from 'typebox';
import { GroupHashes } from './link.ts';

const version = 1;

/** Absent in records of the first release, which knew appointments only. */
const kind = Type.Optional(Type.String());

/** One item as it is stored. */
export const StoredRef = Type.Object({ kind, side: Side, id: Type.String() });
export type StoredRef = Data<typeof StoredRef>;

/** The kind of a stored item. Who acts on it asks `isItemKind` first: a newer release may have stored it. */
export const kindOfStored = ({ kind }: { readonly kind?: string }): ItemKind => (kind ?? firstKind) as ItemKind;

export const refOfStored = (stored: StoredRef): ItemRef => ({ ...stored, kind: kindOfStored(stored) });

/** A create that was begun. It is closed by the link that it made, or by finding that it made nothing. */
export const Intent = Type.Object({
  linkId: LinkId,
  /** The side on which the counterpart is made. */
  target: Side,
  source: StoredRef,
  /** Set when a vanished item of an existing link is made anew: the id that it had. */
  replaces: Type.Optional(Type.String()),
  /** What both sides agree on once it is made. */
  agreed: GroupHashes,
  start: Type.Optional(Instant),
  at: Instant,
  /** The instance that began it, for people to read. */
  owner: Type.String(),
  /** Not before this instant does finding nothing mean that nothing was made: the call may still be under way. */
  settleAfter: Instant,
});
export type Intent = Data<typeof Intent>;

/** A create whose outcome was unknown is looked at once more: a late twin is removed then. */
export const SecondLook = Type.Object({ create: Intent, due: Instant });
export type SecondLook = Data<typeof SecondLook>;

/** An item without a link that cannot be synchronized. At most `maxParkedItems` are kept, the newest. */
export const ParkedItem = Type.Object({
  kind,
  side: Side,
  id: Type.String(),
  version: Type.String(),
  reason: Type.String(),
  since: Instant,
});
export type ParkedItem = Data<typeof ParkedItem>;
export const maxParkedItems = 100;

/** By kind, what was allowed: what is written to, and how many days of the window. A kind that is missing was off. */
export const Coverage = Type.Record(
  Type.String(),
  Type.Object({ exchange: Type.Boolean(), superoffice: Type.Boolean(), back: Type.Number(), forward: Type.Number() }),
);
export type Coverage = Data<typeof Coverage>;

/** Where a full compare of both sides stands. Segments before `segment` are done. */
export const ComparePosition = Type.Object({
  reason: Type.String(),
  /** The middle of the window: nearest dates come first. */
  startedAt: Instant,
  from: Instant,
  to: Instant,
  segment: Type.Integer({ minimum: 0 }),
  /** What the settings have allowed ever since it began. Absent in the first release. */
  coverage: Type.Optional(Coverage),
});
export type ComparePosition = Data<typeof ComparePosition>;

/** Our deletes, counted by the minute (milliseconds since 1970 / 60,000), for the brake. */
export const DeleteCount = Type.Object({ minute: Type.Integer(), count: Type.Integer() });
export type DeleteCount = Data<typeof DeleteCount>;

const MailboxRecord = Type.Object({
  v: recordVersion,
  epoch: Type.Integer(),
  intents: Type.Array(Intent),
  secondLooks: Type.Array(SecondLook),
  deletes: Type.Array(DeleteCount),
  parked: Type.Array(ParkedItem),
  compare: Type.Optional(ComparePosition),
  /** Where linked items were last seen (decide/places.ts). */
  places: Type.Optional(
    Type.Object({ exchange: Type.Optional(Type.String()), superoffice: Type.Optional(Type.String()) }),
  ),
  firstLoadDone: Type.Boolean(),
  /** When it was last compared in full, or was told to be for the night. Absent in records of the first release. */
  comparedAt: Type.Optional(Instant),
  /** What the settings have allowed ever since the last full compare began; absent before the first one ended. */
  covered: Type.Optional(Coverage),
  /** The earliest instant at which something waits to be looked at again, suspected deletes included. */
  lookAgainAt: Type.Optional(Instant),
});
export type MailboxRecord = Data<typeof MailboxRecord>;

/** In the bucket `mailboxes`, one a mailbox. */
export const mailboxRecord = storedRecord({ name: 'mailbox record', version, schema: MailboxRecord });

export function emptyRecord(epoch: number): MailboxRecord {
  return {
    v: version,
    epoch,
    intents: [],
    secondLooks: [],
    deletes: [],
    parked: [],
    firstLoadDone: false,
  };
}
