// Mailboxes that stand still since a stored record of theirs cannot be read. Nothing of them is lost meanwhile: what changes
// is one message "compare everything" in the stream, which is tried again and again, so that a mailbox whose storage was
// put back goes on by itself. The others are not held up.
import { type Instant, type MailboxKey, type Outcome, success, type UnreadableRecord } from '@lockstep/contracts';
import type { Kit, Owned } from '@lockstep/service-kit';
import type { Tools } from '../carry-out/work.ts';
import type { ChangeJob } from './job.ts';
import type { LiveMailboxes } from './live-mailboxes.ts';

interface DamagedOptions {
  readonly kit: Pick<Kit, 'clock' | 'log' | 'ids'>;
  readonly tools: Pick<Tools, 'history' | 'wakeUp'>;
  readonly live: LiveMailboxes;
}

export class DamagedMailboxes {
  readonly #options: DamagedOptions;
  readonly #known = new Map<MailboxKey, Owned>();

  constructor(options: DamagedOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#known.size;
  }

  /** Its state was read. */
  healed(mailbox: MailboxKey): void {
    this.#known.delete(mailbox);
  }

  dropPartition(owned: Owned): void {
    for (const [mailbox, owner] of this.#known) if (owner === owned) this.#known.delete(mailbox);
  }

  /** Says once, in the log and in the history, that the mailbox stands still and why. */
  async park(mailbox: MailboxKey, owned: Owned, { error }: UnreadableRecord): Promise<Outcome<void>> {
    if (this.#known.has(mailbox)) return success(undefined);
    const { kit } = this.#options;
    const told = await this.#tell(mailbox, kit.ids.uuidv7(), error.message, `parked: ${error.code}`);
    if (!told.ok) return told;
    this.#known.set(mailbox, owned);
    kit.log.error({ mailbox, code: error.code, record: error.detail, field: error.field }, 'a mailbox stands still');
    return success(undefined);
  }

  /** Answers `waits` for the one message that waits until the mailbox can be read; any other is part of that one now. */
  async fold(mailbox: MailboxKey, { delivery }: ChangeJob): Promise<Outcome<'waits' | 'folded'>> {
    const { body, context } = delivery;
    const isAll = body.kind === 'read' && body.value.kind === 'all' && body.value.side === 'exchange';
    if (isAll) return success('waits');
    const since = body.kind === 'read' ? body.value.firstSeenAt : this.#now();
    const { wakeUp } = this.#options.tools;
    const woken = await wakeUp.all(mailbox, 'restored', since, context.correlationId);
    return woken.ok ? success('folded') : woken;
  }

  /** Makes the stored state readable again; answers how many records began empty. */
  async rebuild(
    mailbox: MailboxKey,
    owned: Owned,
    correlationId: string,
  ): Promise<Outcome<{ readonly damaged: number }>> {
    // First the compare that finds the lost links again: it is in the stream before anything is given up.
    const woken = await this.#options.tools.wakeUp.all(mailbox, 'requested', this.#now(), correlationId);
    if (!woken.ok) return woken;
    const damaged = await this.#options.live.repair(mailbox, owned);
    this.healed(mailbox);
    const decision = `rebuilt: ${damaged} damaged records began empty`;
    const told = await this.#tell(mailbox, correlationId, 'asked for by an administrator', decision);
    return told.ok ? success({ damaged }) : told;
  }

  #tell(mailbox: MailboxKey, correlationId: string, reason: string, decision: string): Promise<Outcome<void>> {
    const context = { mailbox, correlationId, cause: { side: 'engine', reason }, at: this.#now() };
    return this.#options.tools.history.record(context, { decision });
  }

  #now(): Instant {
    return new Date(this.#options.kit.clock.now()).toISOString();
  }
}
