// The throttling policy: what one budget owner may do. The defaults are those of an Exchange 2019 on premises as far as
// they are known; null is no limit. A test sets its own.

/** How a request over the time budget is answered. */
export type BusyAnswer = 'fault' | 'message' | 'http503' | 'html500' | 'http401';

export interface ThrottlePolicy {
  /** Requests open at once; streams do not count. */
  readonly maxConcurrency: number | null;
  /** Of these, SyncFolderItems and SyncFolderHierarchy. Exchange has such a limit but does not publish it. */
  readonly maxConcurrentSyncCalls: number | null;
  /** GetStreamingEvents connections open at once. */
  readonly hangingConnectionLimit: number | null;
  /** Subscriptions that are alive, by the mailbox that they watch. */
  readonly maxSubscriptions: number | null;
  /** Items that FindItem and FindFolder hold at once: without and with a filter. */
  readonly findCountLimit: number | null;
  readonly filteredFindCountLimit: number | null;
  /** Time that may be used at once. */
  readonly maxBurstMs: number;
  /** Time that comes back in an hour. */
  readonly rechargeMsPerHour: number;
  /** Debt at which everything is refused until the debt is gone. */
  readonly cutoffMs: number;
  /** The longest hint that is given; real servers stay below five minutes. */
  readonly maxBackOffMs: number;
  readonly busyAnswer: BusyAnswer;
  /** Time that each request costs besides what it takes, by operation; a fast simulator would else never be over budget. */
  readonly costMs: Readonly<Record<string, number>>;
}

export const defaultPolicy: ThrottlePolicy = {
  maxConcurrency: 27,
  maxConcurrentSyncCalls: null,
  hangingConnectionLimit: 10,
  maxSubscriptions: 5000,
  findCountLimit: 1000,
  filteredFindCountLimit: 250,
  maxBurstMs: 300_000,
  rechargeMsPerHour: 900_000,
  cutoffMs: 3_000_000,
  maxBackOffMs: 299_984,
  busyAnswer: 'fault',
  costMs: {},
};
