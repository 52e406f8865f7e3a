// Which streaming groups this gateway holds: whoever has the lease of a group subscribes for it. Leases are polled; with
// incremental change detection only, or with a backend that does not tell of changes by itself, there are no groups.
import type { Bus, Lease } from '@lockstep/bus';
import { spread } from '@lockstep/bus/wait';
import { leaseKeys } from '@lockstep/contracts';
import type { Kit, SettingsReader } from '@lockstep/service-kit/kit';
import type { Mailboxes } from '../mailboxes.ts';
import { groupsOf, type MailboxGroup } from './groups.ts';
import { StreamingGroup, type StreamingGroupParts } from './streaming-group.ts';
import { WakeUp } from './wake-up.ts';

export interface StreamingGroupsOptions {
  readonly bus: Bus;
  readonly settings: SettingsReader;
  readonly mailboxes: Mailboxes;
  readonly log: Kit['log'];
  readonly holder: string;
  readonly parts: StreamingGroupParts;
  readonly pollEveryMs: number;
}

interface Owned {
  readonly lease: Lease;
  readonly group: StreamingGroup;
  readonly stopping: AbortController;
  readonly ended: Promise<void>;
}

export class StreamingGroups {
  readonly #options: StreamingGroupsOptions;
  readonly #owned = new Map<string, Owned>();
  readonly #stopping = new AbortController();
  readonly #poll = new WakeUp();
  #wanted: readonly MailboxGroup[] = [];
  #loop: Promise<void> | undefined;
  #turned = false;

  constructor(options: StreamingGroupsOptions) {
    this.#options = options;
  }

  start(): void {
    this.settingsChanged();
    this.#loop = this.#run();
  }

  /** True when the leases were asked for once. */
  get turned(): boolean {
    return this.#turned;
  }

  /** Opens, closes and changes groups by the settings as they are now. */
  settingsChanged(): void {
    const { settings, mailboxes } = this.#options;
    const watched = settings.technical().incrementalChangeDetectionOnly ? [] : mailboxes.enabled();
    this.#wanted = groupsOf([...watched].filter(({ backend }) => backend.watches()));
    for (const [id, { group }] of this.#owned) {
      const wanted = this.#wanted.find((candidate) => candidate.id === id);
      if (wanted === undefined) void this.#giveUp(id);
      else group.setMembers(wanted.members);
    }
    this.#poll.now();
  }

  /** Closes every stream and gives the leases back. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    await Promise.all([...this.#owned.keys()].map((id) => this.#giveUp(id)));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const { pollEveryMs, parts } = this.#options;
    while (!signal.aborted) {
      for (const { id } of this.#wanted) if (!this.#owned.has(id) && !signal.aborted) await this.#tryToOwn(id);
      this.#turned = true;
      await this.#poll.wait(spread(pollEveryMs, parts.random), signal);
    }
  }

  async #tryToOwn(id: string): Promise<void> {
    const { bus, holder, log, parts } = this.#options;
    let lease: Lease | undefined;
    try {
      lease = await bus.tryLease({ key: leaseKeys.streamingGroup(id), holder });
    } catch (error) {
      // NATS does not answer; the next poll asks again.
      log.debug({ err: error }, 'lease not asked for');
      return;
    }
    if (lease === undefined) return;
    const wanted = this.#wanted.find((candidate) => candidate.id === id);
    if (wanted === undefined || this.#stopping.signal.aborted) {
      await lease.release();
      return;
    }
    const group = new StreamingGroup(wanted.backend, parts);
    group.setMembers(wanted.members);
    const stopping = new AbortController();
    const lost = () => void this.#giveUp(id);
    lease.signal.addEventListener('abort', lost, { once: true });
    const ended = group.run(stopping.signal).catch((error: unknown) => {
      log.error({ err: error, group: id }, 'streaming group failed');
      void this.#giveUp(id);
    });
    this.#owned.set(id, { lease, group, stopping, ended });
    log.info({ group: id, mailboxes: wanted.members.length }, 'streaming group taken');
    if (lease.signal.aborted) lost();
  }

  async #giveUp(id: string): Promise<void> {
    const owned = this.#owned.get(id);
    if (owned === undefined) return;
    this.#owned.delete(id);
    owned.stopping.abort();
    await owned.ended;
    // Given back only when the stream is closed; a lost lease is no longer ours to give.
    if (!owned.lease.signal.aborted) await owned.lease.release().catch(() => undefined);
    this.#options.log.info({ group: id }, 'streaming group given up');
  }
}
