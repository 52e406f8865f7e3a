// The subscriptions of one group and its streaming connection. Two loops: one makes subscriptions, the other holds the stream over
// those that there are. First subscribe, then publish the mailbox: what changed before is found by the sync that this wakes.
import type { CodedError, MailboxKey } from '@lockstep/contracts';
import type { Ids } from '@lockstep/service-kit/kit';
import type { EwsClient } from '../backends/ews/calls/ews-client.ts';
import { holdStream, type StreamEnd, type StreamParts } from '../backends/ews/stream/hold-stream.ts';
import { type Affinity, subscribe } from '../backends/ews/stream/subscribe.ts';
import { gatewayConfig } from '../config.ts';
import { CookieJar } from '../http/cookies.ts';
import { linkedAbort } from '../tokens/linked-abort.ts';
import type { GroupMember } from './groups.ts';
import type { Notifier } from './notifier.ts';
import { type RetryBounds, retryPauseMs } from './retry-pause.ts';
import { WakeUp } from './wake-up.ts';

export interface StreamingGroupParts extends StreamParts {
  readonly client: EwsClient;
  readonly notifier: Notifier;
  readonly ids: Ids;
  readonly random: () => number;
  /** Subscriptions made at the same time. */
  readonly subscribing: number;
  readonly subscribeDeadlineMs: number;
  readonly retry: RetryBounds;
}

interface Member extends GroupMember {
  subscriptionId?: string;
  failures: number;
  nextAttemptMs: number;
}

/** The member whose server and budget the whole group uses. */
interface Anchor {
  readonly mailbox: MailboxKey;
  readonly affinity: Affinity;
}

const { settledAfterMs, idleWaitMs } = gatewayConfig.streaming;

export class StreamingGroup {
  readonly #parts: StreamingGroupParts;
  readonly #members = new Map<MailboxKey, Member>();
  readonly #toSubscribe = new WakeUp();
  readonly #toStream = new WakeUp();
  #anchor: Anchor | undefined;
  /** Ends the present stream, because it no longer covers the right subscriptions. */
  #present = new AbortController();
  /** Streams in a row that broke before anything came. */
  #brokenInARow = 0;
  /** Streams in a row that ended soon because Exchange no longer knew their subscriptions. */
  #lostInARow = 0;

