// Every number of the watcher, with its unit and its reason, and what it takes from the environment. The lowest floor:
// whoever needs a number takes it from here or is handed it by service.ts.
import { environment } from '@lockstep/contracts';
import type { Kit } from '@lockstep/service-kit';

const minuteMs = 60_000;

export const watcherConfig = {
  /** Calls to SuperOffice. */
  calls: {
    /** At a time. SuperOffice publishes no limit; more has been seen to slow a tenant down. */
    running: 4,
    /** Waiting for one of those; beyond it callers are told `service-busy`. A minute's worth of calls of 100 ms. */
    waiting: 2_000,
    /** Longest call, from its first byte to the last of the answer. */
    timeoutMs: 30_000,
    /** Largest answer: a page of 1,000 rows in full mode has about 2 MiB. */
    maxReplyBytes: 32 * 1024 * 1024,
    /** Refusals of our account in a row that stop all calls: one alone may be a hiccup, more lock accounts. */
    refusalsToStop: 2,
    /** Between two probes of a tenant that refuses us; below the usual window of a lockout policy (30 min, 5 tries). */
    probeEveryMs: 5 * minuteMs,
    /** The pause after 429 or 503 that names none. */
    standardPauseMs: 5_000,
    /** Longest pause that a Retry-After may ask for: a date of next week is damaged, not meant. */
    longestPauseMs: 5 * minuteMs,
    /** Rows of one page of an archive: the largest that SuperOffice's documentation advises. */
    pageRows: 1_000,
    /** The administrator's lists are asked for again after so long. */
    listsKeptMs: 10 * minuteMs,
  },

  /** From a hint to a message in the stream. */
  changes: {
    /** How long the stream may take to acknowledge a change; SuperOffice's delivery waits for it. */
    publishDeadlineMs: 8_000,
    /** A second change in the same second cannot come any more once the server's clock is so far past the time stamp. */
    settledAfterSec: 5,
  },

  /** The index of rows in the bucket `superoffice-index`. */
  index: {
    /** Changes that may wait for a write; a first load places 1,000 at a time, several replicas deliver beside it. */
    maxWaiting: 5_000,
    /** Tries of one write that other replicas forestall; each try means that somebody else got on. */
    maxAttempts: 30,
    /** The delay before the next of them, doubled while it goes on. */
    delay: { baseMs: 10, maxMs: 160 },
    /** How long a vanished row is remembered, so that its vanishing can be published again when NATS lost the message. */
    goneKeptSec: 86_400,
  },

  /** What the sync engine asks. */
  operations: {
    /** Requests that run and wait in this process, of those that make a few calls and of those that make many. */
    small: { running: 8, waiting: 64 },
    large: { running: 2, waiting: 16 },
    /** Rows that one request reads at a time: as many as there are calls. */
    rowsAtOnce: 4,
    /** Rows of a listing that are read before the time that is left is looked at. */
    listBatchRows: 20,
    /** With less time left a page ends early: a short page is a good answer, a missed deadline none. */
    listReserveMs: 2_000,
    /** In which zone an archive reads its literals is not documented: a day and more is added on both sides. */
    archiveMarginMs: 86_400_000,
    /** Rows of an owner registered since a create that are listed at a time, */
    unstampedPageRows: 250,
    /** and how often; beyond it somebody imports, and the caller asks again later. */
    unstampedPages: 8,
    /** Unstamped rows in one answer, by the contract. */
    unstampedFound: 50,
    /** What of a message is kept free of texts: the envelope, and all else that an item says. */
    messageReserveShare: 0.1,
    itemReserveBytes: 4_096,
    /** Least room for a text, however many share the message. */
    leastTextBytes: 1_024,
    /** Links whose mailbox is remembered; asking costs a call each. About 10 MiB. */
    stamps: 50_000,
  },

  webhook: {
    /** For everything until the answer: SuperOffice's patience is not documented. */
    deliveryTimeLimitMs: 10_000,
    /** Rows worked on at one time; a delivery beyond it is answered 503 and comes again. */
    rowsAtOnce: 1_000,
    /** Event ids remembered, so that a repeated delivery costs nothing; SuperOffice repeats within seconds. */
    eventIds: 10_000,
    /** A delivery has a few hundred bytes; one with all field values a few thousand. */
    maxBodyBytes: 256 * 1024,
    /** Longest time for sending us a delivery. */
    requestTimeoutMs: 15_000,
  },

  polling: {
    /** How often the lease is asked for. */
    leaseEveryMs: 2_000,
    /** The least time between two turns, whatever the settings say. */
    shortestEveryMs: 200,
    /** The delay after a failed turn, doubled while it goes on. */
    delay: { baseMs: 2_000, maxMs: minuteMs, minMs: 200, maxHintMs: 5 * minuteMs },
    /** Rows looked at side by side; the client bounds the calls besides. */
    rowsAtOnce: 4,
    /** Rows become visible later than their time stamp says: a transaction that took long, a clock of another server. */
    overlapMs: 10 * minuteMs,
    /** The transaction log's ids are handed out in blocks: a lower one can show up after a higher one. */
    logWindowIds: 1_000,
    /** Newly linked users to load in one turn; the rest waits for the next, so that changes are polled in between. */
    usersPerTurn: 100,
    /** Associates named in one query: the address of a request has a bound. */
    associatesPerQuery: 100,
    /** The first look goes back so far: more than any two time zones are apart (see `archiveMarginMs`). */
    firstLookMs: 26 * 60 * minuteMs,
    /** What the NATS machine may have lost from the stream while it kept our marks (flushed separately). */
    restoreMs: 15 * minuteMs,
    /** Earlier marks are kept so far apart, and so many: the oldest must lie beyond `restoreMs`. */
    markEveryMs: 5 * minuteMs,
    marksKept: 8,
  },
} as const;

export interface WatcherEnvironment {
  readonly keyFile: string;
  readonly webhookHost: string;
  readonly webhookPort: number;
}

/** Throws with the variable's name when a value is missing or wrong. */
export function readEnvironment(variable: Kit['environment']): WatcherEnvironment {
  const keyFile = variable(environment.superofficeKeyFile.name);
  if (keyFile === undefined) throw new RangeError(`${environment.superofficeKeyFile.name} names no file`);
  const port = Number(variable(environment.webhookPort.name));
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`${environment.webhookPort.name} is not a port`);
  }
  return { keyFile, webhookHost: variable(environment.host.name) ?? '127.0.0.1', webhookPort: port };
}
