// Every number of the engine, with its unit and its reason. Tests shorten the waits in `EngineConfig`; nothing else
// differs there. The numbers of the decisions below it are those of docs/architecture.md and the same everywhere.
import { governor } from '@lockstep/contracts';

export interface EngineConfig {
  // What runs at the same time, and what waits
  /** Mailboxes that are worked on at the same time. */
  readonly runningMailboxes: number;
  /** Mailboxes whose state is kept in memory. */
  readonly cachedMailboxes: number;
  /** Messages that wait for one mailbox in this process; more are handed back to the stream. */
  readonly waitingPerMailbox: number;
  /** An actor without messages for so long is put away. */
  readonly idleMs: number;
  /** Open creates of one mailbox at the same time. */
  readonly openIntents: number;
  /** Unanswered creates of one mailbox that are looked at twice; more within five minutes mean that a whole side was down. */
  readonly secondLooks: number;
  /** Suspected deletes looked at in one pass over what a mailbox owes itself; the rest follow in the next. */
  readonly suspectsAtOnce: number;
  /** Messages of one partition in hand at the same time, by class. */
  readonly inHand: { readonly now: number; readonly bulk: number };
  /** After so many messages of class `now`, one of `bulk` is fetched even though more of `now` wait (docs/architecture.md §4: one in ten). */
  readonly nowPerBulk: number;
  /** Commands of one partition that run, and that wait; more are answered `busy`. */
  readonly commands: { readonly running: number; readonly waiting: number };

  // Sizes
  /** A stored chunk of links larger than this is split; the bucket takes 256 KiB a value. */
  readonly splitBytes: number;
  /** Items of a full compare handled before a waiting change of the same mailbox gets its turn. */
  readonly compareSliceItems: number;
  /** Rows that a listing of one part of the window may have. */
  readonly segmentRows: number;
  readonly pageItems: number;
  /** Ids that one read takes, by the contract of both sides. */
  readonly readAtOnce: number;
  /** Parked items shown to who asks; the answer must stay under 512 KiB. */
  readonly parkedShown: number;

  // How long a call may take
  readonly readLimitMs: number;
  readonly writeLimitMs: number;
  /** Deadline of one history or wake-up record. */
  readonly publishLimitMs: number;

  // When something is looked at again
  /** Added to twice `writeLimitMs` (stamp, then create) before finding nothing means that nothing was created. */
  readonly settleMarginMs: number;
  /** After an unanswered create was settled: a late twin shows by then (docs/architecture.md §7). */
  readonly secondLookMs: number;
  /** Two misses at least so far apart prove a delete for which there is no record (docs/architecture.md §7: a minute). */
  readonly proofGapMs: number;
  /** How often a refused conditional write is read and merged again before the message is tried later. */
  readonly tries: number;
  /** Delay of a message whose item others kept changing through all `tries`: they are still at it. */
  readonly contendedDelayMs: number;
  /** What a mailbox owes itself waits at least so long after a side failed at it. */
  readonly failedLookDelayMs: number;
  /** First, shortest and longest delay of a message before its next try. */
  readonly retryBaseMs: number;
  readonly retryLeastMs: number;
  readonly retryCapMs: number;
  /** The longest pause that a side may ask for; the governor's too (docs/architecture.md §5). A change of the settings ends it. */
  readonly longestPauseMs: number;
  /** Delay of a message for which the mailbox's queue has no room, and the least delay of one that waits for an instant. */
  readonly fullDelayMs: number;
  /** Delay after the stored state was found to be another's: the next look reads it anew. */
  readonly conflictDelayMs: number;
  /** An alarm never rings sooner, so that a clock that went back makes no busy loop. */
  readonly leastAlarmMs: number;
  /** A change for a mailbox that no user link names is dropped when it is older than this: the settings told all by then. */
  readonly unknownMailboxMs: number;

  // Ownership and intake
  /** How often a lease that another holds is tried; a lease lives 15 s. */
  readonly leasePollMs: number;
  /** How long one fetch waits for a message; 128 such fetches are open when nothing happens. */
  readonly fetchWaitMs: number;
  /** A fetch of `now` that waits longer than this found nothing waiting, so `bulk` may go. */
  readonly emptyAfterMs: number;
  /** Delay of the intake after NATS failed it. */
  readonly intakeDelayMs: number;
  /** How often a message that is still worked on says so; the consumer hands it out again after 30 s of silence. */
  readonly workingEveryMs: number;
  /** How long SIGTERM waits for what is under way before it is abandoned (docs/architecture.md §9: all within 20 s). */
  readonly stopWithinMs: number;
  /** How long a step that outlived its partition may still take before its calls are aborted. */
  readonly leftoversMs: number;
}

const KiB = 1024;

export const standardConfig: EngineConfig = {
  runningMailboxes: 32,
  cachedMailboxes: 256,
  waitingPerMailbox: 64,
  idleMs: 60_000,
  openIntents: 64,
  secondLooks: 100,
  suspectsAtOnce: 25,
  inHand: { now: 4, bulk: 2 },
  nowPerBulk: 9,
  commands: { running: 4, waiting: 50 },

  splitBytes: 192 * KiB,
  compareSliceItems: 25,
  segmentRows: 20_000,
  pageItems: 100,
  readAtOnce: 25,
  parkedShown: 200,

  readLimitMs: 30_000,
  writeLimitMs: 30_000,
  publishLimitMs: 10_000,

  settleMarginMs: 5_000,
  secondLookMs: 5 * 60_000,
  proofGapMs: 60_000,
  tries: 3,
  contendedDelayMs: 3_000,
  failedLookDelayMs: 15_000,
  retryBaseMs: 1_000,
  retryLeastMs: 100,
  retryCapMs: 60_000,
  longestPauseMs: governor.governorTimings.longestPauseMs,
  fullDelayMs: 1_000,
  conflictDelayMs: 200,
  leastAlarmMs: 50,
  unknownMailboxMs: 120_000,

  leasePollMs: 2_000,
  fetchWaitMs: 20_000,
  emptyAfterMs: 50,
  intakeDelayMs: 1_000,
  workingEveryMs: 10_000,
  stopWithinMs: 8_000,
  leftoversMs: 500,
};

/** The delete brake of docs/architecture.md §7: beyond the greater of the two bounds, deletes wait for an administrator. */
export const deleteBrake = { windowMinutes: 10, freeDeletes: 20, freeShare: 0.1 } as const;

/** The loop breaker of docs/architecture.md §7: more alternating writes within the window park the link. */
export const loopBreaker = { windowMs: 10 * 60_000, maxAlternatingWrites: 4 } as const;

const hourMs = 3_600_000;

/** Every mailbox is compared in full each night of its owner (docs/architecture.md §6), but not when that was done within the last hours. */
export const night = { fromMs: hourMs, lengthMs: 4 * hourMs, leastMs: 12 * hourMs } as const;

/** Two servers' clocks differ by less: creation times and "since" are compared with this much room. */
export const clockSkewMs = 60_000;

/** A full compare lists the window in parts, nearest first: small where people look first, then ever wider. */
export const compareParts = { firstDays: 7, widestDays: 56 } as const;

/** A whole-day item begins at midnight of a zone that the two sides may see differently, by up to so much. */
export const sameDayMs = 15 * 3_600_000;

/** Of a text that we overwrite or delete the history keeps so much, as JSON (docs/architecture.md §7); two of them fit into one message. */
export const keptTextBytes = 64 * KiB;
