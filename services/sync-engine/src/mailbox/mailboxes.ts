// The actors of all mailboxes that this process owns: takes what the intake fetched, lets each mailbox do one thing at a
// time, and acknowledges a message only after its step has recorded everything that it did.
import { type Actors, createActors } from '@lockstep/actor';
import type { Delivery } from '@lockstep/bus';
import {
  type Change,
  type ChangeClass,
  type CodedError,
  codedError,
  failure,
  type Instant,
  type MailboxKey,
  mailboxOfSubject,
  type Outcome,
  success,
  UnreadableRecord,
} from '@lockstep/contracts';
import { retryDelayMs } from '@lockstep/flow-control';
import type { Owned } from '@lockstep/service-kit';
import type { StepResult } from '../carry-out/work.ts';
import { observeLag } from '../metrics.ts';
import type { Released } from '../sync/release.ts';
import { afterFailure, type Failing } from './after-failure.ts';
import { DamagedMailboxes } from './damaged-mailboxes.ts';
import { DueTimes } from './due-times.ts';
import { InHand } from './in-hand.ts';
import type { ChangeJob, Job } from './job.ts';
import type { LiveMailboxes } from './live-mailboxes.ts';
import { LongPauses } from './long-pauses.ts';
import { type StepOptions, stepForAll, stepForDue, stepForItem, stepForRelease } from './step.ts';
import { Troubles } from './troubles.ts';

export interface MailboxesOptions extends Failing {
  readonly live: LiveMailboxes;
  /** In [0, 1). */
  readonly random: () => number;
}

type Act<T> = (signal: AbortSignal) => Promise<Outcome<T>>;

/** A step that failed unexpectedly is counted as its third try: it may have been at it for a while. */
const attemptAfterFailure = 3;

export class Mailboxes {
  readonly #options: MailboxesOptions;
  readonly #actors: Actors<MailboxKey, Job>;
  readonly #due: DueTimes;
  readonly #inHand = new InHand();
  readonly #damaged: DamagedMailboxes;
  readonly troubles = new Troubles();
  readonly #deliveries = new Set<ChangeJob['delivery']>();
  readonly #longPauses = new LongPauses();
  readonly #working: NodeJS.Timeout;