  constructor(parts: StreamingGroupParts) {
    this.#parts = parts;
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

  /** The mailboxes to watch. Without the anchor the whole group is made anew. */
  setMembers(wanted: readonly GroupMember[]): void {
    const addresses = new Map(wanted.map((member) => [member.mailbox, member.address]));
    let streamChanged = false;
    for (const member of [...this.#members.values()]) {
      if (addresses.get(member.mailbox) === member.address) continue;
      streamChanged ||= member.subscriptionId !== undefined;
      this.#forget(member);
      this.#members.delete(member.mailbox);
    }
    for (const { mailbox, address } of wanted) {
      if (!this.#members.has(mailbox)) this.#members.set(mailbox, { mailbox, address, failures: 0, nextAttemptMs: 0 });
    }
    if (this.#anchor !== undefined && !this.#members.has(this.#anchor.mailbox)) this.startAnew();
    else if (streamChanged) this.#reopen();
    this.#toSubscribe.now();
  }

  /** Another server or account: nothing of the old subscriptions counts. */
  startAnew(): void {
    this.#anchor = undefined;
    for (const member of this.#members.values()) {
      this.#forget(member);
      member.failures = 0;
      member.nextAttemptMs = 0;
    }
    this.#reopen();
    this.#toSubscribe.now();
  }

  async #subscribeLoop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const now = this.#parts.clock.monotonic();
      const missing = [...this.#members.values()].filter((member) => member.subscriptionId === undefined);
      const due = missing.filter((member) => member.nextAttemptMs <= now);
      if (due.length === 0) {
        const next = Math.min(now + idleWaitMs, ...missing.map((member) => member.nextAttemptMs));
        await this.#toSubscribe.wait(Math.max(0, next - now), signal);
        continue;
      }
      const width = this.#anchor === undefined ? 1 : this.#parts.subscribing;
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
    const { client, clock, ids, notifier, metrics, subscribeDeadlineMs } = this.#parts;
    const affinity = this.#anchor?.affinity ?? {
      anchor: member.address,
      cookies: new CookieJar(gatewayConfig.watch.maxCookies),
    };
    const anchor = this.#anchor;
    const outcome = await subscribe(client, member, affinity, {
      deadlineMs: subscribeDeadlineMs,
      correlationId: ids.uuidv7(),
      signal,
      monotonic: () => clock.monotonic(),
    });
    // It was removed, or everything begun anew, while Exchange answered.
    if (signal.aborted || this.#members.get(member.mailbox) !== member || this.#anchor !== anchor) return false;
    if (!outcome.ok) {
      member.failures++;
      member.nextAttemptMs = clock.monotonic() + this.#pauseMs(member.failures, outcome.error);
      return false;
    }
    this.#anchor ??= { mailbox: member.mailbox, affinity };
    member.subscriptionId = outcome.value;
    member.failures = 0;
    metrics.subscriptions.inc();
    notifier.tell(member.mailbox, 'subscribed');
    return true;
  }

  async #streamLoop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const byId = this.#mailboxesById();
      if (this.#anchor === undefined || byId.size === 0 || !this.#complete()) {
        await this.#toStream.wait(idleWaitMs, signal);
        continue;
      }
      const beganMs = this.#parts.clock.monotonic();
      const end = await this.#hold(this.#anchor, byId, signal);
      const lastedMs = this.#parts.clock.monotonic() - beganMs;
      if (!signal.aborted) await this.#afterStream(end, byId, lastedMs, signal);
    }
  }

  async #hold(anchor: Anchor, byId: ReadonlyMap<string, MailboxKey>, signal: AbortSignal): Promise<StreamEnd> {
    this.#present = new AbortController();
    const link = linkedAbort(signal, this.#present.signal);
    try {
      return await holdStream(this.#parts, {
        affinity: anchor.affinity,
        payer: anchor.mailbox,
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
    end: StreamEnd,
    byId: ReadonlyMap<string, MailboxKey>,
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
      this.#dropLost(end.lost, this.#lostInARow === 0 ? 0 : this.#pauseMs(this.#lostInARow, end.error));
      this.#lostInARow++;
      return;
    }
    this.#brokenInARow++;
    await this.#toStream.wait(this.#pauseMs(this.#brokenInARow, end.error), signal);
  }

  #onEvents(events: ReadonlyMap<string, number>, byId: ReadonlyMap<string, MailboxKey>): void {
    for (const [subscriptionId, count] of events) {
      this.#parts.metrics.events(count);
      const mailbox = byId.get(subscriptionId);
      if (mailbox !== undefined) this.#parts.notifier.tell(mailbox, 'event');
    }
  }

  #dropLost(lost: readonly string[], pauseMs: number): void {
    for (const member of this.#members.values()) {
      if (member.subscriptionId === undefined || !lost.includes(member.subscriptionId)) continue;
      this.#forget(member);
      member.nextAttemptMs = this.#parts.clock.monotonic() + pauseMs;
    }
    // A group that lost everything finds its server again with a new anchor and new cookies.
    if (this.#mailboxesById().size === 0) this.#anchor = undefined;
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

  #mailboxesById(): ReadonlyMap<string, MailboxKey> {
    const byId = new Map<string, MailboxKey>();
    for (const { subscriptionId, mailbox } of this.#members.values()) {
      if (subscriptionId !== undefined) byId.set(subscriptionId, mailbox);
    }
    return byId;
  }

  #pauseMs(failures: number, error: CodedError | undefined): number {
    return retryPauseMs(failures, error, this.#parts.retry, this.#parts.random());
  }
}
