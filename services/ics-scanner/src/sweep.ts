// Visits the linked users where nobody is told of changes. The sequential sweep, with "use incremental change detection only": in
// order, one at a time, and pauses 3 s between two. This is the documented meaning of the setting and stays exactly so. The paced
// sweep, with delegation, for which Exchange has no subscriptions: several at a time, round by round. Whoever is in trouble has the
// next round.
import type { Lease, Stoppable } from '@lockstep/bus';
import { aborted, wait } from '@lockstep/bus/wait';
import type { MailboxKey, TechnicalSettings, UserLink } from '@lockstep/contracts';
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
      const mode = sweepOf(kit.settings.technical());
      metrics.sweeping(mode !== 'none');
      if (mode === 'none') {
        await aborted(changed);
        continue;
      }
      if (mode === 'paced') {
        await this.#round(ends, changed);
        continue;
      }
      last = nextAfter(last, kit.settings.userLinks());
      if (last !== undefined) await this.#visit(last.mailbox, ends);
      await wait(config.sweepPauseMs, changed);
    }
    metrics.sweeping(false);
  }

  /** Everybody once, and no sooner again than the pace allows. What is under way when the settings change is brought to its end. */
  async #round(ends: AbortSignal, changed: AbortSignal): Promise<void> {
    const { kit, config } = this.#tools;
    const beganMs = kit.clock.monotonic();
    const users = inOrder(kit.settings.userLinks()).values();
    const lane = async () => {
      for (const { mailbox } of users) {
        if (changed.aborted) return;
        await this.#visit(mailbox, ends);
      }
    };
    await Promise.all(Array.from({ length: config.pacedTogether }, lane));
    await wait(Math.max(config.sweepPauseMs, config.pacedRoundMs - (kit.clock.monotonic() - beganMs)), changed);
  }

  async #visit(mailbox: MailboxKey, signal: AbortSignal): Promise<void> {
    const { kit, metrics, room } = this.#tools;
    const firstSeenAt = new Date(kit.clock.now()).toISOString();
    const correlationId = kit.ids.uuidv7();
    await room.scan({ mailbox, changeClass: 'bulk', priority: 'sweep', firstSeenAt, correlationId, signal });
    metrics.sweepVisited();
  }
}

/** How the users are visited. With impersonation and notifications they are not. */
export function sweepOf({
  incrementalChangeDetectionOnly,
  access,
}: Pick<TechnicalSettings, 'incrementalChangeDetectionOnly' | 'access'>): 'sequential' | 'paced' | 'none' {
  if (incrementalChangeDetectionOnly) return 'sequential';
  return access === 'delegation' ? 'paced' : 'none';
}

/** The next linked user in the order of linking, the first one after the last. */
export function nextAfter(last: UserLink | undefined, links: ReadonlyMap<MailboxKey, UserLink>): UserLink | undefined {
  const order = inOrder(links);
  return order.find((link) => last !== undefined && place(link) > place(last)) ?? order[0];
}

const place = ({ linkedAt, mailbox }: UserLink): string => `${linkedAt} ${mailbox}`;

function inOrder(links: ReadonlyMap<MailboxKey, UserLink>): readonly UserLink[] {
  return [...links.values()].filter((link) => link.enabled).sort((a, b) => (place(a) < place(b) ? -1 : 1));
}
