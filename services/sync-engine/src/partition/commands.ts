// What people may ask the owner of a mailbox's partition: compare it now, let its held deletes go, rebuild it, and say what
// the engine knows of it.
import type { Bus, Stoppable } from '@lockstep/bus';
import {
  failure,
  type LinkId,
  type MailboxKey,
  notifiedMessage,
  notifiedSubject,
  type Outcome,
  type ReplyOf,
  success,
  sync,
  UnreadableRecord,
} from '@lockstep/contracts';
import type { Kit, Owned } from '@lockstep/service-kit';
import type { WakeUp } from '../carry-out/wake-up.ts';
import type { EngineConfig } from '../config.ts';
import type { LiveMailboxes } from '../mailbox/live-mailboxes.ts';
import type { Mailboxes } from '../mailbox/mailboxes.ts';
import { type Link, suspicionsOf } from '../state/link.ts';
import { emptyRecord } from '../state/mailbox-record.ts';
import { MailboxState, type MailboxView, type StateStore } from '../state/mailbox-state.ts';

export interface CommandsOptions {
  readonly kit: Kit;
  readonly live: LiveMailboxes;
  readonly store: StateStore;
  readonly wakeUp: WakeUp;
  readonly config: EngineConfig;
  readonly mailboxes: Mailboxes;
}

/** Serves the commands of one owned partition until they are stopped. */
export async function serveCommands(options: CommandsOptions, owned: Owned): Promise<Stoppable> {
  const { config } = options;
  const { bus } = options.kit;
  const tokens = [String(owned.partition), '*'];
  const serving = await Promise.all([
    bus.serve(sync.syncNow, { ...config.commands, tokens }, (_, context) =>
      forMailbox(options, context.tokens, (mailbox) => syncNow(bus, options, mailbox, context.correlationId)),
    ),
    bus.serve(sync.releaseDeletes, { ...config.commands, tokens }, (_, { tokens: named, correlationId, signal }) =>
      forMailbox(options, named, (mailbox) => options.mailboxes.release(mailbox, owned, correlationId, signal)),
    ),
    bus.serve(sync.rebuild, { ...config.commands, tokens }, (_, { tokens: named, correlationId }) =>
      forMailbox(options, named, (mailbox) => options.mailboxes.rebuild(mailbox, owned, correlationId)),
    ),
    bus.serve(sync.explain, { ...config.commands, tokens }, (_, context) =>
      forMailbox(options, context.tokens, async (mailbox) => {
        try {
          const view = options.live.peek(mailbox) ?? (await MailboxState.look(options.store, mailbox));
          const trouble = options.mailboxes.troubles.of(mailbox);
          return success({ ...explain(view, config.parkedShown), ...(trouble === undefined ? {} : { trouble }) });
        } catch (error) {
          if (error instanceof UnreadableRecord) return explainUnreadable(error);
          throw error;
        }
      }),
    ),
  ]);
  return {
    async stop() {
      await Promise.all(serving.map((one) => one.stop()));
    },
  };
}

async function forMailbox<T>(
  { kit }: CommandsOptions,
  tokens: readonly string[],
  answer: (mailbox: MailboxKey) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const mailbox = [...kit.settings.userLinks().keys()].find((key) => key === tokens[1]);
  return mailbox === undefined ? failure('mailbox-not-linked') : answer(mailbox);
}

/** A full compare, and a look of the scanner at what Exchange reports since its last one. */
async function syncNow(
  bus: Bus,
  options: CommandsOptions,
  mailbox: MailboxKey,
  correlationId: string,
): Promise<Outcome<object>> {
  const firstSeenAt = new Date(options.kit.clock.now()).toISOString();
  const woken = await options.wakeUp.all(mailbox, 'requested', firstSeenAt, correlationId);
  if (!woken.ok) return woken;
  const notified = { v: 1, mailbox, firstSeenAt, cause: 'requested' as const };
  const publish = { correlationId, deadlineMs: options.config.publishLimitMs };
  const told = await bus.publish(notifiedMessage, notifiedSubject(mailbox), notified, publish);
  return told.ok ? success({}) : told;
}

/** What can be said of a mailbox that stands still. */
function explainUnreadable({ error, isNewer }: UnreadableRecord): Outcome<ReplyOf<typeof sync.explain>> {
  if (isNewer) return { ok: false, error };
  const { detail: record = '', message: reason } = error;
  return success({ ...explain(nothingKnown, 0), damaged: { record, reason } });
}

const nothingKnown: MailboxView = { record: emptyRecord(0), links: () => [] };

function explain(view: MailboxView, shown: number) {
  const { record } = view;
  const links = [...view.links()];
  const parked = [
    ...links.filter((link) => link.parked !== undefined || suspicionsOf(link).length > 0).map(summary),
    ...record.parked.map(({ kind, side, id, reason }) => ({
      linkId: '' as LinkId,
      ...(kind === undefined ? {} : { kind }),
      ...(side === 'exchange' ? { exchangeId: id } : { superofficeId: id }),
      state: 'parked' as const,
      reason,
    })),
  ];
  return {
    epoch: record.epoch,
    links: links.length,
    openIntents: record.intents.length,
    heldDeletes: links.filter(({ held }) => held !== undefined).length,
    firstLoadDone: record.firstLoadDone,
    parked: parked.slice(0, shown),
  };
}

function summary({ linkId, kind, exchange, superoffice, parked }: Link) {
  const ids = { linkId, kind, exchangeId: exchange.id, superofficeId: superoffice.id };
  return parked === undefined
    ? { ...ids, state: 'suspected-delete' as const }
    : { ...ids, state: 'parked' as const, reason: parked.reason };
}
