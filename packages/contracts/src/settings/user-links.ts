// Which mailbox belongs to which associate, stored in 16 chunks, so that 10,000 links are read with 16 gets.
import { Type } from 'typebox';
import { fnv1a32, MailboxKey } from '../mailbox.ts';
import { type Data, Instant, recordVersion, ZoneName } from '../shape.ts';
import { storedRecord } from '../stored-record.ts';

/** Ties an Exchange mailbox to a SuperOffice associate. The key is given once and kept for ever; the address may change. */
export const UserLink = Type.Object({
  mailbox: MailboxKey,
  address: Type.String(),
  associateId: Type.Integer({ minimum: 1 }),
  /** The zone in which this user's all-day events and new appointments are planned. */
  zone: ZoneName,
  enabled: Type.Boolean(),
  linkedAt: Instant,
});
export type UserLink = Data<typeof UserLink>;

/** A deleted link; 0.1.0 did not say when. */
export const RemovedLink = Type.Interface([UserLink], { removedAt: Type.Optional(Instant) });
export type RemovedLink = Data<typeof RemovedLink>;

/** `removed` remembers deleted links, so that a user who is linked again gets the mailbox key back and goes on where it stopped. */
export const UserLinkChunk = Type.Object({
  v: recordVersion,
  links: Type.Array(UserLink),
  removed: Type.Optional(Type.Array(RemovedLink)),
});
export type UserLinkChunk = Data<typeof UserLinkChunk>;
export const userLinkChunkCount = 16;

export const userLinkChunkRecord = storedRecord({ name: 'chunk of user links', version: 1, schema: UserLinkChunk });

/** The chunk that the link of a mailbox lies in. */
export const userLinkChunkOf = (mailbox: MailboxKey): number => fnv1a32(mailbox) % userLinkChunkCount;