  constructor(options: MailboxesOptions) {
    const { kit, tools } = options;
    const { runningMailboxes, waitingPerMailbox, idleMs, workingEveryMs, leastAlarmMs } = tools.config;
    this.#options = options;
    this.#damaged = new DamagedMailboxes(options);
    this.#due = new DueTimes(kit.clock, leastAlarmMs, (mailbox, owned) => this.look(mailbox, owned));
    this.#actors = createActors<MailboxKey, Job>({
      capacity: runningMailboxes,
      queue: waitingPerMailbox,
      idleMs,
      handle: (mailbox, job, signal) => this.#handle(mailbox, job, signal),
      onFailure: (mailbox, error) => kit.log.error({ mailbox, err: error }, 'a mailbox step failed unexpectedly'),
    });
    this.#working = setInterval(() => {
      for (const delivery of this.#deliveries) delivery.working();
    }, workingEveryMs);
  }

  /** Takes one fetched message; `settled` is called once, when it was acknowledged or handed back. */
  take(owned: Owned, delivery: Delivery<Change>, changeClass: ChangeClass, settled: () => void): void {
    this.#deliveries.add(delivery);
    this.#inHand.begin(owned);
    const job: ChangeJob = { kind: 'change', owned, delivery, changeClass, settled };
    const mailbox = mailboxOfSubject(delivery.subject);
    if (mailbox === undefined) void this.#settle(job, 'no mailbox', undefined);
    else this.#tell(mailbox, job);
  }

  get #config() {
    return this.#options.tools.config;
  }

  get inHand(): number {
    return this.#deliveries.size;
  }

  /** Mailboxes that stand still. */
  get damaged(): number {
    return this.#damaged.size;
  }

  /** Looks at what a mailbox owes itself, soon, or at an instant. */
  look(mailbox: MailboxKey, owned: Owned, at?: Instant): void {
    if (at !== undefined) {
      this.#due.set(mailbox, owned, at);
      return;
    }
    this.#inHand.begin(owned);
    if (this.#actors.tell(mailbox, { kind: 'due', owned }) === 'accepted') return;
    this.#inHand.end(owned);
    this.#due.set(mailbox, owned, new Date(this.#options.kit.clock.now() + this.#config.fullDelayMs).toISOString());
  }

  /** Lets the held deletes of a mailbox go, in its turn. */
  release(mailbox: MailboxKey, owned: Owned, correlationId: string, asked: AbortSignal): Promise<Outcome<Released>> {
    return this.#command(mailbox, owned, async (signal) => {
      const step = await this.#stepOptions(mailbox, owned, AbortSignal.any([signal, asked]), correlationId);
      return step === undefined ? failure('mailbox-not-linked') : success(await stepForRelease(step));
    });
  }

  /** Makes the stored state of a mailbox readable again, in its turn; answers how many records began empty. */
  rebuild(mailbox: MailboxKey, owned: Owned, correlationId: string): Promise<Outcome<{ readonly damaged: number }>> {
    return this.#command(mailbox, owned, () => this.#damaged.rebuild(mailbox, owned, correlationId));
  }

  #command<T>(mailbox: MailboxKey, owned: Owned, act: Act<T>): Promise<Outcome<T>> {
    return new Promise((answer) => {
      this.#inHand.begin(owned);
      const refuse = (error: CodedError) => answer({ ok: false, error });
      const job: Job = { kind: 'command', owned, act: async (signal) => answer(await act(signal)), refuse };
      if (this.#actors.tell(mailbox, job) === 'accepted') return;
      this.#inHand.end(owned);
      answer(failure('service-busy'));
    });
  }

  /** True once while a change of the partition waits for the end of a long pause. */
  takePause(owned: Owned): boolean {
    return this.#longPauses.take(owned, this.#options.kit.clock.now());
  }

  /** Forgets a partition: its states, its alarms. What waits in the actors' queues is dropped when its turn comes. */
  drop(owned: Owned): void {
    this.#due.dropPartition(owned);
    this.#longPauses.drop(owned);
    this.#options.live.dropPartition(owned);
    this.#damaged.dropPartition(owned);
    this.troubles.dropPartition(owned);
  }

  /** Ends when nothing of the partition is in hand, and after `withinMs` at the latest. */
  idle(owned: Owned, withinMs: number): Promise<void> {
    return this.#inHand.idle(owned, withinMs);
  }

  /** Call when every partition has been given back: then hardly anything is left to wait for. */
  async stop(): Promise<void> {
    await this.#actors.stop(this.#config.leftoversMs);
    clearInterval(this.#working);
  }

  #tell(mailbox: MailboxKey, job: ChangeJob): void {
    if (this.#actors.tell(mailbox, job) === 'busy') void this.#settle(job, 'busy', this.#config.fullDelayMs);
  }

  async #handle(mailbox: MailboxKey, job: Job, signal: AbortSignal): Promise<void> {
    if (job.owned.leaving.aborted) {
      if (job.kind === 'change') return this.#settle(job, 'handed over', 0);
      if (job.kind === 'command') job.refuse(codedError('not-owner'));
      return this.#inHand.end(job.owned);
    }
    try {
      if (job.kind === 'change') await this.#handleChange(mailbox, job, signal);
      else if (job.kind === 'due') await this.#handleDue(mailbox, job, signal);
      else await job.act(signal);
    } catch (error) {
      this.#options.live.drop(mailbox);
      if (error instanceof UnreadableRecord && !error.isNewer) await this.#standStill(mailbox, job, error);
      else await this.#failed(job, mailbox, this.#delayAfter(error, mailbox, job), codedError('internal-error'));
    } finally {
      if (job.kind !== 'change') this.#inHand.end(job.owned);
    }
  }

  async #failed(job: Job, mailbox: MailboxKey, delayMs: number, error: CodedError): Promise<void> {
    if (job.kind === 'change') await this.#settle(job, 'failed', delayMs);
    else if (job.kind === 'command') job.refuse(error);
    else this.#due.set(mailbox, job.owned, new Date(this.#options.kit.clock.now() + delayMs).toISOString());
  }

  /** A stored record is damaged: this mailbox alone waits, until it is rebuilt or can be read again. */
  async #standStill(mailbox: MailboxKey, job: Job, error: UnreadableRecord): Promise<void> {
    const told = await this.#damaged.park(mailbox, job.owned, error);
    if (job.kind !== 'change') return this.#failed(job, mailbox, this.#config.retryCapMs, error.error);
    const folded = told.ok ? await this.#damaged.fold(mailbox, job) : told;
    if (!folded.ok) return this.#retry(job, folded.error);
    return this.#settle(job, 'damaged', folded.value === 'folded' ? undefined : this.#config.retryCapMs);
  }

  async #handleChange(mailbox: MailboxKey, job: ChangeJob, signal: AbortSignal): Promise<void> {
    const { kit, tools } = this.#options;
    const { body, context, subject } = job.delivery;
    if (body.kind === 'unreadable') {
      kit.log.warn({ mailbox, subject }, 'unreadable change; the mailbox is compared in full');
      const now = new Date(kit.clock.now()).toISOString();
      const woken = await tools.wakeUp.all(mailbox, 'unreadable-message', now, context.correlationId);
      return woken.ok ? this.#settle(job, 'unreadable', undefined) : this.#retry(job, woken.error);
    }
    const change = body.value;
    const step = await this.#stepOptions(mailbox, job.owned, signal, context.correlationId);
    if (step === undefined) return this.#notLinked(job, change);
    if (change.kind === 'item')
      return this.#finish(mailbox, job, step, await stepForItem(step, change, job.changeClass));
    const slice = await stepForAll(step, change, job.run);
    if (slice.kind !== 'more') return this.#finish(mailbox, job, step, slice);
    // To the end of the queue: whatever came for this mailbox meanwhile goes first.
    return this.#tell(mailbox, { ...job, run: slice.run });
  }

  async #handleDue(mailbox: MailboxKey, job: Job, signal: AbortSignal): Promise<void> {
    const { owned } = job;
    const step = await this.#stepOptions(mailbox, owned, signal, this.#options.kit.ids.uuidv4(), 'even disabled');
    if (step === undefined) return;
    const result = await stepForDue(step);
    if (result.kind === 'again') return this.#failed(job, mailbox, this.#config.failedLookDelayMs, result.error);
    this.#due.set(mailbox, owned, step.user.enabled ? step.state.record.lookAgainAt : undefined);
  }

  async #stepOptions(
    mailbox: MailboxKey,
    owned: Owned,
    signal: AbortSignal,
    correlationId: string,
    which: 'enabled' | 'even disabled' = 'enabled',
  ): Promise<StepOptions | undefined> {
    const { kit, tools, live } = this.#options;
    const user = kit.settings.userLinks().get(mailbox);
    if (user === undefined || !(user.enabled || which === 'even disabled')) return undefined;
    const state = await live.get(mailbox, owned);
    this.#damaged.healed(mailbox);
    return {
      tools,
      state,
      settings: kit.settings,
      user,
      correlationId,
      signal: AbortSignal.any([signal, owned.signal]),
    };
  }

  /** The settings may not have told us yet; after a while they have, and then nobody waits for this any more. */
  #notLinked(job: ChangeJob, change: Change): Promise<void> {
    const { kit, tools } = this.#options;
    const ageMs = kit.clock.now() - Date.parse(change.firstSeenAt);
    if (ageMs > tools.config.unknownMailboxMs) return this.#settle(job, 'not linked', undefined);
    return this.#settle(job, 'not linked yet', Math.min(job.delivery.deliveries, 5) * this.#config.fullDelayMs);
  }

  async #finish(mailbox: MailboxKey, job: ChangeJob, { state }: StepOptions, result: StepResult): Promise<void> {
    const { kit } = this.#options;
    this.#due.set(mailbox, job.owned, state.record.lookAgainAt);
    if (result.kind === 'again') {
      this.troubles.failed(mailbox, job.owned, result.error, new Date(kit.clock.now()).toISOString());
      return this.#retry(job, result.error);
    }
    this.troubles.succeeded(mailbox);
    if (result.kind === 'wait') {
      return this.#settle(job, 'wait', Math.max(this.#config.fullDelayMs, Date.parse(result.until) - kit.clock.now()));
    }
    return this.#settle(job, 'done', undefined);
  }

  #retry(job: ChangeJob, error: CodedError): Promise<void> {
    return this.#settle(job, error.code, this.#retryMs(job.delivery.deliveries, error));
  }

  /** Retries are counted and delayed here and nowhere else (docs/architecture.md §5). */
  #retryMs(attempt: number, { backOffMs }: CodedError): number {
    const { retryBaseMs: baseMs, retryLeastMs: minMs, retryCapMs: maxMs, longestPauseMs: maxHintMs } = this.#config;
    return retryDelayMs(attempt, { baseMs, minMs, maxMs, maxHintMs }, this.#options.random, backOffMs);
  }

  /** Acknowledges, or hands back after `retryMs` where that is given. */
  async #settle(job: ChangeJob, result: string, retryMs: number | undefined): Promise<void> {
    const { delivery, changeClass, settled } = job;
    const { kit, tools } = this.#options;
    this.#deliveries.delete(delivery);
    tools.metrics.messages.inc({ class: changeClass, result });
    if (retryMs === undefined) {
      if (result === 'done') observeLag(tools.metrics, job, kit.clock.now());
      await delivery.ack();
    } else {
      if (retryMs > this.#config.retryCapMs) this.#longPauses.note(job.owned, kit.clock.now() + retryMs);
      delivery.retry(retryMs);
    }
    this.#inHand.end(job.owned);
    settled();
  }

  #delayAfter(error: unknown, mailbox: MailboxKey, { owned }: Job): number {
    const delay = afterFailure(this.#options, error, mailbox, owned);
    return typeof delay === 'number' ? delay : this.#retryMs(attemptAfterFailure, delay);
  }
}
