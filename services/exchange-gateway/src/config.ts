// Every number of the gateway, with its unit and its reason. The lowest floor: whoever needs a number takes it from here or is
// handed it by service.ts.
import { governor } from '@lockstep/contracts';

/** Longest that Exchange may ask for, the same everywhere: a hint of weeks (BackOffMilliseconds 2147483647) is damaged, not meant. */
const { longestPauseMs } = governor.governorTimings;

export const gatewayConfig = {
  /** The session with the governor; its timings are those of the contract, since both ends count by them. */
  session: {
    /** Least time between two heartbeats that failed at once: a governor that is away is not asked without a stop. */
    leastGapMs: 250,
  },

  tokens: {
    /** Time of a caller's deadline that is kept for the call itself: a token that comes later is of no use. */
    reserveMs: 250,
    /** How often a grant of another epoch or an unknown session is answered by asking again; a failover costs two. */
    maxAttempts: 3,
    /** For giving back and withdrawing. What gets lost comes back when the governor misses the token in a heartbeat. */
    messageDeadlineMs: 5_000,
    /** Half a minute of trying; by then a governor that died has a successor, which counts anew. */
    maxReleaseAttempts: 6,
  },

  pauses: {
    /** Used when Exchange tells a mailbox or the account to wait without saying how long; exchangelib uses the same. */
    defaultMs: 60_000,
    longestMs: longestPauseMs,
    /** Shortest, so that an answer of 0 ms does not become a loop. */
    leastMs: 1_000,
    /** Too many requests at once ends with any of them: real answers suggest 0 ms. */
    connectionCountMs: 1_000,
    /** So many payers told to wait within this time are a server that is overloaded, not a mailbox (docs/architecture.md §5). */
    endpointPayers: 3,
    endpointWithinMs: 10_000,
    /** Paused mailboxes held; beyond it the endpoint pauses. The size that Lockstep is made for. */
    maxMailboxes: 10_000,
  },

  http: {
    userAgent: 'Lockstep/0.1',
    /** Largest answer, before and after gunzip; 250 rows or 25 items are far smaller. */
    maxAnswerBytes: 64 * 1024 * 1024,
    /** Kept open without a request; those in use are bounded by tokens. */
    maxIdleConnections: 64,
    /** Closed when idle for so long; below what servers and load balancers allow (IIS: 120 s, many balancers 60 s). */
    idleConnectionMs: 55_000,
    /** A write rides only on a connection used within this time: on a stale one its outcome would be unknown. */
    freshConnectionMs: 4_000,
    /** For TCP and TLS; undici's own default. */
    connectTimeoutMs: 10_000,
  },

  calls: {
    /** Longest call; .NET's Managed API waits as long. The governor frees nothing of a frozen gateway before that. */
    timeoutMs: 100_000,
    /** Time of the caller's deadline that is kept for the reply. */
    replyReserveMs: 200,
    /** Refusals in a row that stop the endpoint: one alone Exchange gives under load, more lock accounts. */
    refusalsToStop: 2,
    /** Between two probes of an endpoint that refuses us; below the usual window of a lockout policy (30 min, 5 tries). */
    probeEveryMs: 5 * 60_000,
    /**
     * The delay after a refused connection or a 503 that names no pause, doubled while it goes on; then one call tries, and the others
     * wait for it as long as an ordinary call takes at most.
     */
    unavailable: { baseMs: 1_000, maxMs: 60_000, probeMs: 5_000 },
  },

  oauth: {
    /** A token is asked for anew so long before the old one ends; Entra's last 60 to 90 min. */
    renewBeforeMs: 5 * 60_000,
    /** A token is not used in the last of its time: it has to be valid when the call arrives. */
    reserveMs: 10_000,
    /** How long nobody asks again after a refusal; new settings end it. */
    failedForMs: 30_000,
    timeoutMs: 30_000,
  },

  discovery: {
    /** The places of an address are 7; ten redirects are the documented most (Learn, POX redirects). */
    maxQuestions: 17,
    timeoutMs: 5_000,
    /** An answer has some 10 KB. */
    maxAnswerBytes: 1024 * 1024,
  },

  items: {
    /** Longest text of one item, in bytes of JSON: the item has to fit into a message of 512 KiB with the rest of it. */
    maxTextBytes: 300 * 1024,
    /** What of a message is kept free of items, for the envelope and what else stands beside them. */
    messageReserveBytes: 64 * 1024,
    /** Items with one stamp that are told; copies of a copy are few. */
    maxFoundByStamp: 10,
  },

  watch: {
    /** Mailboxes on one streaming connection: the server's bound. Source: Learn, "How to maintain affinity …". */
    maxGroupSize: 200,
    /** Longest silence of a stream; Exchange sends a sign of life every 45 s, the Managed API gives up after two of them. */
    idleMs: 100_000,
    /** How long Exchange holds a stream; its longest. */
    connectionMinutes: 30,
    /** Longest envelope of a stream; an event has about 1 KB, a group at most 200 of them at a time. */
    maxEnvelopeChars: 8 * 1024 * 1024,
    /** How long the governor is asked for a token of the pool `stream`. */
    tokenDeadlineMs: 60_000,
    /** Cookies of one group; Exchange sets two or three. */
    maxCookies: 16,
  },

  streaming: {
    /** Between two looks at the leases, ± 20 %; a group whose owner died is taken over within the lease and this. */
    pollEveryMs: 2_000,
    /** Subscriptions of a group made at the same time: 200 in half a minute, without crowding out calls. */
    subscribing: 4,
    subscribeDeadlineMs: 20_000,
    /** Between two looks at the stored groups when nobody is missing in them. */
    rereadEveryMs: 30_000,
    /** How long a stream may take to end for a newer one over the same subscriptions; then it is closed, and its mailboxes are asked. */
    handOverMs: 10_000,
    /** For ending the subscriptions of a group that is given up: within the time that a service has to stop. */
    endWithinMs: 5_000,
    /** The delay before a subscription or a stream is tried again; what Exchange asks for counts up to the longest pause. */
    retry: { baseMs: 2_000, maxMs: 60_000, minMs: 500, maxHintMs: longestPauseMs },
    /** A stream that lasted so long knew its subscriptions. */
    settledAfterMs: 5_000,
    /** Longest sleep of a loop that has nothing to do; a look at itself, should a wake-up ever be missed. */
    idleWaitMs: 60_000,
  },

  notifier: {
    /** Events of one mailbox gathered into one message: one save in Outlook makes three within some 20 ms. */
    gatherMs: 50,
    /** Messages published at the same time; the other mailboxes wait, each at most once. */
    publishing: 64,
    publishDeadlineMs: 30_000,
    retryDelayMs: 1_000,
  },

  /** Requests of one operation at work, and waiting: wide, since who waits here is out of the governor's sight and priorities. */
  serve: { running: 256, waiting: 256 },

  /** Within the 15 s of the kit: calls under way get some seconds, then they are aborted with the session. */
  stop: { finishWithinMs: 8_000, abortWithinMs: 2_000 },
} as const;
