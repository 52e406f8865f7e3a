// The subscriptions of one group and the connection over which the server tells of changes. Two loops: one makes subscriptions, the
// other holds the watch over those that there are. First subscribe, then publish the mailbox: what changed before is found by the
// sync that this wakes.
import type { CodedError, MailboxKey } from '@lockstep/contracts';
import type { DelayBounds } from '@lockstep/flow-control';
import type { Clock, Ids } from '@lockstep/service-kit/kit';
import type { Backend, Mailbox, SubscriptionId, Watch, WatchEnd } from '../backend.ts';
import { gatewayConfig } from '../config.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { linkedAbort } from '../tokens/linked-abort.ts';
import type { Notifier } from './notifier.ts';
import { delayAfter } from './retry.ts';
import { WakeUp } from './wake-up.ts';

export interface StreamingGroupParts {
  readonly notifier: Notifier;
  readonly metrics: GatewayMetrics;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: () => number;
  /** Subscriptions made at the same time. */
  readonly subscribing: number;
  readonly subscribeDeadlineMs: number;
  readonly retry: DelayBounds;
}

interface Member {
  readonly mailbox: Mailbox;
  subscriptionId?: SubscriptionId;
  failures: number;
  nextAttemptAt: number;
}

const { settledAfterMs, idleWaitMs } = gatewayConfig.streaming;

export class StreamingGroup {
  readonly #backend: Backend;
  readonly #parts: StreamingGroupParts;
  readonly #members = new Map<MailboxKey, Member>();
  readonly #toSubscribe = new WakeUp();
  readonly #toStream = new WakeUp();
  #watch: Watch;
  /** Where the watch was begun; nothing of it counts elsewhere. */
  #place: string;
  /** Ends the present stream, because it no longer covers the right subscriptions. */
  #present = new AbortController();
  /** Streams in a row that broke before anything came. */
  #brokenInARow = 0;
  /** Streams in a row that ended soon because Exchange no longer knew their subscriptions. */
  #lostInARow = 0;

  constructor(backend: Backend, parts: StreamingGroupParts) {
    this.#backend = backend;
    this.#parts = parts;
    this.#watch = backend.openWatch();
    this.#place = backend.place();
  }

