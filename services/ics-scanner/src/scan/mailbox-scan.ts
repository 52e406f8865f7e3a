// One scan of one folder: asks Exchange what changed since the cookie, publishes each change, then stores the new cookie. Only in
// this order a crash at any point loses nothing; what was published twice is harmless, since a change is a wake-up.
// What a newcomer would get wrong: without a cookie the items are not published one by one. The cookie is taken first, then one
// message asks the engine to compare the folder in full, and the cookie is stored when that message is in the stream.
import { type Bucket, type Bus, BusError, type Entry } from '@lockstep/bus';
import {
  type Change,
  type ChangeClass,
  changeMessage,
  changeSubject,
  codedError,
  exchange,
  failure,
  type Instant,
  type ItemChange,
  type ItemKind,
  kinds,
  type MailboxKey,
  type Outcome,
  type Priority,
  type ReplyOf,
  success,
} from '@lockstep/contracts';
import type { Clock } from '@lockstep/service-kit';
import type { ScanBounds } from '../config.ts';
import { advancedCookie, beginningOf, type CookieRecord, firstCookie } from '../cookies/cookie.ts';
import { cookieKey, readCookie } from '../cookies/cookie-store.ts';
import type { AllReason, ScanOutcome } from '../scan-outcome.ts';

export interface Scan {
  readonly mailbox: MailboxKey;
  readonly changeClass: ChangeClass;
  readonly priority: Priority;
  /** When Exchange first told of the change, for the lag. */
  readonly firstSeenAt: Instant;
  readonly correlationId: string;
  /** Nothing is begun after it is aborted. */
  readonly signal: AbortSignal;
}

export interface ScanTools {
  readonly bus: Bus;
  readonly clock: Pick<Clock, 'now'>;
  readonly bounds: ScanBounds;
}

type Page = ReplyOf<typeof exchange.syncFolderItems>;
type Cookie = Entry<CookieRecord>;

/** Scans the folder of one kind once. Expected failures are outcomes; what is thrown is a defect. */
export async function scanFolder(tools: ScanTools, scan: Scan, kind: ItemKind): Promise<ScanOutcome> {
  try {
    return await new FolderScan(tools, scan, kind).run();
  } catch (error) {
    if (error instanceof BusError) return { kind: 'failed', error: error.error };
    throw error;
  }
}

class FolderScan {
  readonly #tools: ScanTools;
  readonly #scan: Scan;
  readonly #kind: ItemKind;
  readonly #cookies: Bucket;
  readonly #key: string;
  // Taken once: a scan that outlives a restart of NATS is recorded under the server that it began with, and so asked again.
  readonly #serverId: string;

  constructor(tools: ScanTools, scan: Scan, kind: ItemKind) {
    this.#tools = tools;
    this.#scan = scan;
    this.#kind = kind;
    this.#cookies = tools.bus.bucket('cookies');
    this.#key = cookieKey(scan.mailbox, kinds[kind].folder);
    this.#serverId = tools.bus.serverId();
  }

