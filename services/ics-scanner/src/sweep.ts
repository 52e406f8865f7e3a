// The sequential sweep, with "use incremental change detection only": visits the linked users in order, one at a time, and pauses 3 s
// between two. This is the documented meaning of the setting and stays exactly so; whoever is in trouble has the next round.
import type { Lease, Stoppable } from '@lockstep/bus';
import { aborted, wait } from '@lockstep/bus/wait';
import type { MailboxKey, UserLink } from '@lockstep/contracts';
import type { ScannerTools } from './scan/scanner-tools.ts';

export class Sweep implements Stoppable {
  readonly #tools: Omit<ScannerTools, 'places'>;
  readonly #lease: Lease;
  readonly #closed = new AbortController();
  readonly #loop: Promise<void>;
  readonly #unlisten: () => void;
  /** Aborted when the settings change, so that a pause is no longer than the new settings allow. */
  #changed = new AbortController();

  constructor(tools: Omit<ScannerTools, 'places'>, lease: Lease) {
    this.#tools = tools;
    this.#lease = lease;
    this.#unlisten = tools.kit.settings.onChange((section) => section === 'technical' && this.#onChange());
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#unlisten();
    this.#closed.abort();
    await this.#loop;
  }

  #onChange(): void {
    this.#changed.abort();
    this.#changed = new AbortController();
  }

  async #run(): Promise<void> {
    const { kit, config, metrics } = this.#tools;
    const ends = AbortSignal.any([this.#lease.signal, this.#closed.signal]);
    let last: UserLink | undefined;
    while (!ends.aborted) {
      const changed = AbortSignal.any([ends, this.#changed.signal]);
      const on = kit.settings.technical().incrementalChangeDetectionOnly;
      metrics.sweeping(on);
      if (!on) {
        await aborted(changed);
        continue;
      }
      last = nextAfter(last, kit.settings.userLinks());
      if (last !== undefined) await this.#visit(last.mailbox, ends);
      await wait(config.sweepPauseMs, changed);
    }
    metrics.sweeping(false);
  }

  async #visit(mailbox: MailboxKey, signal: AbortSignal): Promise<void> {
    const { kit, metrics, room } = this.#tools;
    const firstSeenAt = new Date(kit.clock.now()).toISOString();
    const correlationId = kit.ids.uuidv7();
    await room.scan({ mailbox, changeClass: 'bulk', priority: 'sweep', firstSeenAt, correlationId, signal });
    metrics.sweepVisited();
  }
}

/** The next linked user in the order of linking, the first one after the last. */
export function nextAfter(last: UserLink | undefined, links: ReadonlyMap<MailboxKey, UserLink>): UserLink | undefined {
  const place = ({ linkedAt, mailbox }: UserLink) => `${linkedAt} ${mailbox}`;
  const order = [...links.values()].filter((link) => link.enabled).sort((a, b) => (place(a) < place(b) ? -1 : 1));
  return order.find((link) => last !== undefined && place(link) > place(last)) ?? order[0];
}
