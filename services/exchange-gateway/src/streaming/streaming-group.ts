// The subscriptions of one group and the connection over which the server tells of changes. Two loops: one makes subscriptions, the
// other holds the watch over those that there are. First subscribe, then publish the mailbox: what changed before is found by the
// sync that this wakes.
import { endsWithin, wait } from '@lockstep/bus/wait';
import type { CodedError, MailboxKey } from '@lockstep/contracts';
import type { Backend, HoldWish, Mailbox, SubscriptionId, Watch, WatchEnd } from '../backend.ts';
import { gatewayConfig } from '../config.ts';
import { linkedAbort } from '../tokens/linked-abort.ts';
import { type Covered, HeldStream } from './held-stream.ts';
import { LeftSubscriptions } from './left-subscriptions.ts';
import type { Member, StreamingGroupParts } from './parts.ts';
import { delayAfter } from './retry.ts';
import { WakeUp } from './wake-up.ts';

const { settledAfterMs, idleWaitMs, handOverMs } = gatewayConfig.streaming;

export class StreamingGroup {
  readonly #backend: Backend;
  readonly #parts: StreamingGroupParts;
  readonly #members = new Map<MailboxKey, Member>();
  readonly #toSubscribe = new WakeUp();
  readonly #toStream = new WakeUp();
  readonly #toEnd = new WakeUp();
  #watch: Watch;
  /** Where the watch was begun; nothing of it counts elsewhere. */
  #place: string;
  /** The stream over the group, if there is one, and since when it was tried. */
  #held: HeldStream | undefined;
  #heldSince = 0;
  /** It does not cover the right subscriptions. */
  #stale = false;
  readonly #left: LeftSubscriptions;
  /** Streams in a row that broke before anything came. */
  #brokenInARow = 0;
  /** Streams in a row that ended soon because Exchange no longer knew their subscriptions. */
  #lostInARow = 0;

  constructor(backend: Backend, parts: StreamingGroupParts) {
    this.#backend = backend;
    this.#parts = parts;
    const { clock, ids, subscribing: width, subscribeDeadlineMs: deadlineMs } = parts;
    this.#left = new LeftSubscriptions({ clock, ids, width, deadlineMs });
    this.#watch = backend.openWatch();
    this.#place = backend.place();
  }

