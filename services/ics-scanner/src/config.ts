// The bounds and timings of the scanner.
import { governor } from '@lockstep/contracts';
import type { DelayBounds } from '@lockstep/flow-control';

export interface ScanBounds {
  /** At most 512 (EWS). */
  readonly maxChangesPerPage: number;
  /** A folder with more pages is taken as a defect of the answer. */
  readonly maxPages: number;
  readonly callDeadlineMs: number;
  readonly publishDeadlineMs: number;
  /** Changes published at the same time. */
  readonly publishTogether: number;
}

export interface ScannerConfig {
  readonly scan: ScanBounds;
  /** Mailboxes scanned at the same time by this process; each partition that waits for a notification holds one of these places. */
  readonly places: number;
  /** Wake-ups that wait behind the one at work, for each mailbox. */
  readonly waitingPerMailbox: number;
  readonly idleMs: number;
  /** How long one fetch waits for a notification. */
  readonly fetchWaitMs: number;
  readonly progressEveryMs: number;
  /** When to look once more at the notification of a mailbox that is not linked: its link may not have been heard of yet. */
  readonly unknownLinkMs: number;
  /** How long a partition that is handed over waits for its running scans. */
  readonly handOverMs: number;
  /** How often leases are looked at, ± 20 %. */
  readonly leasesEveryMs: number;
  /** Cookies looked at together when a partition is taken. */
  readonly lookTogether: number;
  /** The pause of the sequential sweep between two mailboxes. */
  readonly sweepPauseMs: number;
  /** Mailboxes that the paced sweep visits at the same time, and how long a round of it takes at least. */
  readonly pacedTogether: number;
  readonly pacedRoundMs: number;
  /** When a mailbox whose scan failed is scanned again, and how many such mailboxes are remembered. */
  readonly retry: DelayBounds & { readonly maxMailboxes: number };
}

export const scannerConfig: ScannerConfig = {
  scan: {
    maxChangesPerPage: 512,
    // 500,000 items.
    maxPages: 1_000,
    callDeadlineMs: 60_000,
    publishDeadlineMs: 10_000,
    publishTogether: 32,
  },
  places: 128,
  waitingPerMailbox: 2,
  idleMs: 1_000,
  fetchWaitMs: 10_000,
  progressEveryMs: 10_000,
  // Longer than the kit takes to read settings again whose announcement was lost.
  unknownLinkMs: 35_000,
  handOverMs: 5_000,
  leasesEveryMs: 2_000,
  lookTogether: 16,
  sweepPauseMs: 3_000,
  // With delegation the account pays for all, and Exchange lets it run 27 calls: most of them stay free for what people wait for.
  pacedTogether: 8,
  // A change of Exchange is found within about this; each mailbox costs six calls a minute for a folder.
  pacedRoundMs: 10_000,
  // A pause that Exchange asks for is obeyed for an hour at most, as everywhere.
  retry: {
    ...{ baseMs: 2_000, maxMs: 300_000, maxHintMs: governor.governorTimings.longestPauseMs },
    maxMailboxes: 20_000,
  },
};
