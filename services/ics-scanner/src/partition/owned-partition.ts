// A partition that this replica owns: its notifications are taken, unless the sequential sweep is on, and its mailboxes are looked
// after. With "use incremental change detection only" notifications wait in the stream until it is switched off.
import type { Stoppable } from '@lockstep/bus';
import { spread, wait } from '@lockstep/bus/wait';
import type { MailboxKey } from '@lockstep/contracts';
import type { ScannerTools } from '../scan/scanner-tools.ts';
import { Intake } from './intake.ts';
import { Lookout } from './lookout.ts';

export class OwnedPartition implements Stoppable {
  readonly #tools: ScannerTools;
  readonly #partition: number;
  readonly #lease: AbortSignal;
  readonly #lookout: Lookout;
  readonly #closed = new AbortController();
  #intake: Intake | undefined;
  /** Intakes are begun and ended one after the other: two of one partition would take each other's consumer. */
  #changing: Promise<void> = Promise.resolve();
  #lookWanted = false;
  #looking: Promise<void> | undefined;

  constructor(tools: ScannerTools, partition: number, lease: AbortSignal) {
    this.#tools = tools;
    this.#partition = partition;
    this.#lease = lease;
    const { lookTogether, scan } = tools.config;
    const bounds = { lookTogether, publishDeadlineMs: scan.publishDeadlineMs };
    this.#lookout = new Lookout(tools.kit, bounds, partition);
    this.followMode();
    this.look();
  }

  /** Takes notifications, or leaves them, as the settings now say. */
  followMode(): void {
    this.#changing = this.#changing.then(() => this.#followMode());
  }

  /** Looks for mailboxes that nobody will report, until it succeeded. */
  look(): void {
    this.#lookWanted = true;
    this.#looking ??= this.#lookUntilDone();
  }

  /** Looks at these again, for what they waited for is no more. */
  lookAgainAt(mailboxes: readonly MailboxKey[]): void {
    this.#lookout.forget(mailboxes);
    this.look();
  }

  /** NATS is back, perhaps another server: what it was asked is asked again, and every mailbox looked at. */
  reconnected(): void {
    this.#intake?.askAgain();
    this.look();
  }

  async stop(): Promise<void> {
    this.#closed.abort();
    this.followMode();
    await Promise.all([this.#changing, this.#looking]);
  }

  async #followMode(): Promise<void> {
    const { kit } = this.#tools;
    const wanted = !this.#closed.signal.aborted && !kit.settings.technical().incrementalChangeDetectionOnly;
    if (wanted) this.#intake ??= new Intake(this.#tools, this.#partition, this.#lease);
    else await this.#intake?.stop();
    if (!wanted) this.#intake = undefined;
  }

  async #lookUntilDone(): Promise<void> {
    const ends = AbortSignal.any([this.#closed.signal, this.#lease]);
    while (this.#lookWanted && !ends.aborted) {
      this.#lookWanted = false;
      try {
        await this.#lookout.look(ends);
      } catch (err) {
        this.#lookWanted = true;
        this.#tools.kit.log.warn({ err, partition: this.#partition }, 'mailboxes could not be looked at');
        await wait(spread(this.#tools.config.leasesEveryMs), ends);
      }
    }
    this.#looking = undefined;
  }
}
