// The bounds and waits of the engine, in one place. Tests shorten the waits; nothing else differs there.

export interface EngineConfig {
  /** Mailboxes that are worked on at the same time. */
  readonly runningMailboxes: number;
  /** Mailboxes whose state is kept in memory. */
  readonly cachedMailboxes: number;
  /** Messages that wait for one mailbox in this process; more are handed back to the stream. */
  readonly waitingPerMailbox: number;
  /** An actor without messages for so long is put away. */
  readonly idleMs: number;
  /** A stored chunk of links larger than this is split. */
  readonly splitBytes: number;
  readonly readLimitMs: number;
  readonly writeLimitMs: number;
  /** Added to `writeLimitMs` before finding nothing means that nothing was created. */
  readonly settleMarginMs: number;
  readonly secondLookMs: number;
  /** Two misses at least so far apart prove a delete where SuperOffice shows no record of it. */
  readonly proofGapMs: number;
  /** How often a refused conditional write is read and merged again before the message is tried later. */
  readonly tries: number;
  /** Open creates of one mailbox at the same time. */
  readonly openIntents: number;
  readonly retryBaseMs: number;
  readonly retryCapMs: number;
  /** A change for a mailbox that no user link names is dropped when it is older than this. */
  readonly unknownMailboxMs: number;
  /** How often a lease that another holds is tried. */
  readonly leasePollMs: number;
  /** How long one fetch waits for a message; 128 such fetches are open when nothing happens. */
  readonly fetchWaitMs: number;
  /** How often a message that is still worked on says so. */
  readonly workingEveryMs: number;
  /** Deadline of one history or wake-up record. */
  readonly publishLimitMs: number;
  /** How long SIGTERM waits for what is under way before it is abandoned. */
  readonly stopWithinMs: number;
  /** Items of a full compare handled before a waiting change of the same mailbox gets its turn. */
  readonly compareSliceItems: number;
  /** Rows that a listing of one part of the window may have. */
  readonly segmentRows: number;
  readonly pageItems: number;
}

const KiB = 1024;

export const standardConfig: EngineConfig = {
  runningMailboxes: 32,
  cachedMailboxes: 256,
  waitingPerMailbox: 64,
  idleMs: 60_000,
  splitBytes: 192 * KiB,
  readLimitMs: 30_000,
  writeLimitMs: 30_000,
  settleMarginMs: 5_000,
  secondLookMs: 5 * 60_000,
  proofGapMs: 60_000,
  tries: 3,
  openIntents: 64,
  retryBaseMs: 1_000,
  retryCapMs: 60_000,
  unknownMailboxMs: 120_000,
  leasePollMs: 2_000,
  fetchWaitMs: 20_000,
  workingEveryMs: 10_000,
  publishLimitMs: 10_000,
  stopWithinMs: 8_000,
  compareSliceItems: 25,
  segmentRows: 20_000,
  pageItems: 100,
};