  async run(): Promise<ScanOutcome> {
    const stored = await readCookie(this.#cookies, this.#key);
    if (stored.kind === 'none') return this.#compareAll(undefined, 'first-load');
    if (stored.kind === 'damaged') return this.#compareAll(stored.revision, 'sync-state-lost');
    const beginning = beginningOf(stored.entry.value, this.#serverId);
    if (beginning === undefined) return this.#compareAll(stored.entry.revision, 'restored');
    return this.#follow(stored.entry, beginning);
  }

  // Page by page: publish, then store, so that a long list does not begin anew after a fault.
  async #follow(begun: Cookie, beginning: string): Promise<ScanOutcome> {
    let cookie = begun;
    let syncState = beginning;
    let published = 0;
    for (let pages = 0; pages < this.#tools.bounds.maxPages; pages++) {
      const at = this.#instant();
      const asked = syncState;
      const page = await this.#ask(asked, this.#scan.priority);
      if (!page.ok && page.error.code === 'exchange-sync-state-invalid')
        return this.#compareAll(cookie.revision, 'sync-state-lost');
      if (!page.ok) return { kind: 'failed', error: page.error };
      const sent = await this.#publishItems(page.value.changes);
      if (!sent.ok) return { kind: 'failed', error: sent.error };
      const stored = await this.#advance(cookie, page.value.syncState, at);
      if (stored.kind !== 'cookie') return stored;
      cookie = stored.cookie;
      syncState = page.value.syncState;
      published += page.value.changes.length;
      if (!page.value.more) return { kind: 'items', published };
      if (page.value.syncState === asked) return { kind: 'failed', error: endless };
    }
    return { kind: 'failed', error: endless };
  }

  // `lost` is the revision of the cookie that is replaced.
  async #compareAll(lost: number | undefined, reason: AllReason): Promise<ScanOutcome> {
    const at = this.#instant();
    const newest = await this.#newestSyncState();
    if (!newest.ok) return { kind: 'failed', error: newest.error };
    const { mailbox, firstSeenAt } = this.#scan;
    const sent = await this.#publish({ v: 1, kind: 'all', side: 'exchange', mailbox, firstSeenAt, reason });
    if (!sent.ok) return { kind: 'failed', error: sent.error };
    if (this.#scan.signal.aborted) return notOwner;
    const record = firstCookie(newest.value, at, this.#serverId);
    const written =
      lost === undefined
        ? await this.#cookies.create(this.#key, record)
        : await this.#cookies.update(this.#key, record, lost);
    return written.kind === 'conflict' ? { kind: 'superseded' } : { kind: 'all', reason };
  }

  async #newestSyncState(): Promise<Outcome<string>> {
    let syncState: string | null = null;
    for (let pages = 0; pages < this.#tools.bounds.maxPages; pages++) {
      const page: Outcome<Page> = await this.#ask(syncState, 'first-load');
      // A state that Exchange gave a moment ago: its own fault, which passes.
      if (!page.ok && page.error.code === 'exchange-sync-state-invalid') return failure('exchange-transient');
      if (!page.ok) return page;
      if (!page.value.more) return success(page.value.syncState);
      if (page.value.syncState === syncState) return { ok: false, error: endless };
      syncState = page.value.syncState;
    }
    return { ok: false, error: endless };
  }

  async #advance(
    cookie: Cookie,
    syncState: string,
    at: Instant,
  ): Promise<ScanOutcome | { readonly kind: 'cookie'; readonly cookie: Cookie }> {
    if (this.#scan.signal.aborted) return notOwner;
    const value = advancedCookie(cookie.value, syncState, at, this.#serverId);
    if (value === cookie.value) return { kind: 'cookie', cookie };
    const written = await this.#cookies.update(this.#key, value, cookie.revision);
    if (written.kind === 'conflict') return { kind: 'superseded' };
    return { kind: 'cookie', cookie: { key: this.#key, value, revision: written.revision } };
  }

  #ask(syncState: string | null, priority: Priority): Promise<Outcome<Page>> {
    const { mailbox, correlationId, signal } = this.#scan;
    const { maxChangesPerPage: maxChanges, callDeadlineMs: deadlineMs } = this.#tools.bounds;
    const request = { mailbox, priority, folder: kinds[this.#kind].folder, syncState, maxChanges } as const;
    return this.#tools.bus.request(exchange.syncFolderItems, request, { correlationId, deadlineMs, signal });
  }

  async #publishItems(changes: readonly ItemChange[]): Promise<Outcome<void>> {
    const { publishTogether } = this.#tools.bounds;
    for (let begin = 0; begin < changes.length; begin += publishTogether) {
      const some = changes.slice(begin, begin + publishTogether);
      const sent = await Promise.all(some.map((change) => this.#publish(this.#itemChanged(change))));
      const failed = sent.find((one) => !one.ok);
      if (failed !== undefined) return failed;
    }
    return success(undefined);
  }

  #itemChanged({ kind, id, version }: ItemChange): Change {
    const { mailbox, firstSeenAt } = this.#scan;
    const seen = version === undefined ? {} : { version };
    return {
      v: 1,
      kind: 'item',
      side: 'exchange',
      mailbox,
      firstSeenAt,
      item: this.#kind,
      id,
      vanished: kind === 'deleted',
      ...seen,
    };
  }

  #publish(change: Change): Promise<Outcome<void>> {
    const { changeClass, correlationId, signal } = this.#scan;
    const { publishDeadlineMs: deadlineMs } = this.#tools.bounds;
    const subject = changeSubject(change, changeClass);
    return this.#tools.bus.publish(changeMessage, subject, change, { correlationId, deadlineMs, signal });
  }

  #instant(): Instant {
    return new Date(this.#tools.clock.now()).toISOString();
  }
}

const endless = codedError('exchange-reply-unreadable', { detail: 'the changes of a folder do not end' });
const notOwner: ScanOutcome = { kind: 'failed', error: codedError('not-owner') };