  /** Works until the signal aborts; then the stream is closed and its token given back. Rejects when a loop failed. */
  async run(signal: AbortSignal): Promise<void> {
    const failed = new AbortController();
    const link = linkedAbort(signal, failed.signal);
    const loops = [this.#subscribeLoop(link.signal), this.#streamLoop(link.signal), this.#endLoop(link.signal)];
    for (const loop of loops) loop.catch(() => failed.abort());
    const ends = await Promise.allSettled(loops);
    link.unlink();
    this.#held = undefined;
    for (const member of this.#members.values()) this.#leave(member);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  /** The mailboxes to watch. At another place the whole group is made anew; else only who comes or goes is touched. */
  setMembers(wanted: readonly Mailbox[]): void {
    const addresses = new Map(wanted.map((mailbox) => [mailbox.key, mailbox.address]));
    let anchorLeft = false;
    for (const member of [...this.#members.values()]) {
      if (addresses.get(member.mailbox.key) === member.mailbox.address) continue;
      anchorLeft ||= member.mailbox.key === this.#watch.anchor;
      this.#leave(member);
      this.#members.delete(member.mailbox.key);
    }
    for (const mailbox of wanted) {
      if (!this.#members.has(mailbox.key)) this.#members.set(mailbox.key, { mailbox, failures: 0, nextAttemptAt: 0 });
    }
    if (this.#place !== this.#backend.place() || !this.#keepsAnchor(anchorLeft)) this.#startAnew();
    this.#toSubscribe.now();
  }

  /** Ends at the server what this group held there, after `run`; what does not end in time runs out by itself. */
  async endSubscriptions(withinMs: number): Promise<void> {
    const stopping = new AbortController();
    if (
      !(await endsWithin(
        withinMs,
        this.#left.end(() => false, stopping.signal),
      ))
    )
      stopping.abort();
  }

  /** Another takes the place of an anchor that left. False when nobody is there who could. */
  #keepsAnchor(anchorLeft: boolean): boolean {
    if (!anchorLeft) return true;
    const heir = [...this.#members.values()].find((member) => member.subscriptionId !== undefined);
    if (heir !== undefined) this.#watch.hangOn(heir.mailbox);
    return heir !== undefined;
  }

  /** Another server or account, or nobody left to hang on: nothing of the old subscriptions counts. */
  #startAnew(): void {
    const moved = this.#place !== this.#backend.place();
    for (const member of this.#members.values()) {
      this.#forget(member);
      member.failures = 0;
      member.nextAttemptAt = 0;
    }
    if (moved) this.#left.clear();
    this.#place = this.#backend.place();
    this.#watch = this.#backend.openWatch();
    this.#held?.close();
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
    if (signal.aborted || this.#members.get(member.mailbox.key) !== member || this.#watch !== watch) {
      if (outcome.ok) this.#left.add(member.mailbox, outcome.value, watch);
      this.#toEnd.now();
      return false;
    }
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
      const covered = this.#mailboxesById();
      if (this.#stale && covered.size === 0) this.#held?.close();
      if (covered.size > 0 && this.#complete() && (this.#held === undefined || this.#stale))
        await this.#open(covered, signal);
      else await this.#toStream.wait(idleWaitMs, signal);
      const held = this.#held;
      if (held?.end === undefined && !held?.closed) continue;
      const end = await held.ended;
      this.#held = undefined;
      this.#tellLost(held, end, false);
      await this.#afterStream(held, end, signal);
    }
    await this.#held?.ended;
  }

  /** Opens a stream; one that is held is handed over to it. */
  async #open(covered: Covered, signal: AbortSignal): Promise<void> {
    this.#stale = false;
    this.#heldSince = this.#parts.clock.monotonic();
    const onEvents: HoldWish['onEvents'] = (events) => this.#onEvents(events, covered);
    const newer = new HeldStream(this.#watch, covered, { correlationId: this.#parts.ids.uuidv7(), signal, onEvents });
    const wake = () => this.#toStream.now();
    newer.ended.then(wake, wake);
    const older = this.#held;
    if (older === undefined || older.closed) {
      if (older !== undefined) this.#tellLost(older, await older.ended, false);
      this.#held = newer;
    } else if (await older.handOverTo(newer, handOverMs)) {
      this.#held = newer;
      this.#tellLost(older, await older.ended, true);
    } else {
      // The older one is held on; the newer one is tried again as after any failure.
      this.#stale = true;
      await this.#afterStream(newer, await newer.ended, signal);
    }
    this.#toEnd.now();
  }

  #tellLost(held: HeldStream, end: WatchEnd, handedOver: boolean): void {
    if (!held.mayHaveLost(end, handedOver)) return;
    for (const mailbox of held.covered.values())
      if (this.#members.has(mailbox)) this.#parts.notifier.tell(mailbox, 'subscribed');
  }

  async #afterStream(held: HeldStream, end: WatchEnd, signal: AbortSignal): Promise<void> {
    if (end.stood) this.#brokenInARow = 0;
    if (this.#parts.clock.monotonic() - this.#heldSince >= settledAfterMs) this.#lostInARow = 0;
    this.#toEnd.now();
    if (end.clean || held.closed || signal.aborted) return;
    if (end.lost.length > 0) {
      // Lost for the first time they are made anew at once. A server that loses them again and again (behind a load balancer
      // without affinity) is given time.
      this.#dropLost(end.lost, this.#lostInARow === 0 ? 0 : this.#delayMs(this.#lostInARow, end.error));
      this.#lostInARow++;
      return;
    }
    this.#brokenInARow++;
    await wait(this.#delayMs(this.#brokenInARow, end.error), signal);
  }

  async #endLoop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#left.end((id) => this.#held?.covered.has(id) === true, signal);
      await this.#toEnd.wait(idleWaitMs, signal);
    }
  }

  #onEvents(events: ReadonlyMap<SubscriptionId, number>, byId: Covered): void {
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

  /** Its subscription is to be ended at the server. */
  #leave(member: Member): void {
    if (member.subscriptionId === undefined) return;
    this.#left.add(member.mailbox, member.subscriptionId, this.#watch);
    this.#forget(member);
    this.#reopen();
  }

  #reopen(): void {
    this.#stale = true;
    this.#toStream.now();
  }

  /** False while the first attempts are still under way, so that a new group does not open its stream for each one. */
  #complete(): boolean {
    return [...this.#members.values()].every((member) => member.subscriptionId !== undefined || member.failures > 0);
  }

  #mailboxesById(): Covered {
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
