// Where scans run: one at a time for each mailbox, whether a notification or the sweep asked for it, and none while the mailbox is
// left alone after a failure. A mailbox in trouble holds up no other.
import { type Actors, createActors } from '@lockstep/actor';
import {
  changeMessage,
  changeSubject,
  codedError,
  type ErrorCode,
  type MailboxKey,
  UnreadableRecord,
  watchedKinds,
} from '@lockstep/contracts';
import type { Kit } from '@lockstep/service-kit';
import type { ScannerConfig } from '../config.ts';
import type { ScannerMetrics } from '../metrics.ts';
import type { ScanOutcome } from '../scan-outcome.ts';
import { type Scan, scanFolder } from './mailbox-scan.ts';
import { Troubles } from './troubles.ts';

export type ScanEnd =
  | { readonly kind: 'done' }
  /** Not done; to be asked for again after this time. */
  | { readonly kind: 'again'; readonly delayMs: number };

interface Work {
  readonly scan: Scan;
  readonly ended: (end: ScanEnd) => void;
}

/** What says that this one mailbox, or its folder, may not be opened. */
const closedCodes: ReadonlySet<ErrorCode> = new Set([
  'exchange-folder-missing',
  'exchange-access-denied',
  'exchange-mailbox-missing',
  'exchange-impersonation-denied',
]);

/** For what passes by itself within a moment: another scan of the mailbox, a lost lease. */
const soonMs = 250;

export class ScanRoom {
  readonly #kit: Kit;
  readonly #config: ScannerConfig;
  readonly #metrics: ScannerMetrics;
  readonly #troubles: Troubles;
  /** Counts the changes of the settings that decide how Exchange is reached. */
  #accessChanges = 0;
  readonly #actors: Actors<MailboxKey, Work>;

  constructor(kit: Kit, config: ScannerConfig, metrics: ScannerMetrics) {
    this.#kit = kit;
    this.#config = config;
    this.#metrics = metrics;
    this.#troubles = new Troubles({ ...config.retry, random: Math.random });
    this.#actors = createActors<MailboxKey, Work>({
      // More than there are places: the sweep's.
      capacity: config.places + config.pacedTogether,
      queue: config.waitingPerMailbox,
      idleMs: config.idleMs,
      handle: (_mailbox, work, signal) => this.#handle(work, signal),
      onFailure: (mailbox, err) => kit.log.error({ err, mailbox }, 'scan broke off'),
    });
  }

  /** Scans when it is the mailbox's turn. Never throws. */
  async scan(scan: Scan): Promise<ScanEnd> {
    const delayMs = this.#troubles.waitMs(scan.mailbox, this.#kit.clock.monotonic());
    if (delayMs > 0) return { kind: 'again', delayMs };
    return new Promise((ended) => {
      const told = this.#actors.tell(scan.mailbox, { scan, ended });
      if (told === 'busy') ended({ kind: 'again', delayMs: soonMs });
    });
  }

  /** Exchange is reached in another way now: nobody waits any more for what failed before. Returns the mailboxes that did. */
  forgetTroubles(): readonly MailboxKey[] {
    this.#accessChanges++;
    return this.#troubles.forgetAll();
  }

  async stop(withinMs: number): Promise<void> {
    await this.#actors.stop(withinMs);
  }

  async #handle({ scan, ended }: Work, stopped: AbortSignal): Promise<void> {
    const { clock } = this.#kit;
    const signal = AbortSignal.any([scan.signal, stopped]);
    const waitMs = this.#troubles.waitMs(scan.mailbox, clock.monotonic());
    if (waitMs > 0 || signal.aborted) return ended({ kind: 'again', delayMs: waitMs });
    try {
      const accessChanges = this.#accessChanges;
      const outcomes = await this.#scanFolders({ ...scan, signal });
      await this.#tellClosed(scan, outcomes);
      // What failed with settings that no longer hold says nothing of those that do.
      const outdated = accessChanges !== this.#accessChanges && outcomes.some(({ kind }) => kind === 'failed');
      ended(outdated ? { kind: 'again', delayMs: soonMs } : this.#conclude({ ...scan, signal }, outcomes));
    } catch (error) {
      if (error instanceof UnreadableRecord && error.isNewer) this.#kit.giveUp(error);
      const defect = codedError('internal-error');
      this.#metrics.failed(defect.code);
      ended({ kind: 'again', delayMs: this.#troubles.failed(scan.mailbox, defect, clock.monotonic()) });
      throw error;
    }
  }

  /** One watched folder after the other. One that fails holds up no other, and has the mailbox asked for again. */
  async #scanFolders(scan: Scan): Promise<readonly ScanOutcome[]> {
    const { bus, clock, settings } = this.#kit;
    const outcomes: ScanOutcome[] = [];
    for (const kind of watchedKinds(settings.sync())) {
      const beganMs = clock.monotonic();
      const outcome = await scanFolder({ bus, clock, bounds: this.#config.scan }, scan, kind);
      const lagMs = clock.now() - Date.parse(scan.firstSeenAt);
      this.#metrics.scanned(outcome, scan.changeClass, (clock.monotonic() - beganMs) / 1_000, lagMs / 1_000);
      outcomes.push(outcome);
    }
    return outcomes;
  }

  /**
   * Has the engine look at a mailbox that may not be opened: it tells people why, and compares the mailbox in full when it may. Told
   * with each failure, as the engine may have looked in between; the stream keeps only the last of them.
   */
  async #tellClosed({ mailbox, firstSeenAt, correlationId }: Scan, outcomes: readonly ScanOutcome[]): Promise<void> {
    if (!outcomes.some((outcome) => outcome.kind === 'failed' && closedCodes.has(outcome.error.code))) return;
    const change = { v: 1, kind: 'all', side: 'exchange', mailbox, firstSeenAt, reason: 'verification' } as const;
    const options = { correlationId, deadlineMs: this.#config.scan.publishDeadlineMs };
    const told = await this.#kit.bus.publish(changeMessage, changeSubject(change, 'bulk'), change, options);
    if (!told.ok)
      this.#kit.log.warn({ mailbox, correlationId, code: told.error.code }, 'a closed mailbox was not told');
  }

  #conclude({ mailbox, signal, correlationId }: Scan, outcomes: readonly ScanOutcome[]): ScanEnd {
    const failed = outcomes.find((outcome) => outcome.kind === 'failed');
    if (failed === undefined) {
      if (outcomes.some(({ kind }) => kind === 'superseded')) return { kind: 'again', delayMs: soonMs };
      this.#troubles.succeeded(mailbox);
      return { kind: 'done' };
    }
    if (signal.aborted) return { kind: 'again', delayMs: soonMs };
    const { code, detail } = failed.error;
    const nowMs = this.#kit.clock.monotonic();
    const delayMs = this.#troubles.failed(mailbox, failed.error, nowMs);
    // A gateway that hears of a new link after us heals by itself, and is no news when many are linked at once.
    const heals = code === 'mailbox-not-linked' && this.#troubles.lastedMs(mailbox, nowMs) < this.#config.unknownLinkMs;
    this.#kit.log[heals ? 'debug' : 'warn']({ mailbox, correlationId, code, detail, delayMs }, 'scan failed');
    return { kind: 'again', delayMs };
  }
}