  /** Works until the signal aborts; then the stream is closed and its token given back. Rejects when a loop failed. */
  async run(signal: AbortSignal): Promise<void> {
    const failed = new AbortController();
    const link = linkedAbort(signal, failed.signal);
    const loops = [this.#subscribeLoop(link.signal), this.#streamLoop(link.signal)];
    for (const loop of loops) loop.catch(() => failed.abort());
    const ends = await Promise.allSettled(loops);
    link.unlink();
    for (const member of this.#members.values()) this.#forget(member);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  /** The mailboxes to watch. Without the anchor, or at another place, the whole group is made anew. */
  setMembers(wanted: readonly Mailbox[]): void {
    const addresses = new Map(wanted.map((mailbox) => [mailbox.key, mailbox.address]));
    let watchChanged = false;
    for (const member of [...this.#members.values()]) {
      if (addresses.get(member.mailbox.key) === member.mailbox.address) continue;
      watchChanged ||= member.subscriptionId !== undefined;
      this.#forget(member);
      this.#members.delete(member.mailbox.key);
    }
    for (const mailbox of wanted) {
      if (!this.#members.has(mailbox.key)) this.#members.set(mailbox.key, { mailbox, failures: 0, nextAttemptAt: 0 });
    }
    const { anchor } = this.#watch;
    if ((anchor !== undefined && !this.#members.has(anchor)) || this.#place !== this.#backend.place())
      this.#startAnew();
    else if (watchChanged) this.#reopen();
    this.#toSubscribe.now();
  }

  /** Another server, account or anchor: nothing of the old subscriptions counts. */
  #startAnew(): void {
    this.#place = this.#backend.place();
    this.#watch = this.#backend.openWatch();
    for (const member of this.#members.values()) {
      this.#forget(member);
      member.failures = 0;
      member.nextAttemptAt = 0;
    }
    this.#reopen();
  }

  async #subscribeLoop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const now = this.#parts.clock.monotonic();
      const missing = [...this.#members.values()].filter((member) => member.subscriptionId === undefined);
      const due = missing.filter((member) => member.nextAttemptAt <= now);
      if (due.length === 0) {
        const next = Math.min(now + idleWaitMs, ...missing.map((member) => member.nextAttemptAt));
        await this.#toSubscribe.wait(Math.max(0, next - now), signal);
        continue;
      }
      const width = this.#watch.anchor === undefined ? 1 : this.#parts.subscribing;
      await this.#subscribeAll(due, width, signal);
    }
  }

  /** Tries all that are due. Until one of them stands as the anchor, one after the other. */
  async #subscribeAll(due: readonly Member[], width: number, signal: AbortSignal): Promise<void> {
    const rest = [...due];
    let gained = false;
    const worker = async () => {
      for (let member = rest.shift(); member !== undefined && !signal.aborted; member = rest.shift()) {
        gained = (await this.#subscribe(member, signal)) || gained;
        if (width === 1 && gained) return;
      }
    };
    await Promise.all(Array.from({ length: width }, worker));
    // The anchor alone does not open a stream when others are still to come.
    if (gained && (width > 1 || rest.length === 0)) this.#reopen();
  }

  async #subscribe(member: Member, signal: AbortSignal): Promise<boolean> {
    const { clock, ids, notifier, metrics, subscribeDeadlineMs } = this.#parts;
    const watch = this.#watch;
    const endsAt = clock.monotonic() + subscribeDeadlineMs;
    const outcome = await watch.subscribe({
      mailbox: member.mailbox,
      priority: 'change',
      correlationId: ids.uuidv7(),
      remainingMs: () => Math.max(0, endsAt - clock.monotonic()),
      signal,
    });
    // It was removed, or everything begun anew, while Exchange answered.
    if (signal.aborted || this.#members.get(member.mailbox.key) !== member || this.#watch !== watch) return false;
    if (!outcome.ok) {
      member.failures++;
      member.nextAttemptAt = clock.monotonic() + this.#delayMs(member.failures, outcome.error);
      return false;
    }
    member.subscriptionId = outcome.value;
    member.failures = 0;
    metrics.subscriptions.inc();
    notifier.tell(member.mailbox.key, 'subscribed');
    return true;
  }

  async #streamLoop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const byId = this.#mailboxesById();
      if (byId.size === 0 || !this.#complete()) {
        await this.#toStream.wait(idleWaitMs, signal);
        continue;
      }
      const beganAt = this.#parts.clock.monotonic();
      const end = await this.#hold(byId, signal);
      const lastedMs = this.#parts.clock.monotonic() - beganAt;
      if (!signal.aborted) await this.#afterStream(end, byId, lastedMs, signal);
    }
  }

  async #hold(byId: ReadonlyMap<SubscriptionId, MailboxKey>, signal: AbortSignal): Promise<WatchEnd> {
    this.#present = new AbortController();
    const link = linkedAbort(signal, this.#present.signal);
    try {
      return await this.#watch.hold({
        subscriptionIds: [...byId.keys()],
        correlationId: this.#parts.ids.uuidv7(),
        signal: link.signal,
        onEvents: (events) => this.#onEvents(events, byId),
      });
    } finally {
      link.unlink();
    }
  }

  async #afterStream(
    end: WatchEnd,
    byId: ReadonlyMap<SubscriptionId, MailboxKey>,
    lastedMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    // Events leave the server's queue when they are sent: what was under way in a broken stream is lost.
    if (end.stood && !end.clean) for (const mailbox of byId.values()) this.#parts.notifier.tell(mailbox, 'subscribed');
    if (end.stood) this.#brokenInARow = 0;
    if (lastedMs >= settledAfterMs) this.#lostInARow = 0;
    if (end.clean || this.#present.signal.aborted) return;
    if (end.lost.length > 0) {
      // Lost for the first time they are made anew at once. A server that loses them again and again (behind a load balancer
      // without affinity) is given time.
      this.#dropLost(end.lost, this.#lostInARow === 0 ? 0 : this.#delayMs(this.#lostInARow, end.error));
      this.#lostInARow++;
      return;
    }
    this.#brokenInARow++;
    await this.#toStream.wait(this.#delayMs(this.#brokenInARow, end.error), signal);
  }

  #onEvents(events: ReadonlyMap<SubscriptionId, number>, byId: ReadonlyMap<SubscriptionId, MailboxKey>): void {
    for (const [subscriptionId, count] of events) {
      this.#parts.metrics.events(count);
      const mailbox = byId.get(subscriptionId);
      if (mailbox !== undefined) this.#parts.notifier.tell(mailbox, 'event');
    }
  }

  #dropLost(lost: readonly SubscriptionId[], delayMs: number): void {
    for (const member of this.#members.values()) {
      if (member.subscriptionId === undefined || !lost.includes(member.subscriptionId)) continue;
      this.#forget(member);
      member.nextAttemptAt = this.#parts.clock.monotonic() + delayMs;
    }
    // A group that lost everything finds its server again with a new anchor and new cookies.
    if (this.#mailboxesById().size === 0) this.#watch = this.#backend.openWatch();
    if (lost.length > 0) this.#toSubscribe.now();
  }

  #forget(member: Member): void {
    if (member.subscriptionId === undefined) return;
    delete member.subscriptionId;
    this.#parts.metrics.subscriptions.dec();
  }

  #reopen(): void {
    this.#present.abort();
    this.#toStream.now();
  }

  /** False while the first attempts are still under way, so that a new group does not open its stream for each one. */
  #complete(): boolean {
    return [...this.#members.values()].every((member) => member.subscriptionId !== undefined || member.failures > 0);
  }

  #mailboxesById(): ReadonlyMap<SubscriptionId, MailboxKey> {
    const byId = new Map<SubscriptionId, MailboxKey>();
    for (const { subscriptionId, mailbox } of this.#members.values()) {
      if (subscriptionId !== undefined) byId.set(subscriptionId, mailbox.key);
    }
    return byId;
  }

  #delayMs(failures: number, error: CodedError | undefined): number {
    return delayAfter(failures, error, this.#parts.retry, this.#parts.random);
  }
}
