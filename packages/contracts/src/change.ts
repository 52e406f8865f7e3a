// The change streams: wake-ups, not commands. A receiver reads the current state of both sides and decides from that,
// so that a repeated, reordered, duplicated or lost-and-repeated message is harmless.
import { Type } from 'typebox';
import { itemToken, MailboxKey, partitionOf, Side } from './mailbox.ts';
import { streamMessage, subjectPrefix } from './operation.ts';
import { type Data, Instant, recordVersion } from './shape.ts';

/** `now`: a person waits for it. `bulk`: first loads, sweeps, verification; fetched when `now` is empty, and at least one in ten. */
export const ChangeClass = Type.Union([Type.Literal('now'), Type.Literal('bulk')]);
export type ChangeClass = Data<typeof ChangeClass>;

const common = { v: recordVersion, mailbox: MailboxKey, side: Side, firstSeenAt: Instant };

/** This item changed or vanished on this side. `version` is what the detector saw, if it saw one. */
export const ItemChanged = Type.Object({
  ...common,
  kind: Type.Literal('item'),
  /** One of `itemKinds`, or that of a newer release. */
  item: Type.String(),
  id: Type.String(),
  vanished: Type.Boolean(),
  version: Type.Optional(Type.String()),
});
export type ItemChanged = Data<typeof ItemChanged>;

/** Anything may have changed: list both sides and compare. */
export const AllChanged = Type.Object({
  ...common,
  kind: Type.Literal('all'),
  reason: Type.Union([
    Type.Literal('first-load'),
    Type.Literal('sync-state-lost'),
    Type.Literal('unreadable-message'),
    Type.Literal('restored'),
    Type.Literal('verification'),
    Type.Literal('requested'),
    /** The settings allow more than was compared and followed. */
    Type.Literal('widened'),
  ]),
});
export type AllChanged = Data<typeof AllChanged>;

export const Change = Type.Union([ItemChanged, AllChanged]);
export type Change = Data<typeof Change>;

export const changeMessage = streamMessage('CHANGE', Change);

/** `lockstep.v1.change.<p>.<mailbox>.<class>.<side>.<item>`; the last token is `all` for `AllChanged`, always of class `bulk`. */
export function changeSubject(change: Change, changeClass: ChangeClass): string {
  const last = change.kind === 'all' ? 'all' : itemToken(change.item, change.id);
  const kept = change.kind === 'all' ? 'bulk' : changeClass;
  return `${subjectPrefix}.change.${partitionOf(change.mailbox)}.${change.mailbox}.${kept}.${change.side}.${last}`;
}

/** Exchange said that something changed in this mailbox, or that it may have (subscribe, resubscribe, new owner). */
export const Notified = Type.Object({
  v: recordVersion,
  mailbox: MailboxKey,
  firstSeenAt: Instant,
  cause: Type.Union([Type.Literal('event'), Type.Literal('subscribed'), Type.Literal('requested')]),
});
export type Notified = Data<typeof Notified>;

export const notifiedMessage = streamMessage('NOTIFIED', Notified);

/** `lockstep.v1.notified.<p>.<mailbox>` */
export function notifiedSubject(mailbox: MailboxKey): string {
  return `${subjectPrefix}.notified.${partitionOf(mailbox)}.${mailbox}`;
}

/** The mailbox key in a change or notified subject, for a message whose body cannot be read. */
export function mailboxOfSubject(subject: string): MailboxKey | undefined {
  const token = subject.split('.')[4];
  return token !== undefined && /^[a-z2-7]{16}$/.test(token) ? (token as MailboxKey) : undefined;
}
