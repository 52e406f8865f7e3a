// The history: one record a decision. A record about a write is published before the write, with the result `begun`, and
// again afterwards under the same id: whatever crashes in between, no losing value is gone and no change is unexplained.
import { createHash } from 'node:crypto';
import type { Bus } from '@lockstep/bus';
import type { Instant, MailboxKey, Outcome } from '@lockstep/contracts';
import { sync } from '@lockstep/contracts';
import { cutText } from './taken-away.ts';

type HistoryRecord = sync.HistoryRecord;
const { historyMessage, historySubject } = sync;

export type HistoryDraft = Omit<HistoryRecord, 'v' | 'id' | 'at' | 'mailbox' | 'correlationId' | 'cause'>;

export interface HistoryContext {
  readonly mailbox: MailboxKey;
  readonly correlationId: string;
  readonly cause: HistoryRecord['cause'];
  readonly at: Instant;
}

export interface History {
  /** Succeeds when the stream has the record. */
  record(context: HistoryContext, draft: HistoryDraft): Promise<Outcome<void>>;
}

export function createHistory(bus: Bus, deadlineMs: number): History {
  return {
    async record({ mailbox, correlationId, cause, at }, draft) {
      const record = { v: 1, id: decisionId(mailbox, draft), at, mailbox, correlationId, cause, ...draft };
      const options = { correlationId, deadlineMs };
      const published = await bus.publish(historyMessage, historySubject(mailbox), record, options);
      if (published.ok || published.error.code !== 'message-too-large') return published;
      return bus.publish(historyMessage, historySubject(mailbox), withCutValues(record), options);
    },
  };
}

/** The same decision about the same versions has the same id, so that a repeat is recognisable. */
function decisionId(mailbox: MailboxKey, draft: HistoryDraft): string {
  const { linkId, exchange, superoffice, decision, write } = draft;
  const about = [mailbox, linkId, exchange?.id, exchange?.version, superoffice?.id, superoffice?.version];
  const key = JSON.stringify([...about, decision, write?.side, write?.action]);
  return createHash('sha256').update(key).digest().subarray(0, 16).toString('base64url');
}

/** A message may hold 512 KiB: of a longer losing text its beginning is kept. */
function withCutValues(record: HistoryRecord): HistoryRecord {
  const cut = (lost: unknown) => (typeof lost === 'string' ? cutText(lost) : lost);
  return { ...record, conflicts: record.conflicts?.map((conflict) => ({ ...conflict, lost: cut(conflict.lost) })) };
}
