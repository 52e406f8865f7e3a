// Which streaming groups this gateway holds: whoever has the lease of a group subscribes for it. Leases are polled; with
// incremental change detection only, or with a backend that does not tell of changes by itself, there are no groups.
import { type Bus, BusError, type Lease } from '@lockstep/bus';
import { spread } from '@lockstep/bus/wait';
import { leaseKeys, type MailboxKey } from '@lockstep/contracts';
import type { Kit, SettingsReader } from '@lockstep/service-kit/kit';
import { gatewayConfig } from '../config.ts';
import type { Mailboxes } from '../mailboxes.ts';
import { loadGroups, placed, type StoredGroups, saveGroups } from './group-record.ts';
import { groupsOf, type MailboxGroup, type Watched } from './groups.ts';
import type { StreamingGroupParts } from './parts.ts';
import { StreamingGroup } from './streaming-group.ts';
import { WakeUp } from './wake-up.ts';

export interface StreamingGroupsOptions {
  readonly bus: Bus;
  readonly settings: SettingsReader;
  readonly mailboxes: Mailboxes;
  readonly log: Kit['log'];
  readonly holder: string;
  /** For stored groups of a newer release. */
  readonly giveUp: (error: Error) => void;
  readonly parts: StreamingGroupParts;
  readonly pollEveryMs: number;
}

const { rereadEveryMs, endWithinMs } = gatewayConfig.streaming;
const { maxGroupSize } = gatewayConfig.watch;

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
  #stored: StoredGroups = { groups: [], revision: 0 };
  #readAt = Number.NEGATIVE_INFINITY;
  #wanted: readonly MailboxGroup[] = [];
  #loop: Promise<void> | undefined;
  #turned = false;

  constructor(options: StreamingGroupsOptions) {
    this.#options = options;
  }

  start(): void {
    this.settingsChanged();
    this.#loop = this.#run();
    this.#loop.catch((error: unknown) => this.#options.giveUp(error as Error));
  }

  /** True when the leases were asked for once. */
  get turned(): boolean {
    return this.#turned;
  }

  /** Opens, closes and changes groups by the settings as they are now. */
  settingsChanged(): void {
    this.#apply();
    this.#poll.now();
  }

  #apply(): void {
    this.#wanted = groupsOf(this.#stored.groups, this.#watched());
    for (const [id, { group }] of this.#owned) {
      const wanted = this.#wanted.find((candidate) => candidate.id === id);
      if (wanted === undefined) void this.#giveUp(id);
      else group.setMembers(wanted.members);
    }
  }

  #watched(): ReadonlyMap<MailboxKey, Watched> {
    const { settings, mailboxes } = this.#options;
    const watched = settings.technical().incrementalChangeDetectionOnly ? [] : mailboxes.enabled();
    return new Map([...watched].filter(({ backend }) => backend.watches()).map((each) => [each.mailbox.key, each]));
  }

  /** Gives a place to everybody who has none, and reads again who was given one by another gateway. */
  async #place(): Promise<void> {
    const { bus, settings, log, parts } = this.#options;
    const bucket = bus.bucket('streaming-groups');
    const wanted = new Map([...this.#watched()].map(([key, { backend }]) => [key, backend.name]));
    const linked = new Set(settings.userLinks().keys());
    const next = () => placed(this.#stored.groups, wanted, linked, maxGroupSize);
    try {
      const now = parts.clock.monotonic();
      if (next() === undefined && now - this.#readAt < rereadEveryMs) return;
      this.#stored = await loadGroups(bucket);
      this.#readAt = now;
      const groups = next();
      // Another gateway was faster: the next turn reads what it wrote.
      if (groups !== undefined)
        this.#stored = (await saveGroups(bucket, groups, this.#stored.revision)) ?? this.#stored;
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      log.debug({ err: error }, 'streaming groups not read');
    }
    this.#apply();
  }

  /** Closes every stream and gives the leases back. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop?.catch(() => undefined);
    await Promise.all([...this.#owned.keys()].map((id) => this.#giveUp(id)));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const { pollEveryMs, parts } = this.#options;
    while (!signal.aborted) {
      await this.#place();
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
    const inOrder = !owned.lease.signal.aborted;
    if (inOrder) await owned.lease.release().catch(() => undefined);
    if (inOrder) await owned.group.endSubscriptions(endWithinMs);
    this.#options.log.info({ group: id }, 'streaming group given up');
  }
}
