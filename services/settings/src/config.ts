// The bounds and waits of the settings service, each with its reason. What the environment says is in environment.ts.

export const settingsConfig = {
  /** How often the stored administrator token is read again, for when its broadcast was lost. */
  tokenRefreshEveryMs: 30_000,
  /** Writers of user links: beyond so many waiting in this process one is told `service-busy`. */
  userLinkWriters: {
    waiting: 100,
    /** As long as another replica may need for what waits with it. */
    leaseWaitMs: 10_000,
    leasePollMs: 50,
  },
} as const;

/** Races that one write loses before it gives up; each means that another write succeeded. */
export const maxWriteAttempts = 8;

/** Deleted user links that a chunk remembers, 130 bytes each in a value of at most 512 KiB; the oldest is forgotten first. */
export const maxRememberedLinks = 500;

/** A connection test makes several calls to a server that may be slow. */
export const connectionTestDeadlineMs = 30_000;
/** One read by another service. A missing service is waited for as long, since it may be just starting. */
export const operationDeadlineMs = 5_000;

/** Retry-After when an error says `busy` without a time. */
export const standardRetryAfterMs = 1_000;
