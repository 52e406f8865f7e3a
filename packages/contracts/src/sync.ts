// Questions to the owner of a mailbox's partition, and the history of every decision of the sync engine.

import { Type } from 'typebox';
import { LinkId } from './ids.ts';
import { MailboxKey } from './mailbox.ts';
import { operation, streamMessage, subjectPrefix } from './operation.ts';
import { type Data, Instant, recordVersion } from './shape.ts';

const perMailbox = 'sync.*.*';

/** Compare this mailbox in full now. Answered when the wake-up is in the stream. */
export const syncNow = operation(`${perMailbox}.sync-now`, Type.Object({}), Type.Object({}));

export const LinkSummary = Type.Object({
  linkId: LinkId,
  kind: Type.Optional(Type.String()),
  exchangeId: Type.Optional(Type.String()),
  superofficeId: Type.Optional(Type.String()),
  state: Type.Union([
    Type.Literal('linked'),
    Type.Literal('creating'),
    Type.Literal('suspected-delete'),
    Type.Literal('parked'),
  ]),
  reason: Type.Optional(Type.String()),
});

/** What the engine knows of a mailbox: position, counters, parked items. */
export const explain = operation(
  `${perMailbox}.explain`,
  Type.Object({}),
  Type.Object({
    epoch: Type.Integer(),
    links: Type.Integer(),
    openIntents: Type.Integer(),
    heldDeletes: Type.Integer(),
    firstLoadDone: Type.Boolean(),
    parked: Type.Array(LinkSummary),
    /** Why the last step of this mailbox could not be carried out, and since when: a mailbox that may not be opened, say. */
    trouble: Type.Optional(Type.Object({ code: Type.String(), detail: Type.Optional(Type.String()), since: Instant })),
    /** Set when a stored record of this mailbox is damaged: the mailbox stands still until it is rebuilt. */
    damaged: Type.Optional(Type.Object({ record: Type.String(), reason: Type.String() })),
  }),
);

/**
 * Makes the stored state of a mailbox readable again: what is damaged begins empty, what can be read stays, and a full
 * compare makes the lost links again from the stamps on both sides. Nothing is deleted or made twice. `damaged` counts the
 * records that began empty.
 */
export const rebuild = operation(
  `${perMailbox}.rebuild`,
  Type.Object({}),
  Type.Object({ damaged: Type.Integer({ minimum: 0 }) }),
);

/**
 * Lets the deletes go that the brake holds for this mailbox. Each is proved anew and carried out whatever the brake says;
 * `held` counts those that are still held, because a side failed or time was over.
 */
export const releaseDeletes = operation(
  `${perMailbox}.release-deletes`,
  Type.Object({}),
  Type.Object({ released: Type.Integer(), held: Type.Integer() }),
);

/** Why something was written, or why nothing was. `cause` names the change that woke the engine. */
export const HistoryRecord = Type.Object({
  v: recordVersion,
  id: Type.String(),
  at: Instant,
  mailbox: MailboxKey,
  linkId: Type.Optional(LinkId),
  /** Absent in records of the first release: an appointment. */
  kind: Type.Optional(Type.String()),
  correlationId: Type.String(),
  cause: Type.Object({ side: Type.String(), id: Type.Optional(Type.String()), reason: Type.String() }),
  exchange: Type.Optional(Type.Object({ id: Type.String(), version: Type.Optional(Type.String()) })),
  superoffice: Type.Optional(Type.Object({ id: Type.String(), version: Type.Optional(Type.String()) })),
  /** What was decided, in the words of the decision table. */
  decision: Type.String(),
  /** For each field group in conflict: the rule and what lost, so that it can be restored. */
  conflicts: Type.Optional(
    Type.Array(Type.Object({ group: Type.String(), rule: Type.String(), winner: Type.String(), lost: Type.Unknown() })),
  ),
  /** What the write takes away from its side, by field group, as that side held it. `cut`: of a longer text its beginning. */
  overwritten: Type.Optional(
    Type.Array(Type.Object({ group: Type.String(), value: Type.Unknown(), cut: Type.Optional(Type.Boolean()) })),
  ),
  write: Type.Optional(
    Type.Object({
      side: Type.String(),
      action: Type.String(),
      groups: Type.Array(Type.String()),
      result: Type.String(),
    }),
  ),
});
export type HistoryRecord = Data<typeof HistoryRecord>;

export const historyMessage = streamMessage('HISTORY', HistoryRecord);
export const historySubject = (mailbox: MailboxKey): string => `${subjectPrefix}.history.${mailbox}`;
