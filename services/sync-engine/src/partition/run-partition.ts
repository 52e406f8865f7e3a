// What goes on while this process owns a partition: its commands are served, its changes are taken in, and its mailboxes
// are reminded of what they owe themselves.
import { aborted } from '@lockstep/bus/wait';
import { partitionOf, UnreadableRecord } from '@lockstep/contracts';
import type { Semaphore } from '@lockstep/flow-control';
import type { Kit, Owned } from '@lockstep/service-kit';
import type { EngineConfig } from '../config.ts';
import { followsNot } from '../decide/coverage.ts';
import { policiesOf } from '../decide/policy.ts';
import type { Mailboxes } from '../mailbox/mailboxes.ts';
import { readRecord, type StateStore } from '../state/mailbox-state.ts';
import { type CommandsOptions, serveCommands } from './commands.ts';
import { runIntake } from './intake.ts';

export interface PartitionOptions {
  readonly kit: Kit;
  readonly config: EngineConfig;
  readonly store: StateStore;
  readonly mailboxes: Mailboxes;
  readonly commands: CommandsOptions;
  /** Messages in hand of all partitions of this process. */
  readonly slots: Semaphore;
  readonly onFailure: (error: unknown) => void;
}

/** Runs until the partition is to be left and nothing of it is in hand any more. */
export async function runPartition(options: PartitionOptions, owned: Owned): Promise<void> {
  const { mailboxes, commands } = options;
  const serving = await serveCommands(commands, owned);
  try {
    await Promise.all([takeIn(options, owned), remind(options, owned)]);
  } finally {
    await serving.stop();
    mailboxes.drop(owned);
  }
}

/**
 * Takes changes in until the partition is to be left. What waits for the end of a long pause comes at once when the settings
 * change, since they may have taken its reason away: a new intake is handed everything that is not acknowledged.
 */
async function takeIn({ kit, config, mailboxes, slots, onFailure }: PartitionOptions, owned: Owned): Promise<void> {
  while (!owned.leaving.aborted) {
    const renewal = new AbortController();
    const stopListening = kit.settings.onChange(() => {
      if (mailboxes.takePause(owned)) renewal.abort();
    });
    try {
      await runIntake({
        bus: kit.bus,
        partition: owned.partition,
        slots,
        config,
        signal: AbortSignal.any([owned.leaving, renewal.signal]),
        onChange: (delivery, changeClass, settled) => mailboxes.take(owned, delivery, changeClass, settled),
        onFailure,
      });
    } finally {
      stopListening();
    }
    await mailboxes.idle(owned, config.stopWithinMs);
  }
}

/** On taking the partition, and whenever the settings change what is synchronized, or for whom. */
async function remind(options: PartitionOptions, owned: Owned): Promise<void> {
  const { kit } = options;
  while (!owned.leaving.aborted) {
    const changed = new AbortController();
    const stopListening = kit.settings.onChange((section) => {
      if (section === 'sync' || section === 'user-links') changed.abort();
    });
    try {
      await remindAll(options, owned);
      await aborted(AbortSignal.any([owned.leaving, changed.signal]));
    } finally {
      stopListening();
    }
  }
}

/** Mailboxes that were left with something to look at again, or that have to follow the settings. */
async function remindAll({ kit, store, mailboxes, onFailure }: PartitionOptions, owned: Owned): Promise<void> {
  const now = new Date(kit.clock.now()).toISOString();
  for (const [mailbox, user] of kit.settings.userLinks()) {
    if (owned.leaving.aborted) return;
    if (partitionOf(mailbox) !== owned.partition) continue;
    try {
      const found = await readRecord(store, mailbox);
      if (found === undefined) continue;
      const policies = policiesOf(kit.settings.sync(), user, now);
      const { lookAgainAt, firstLoadDone, comparedAt } = found.record;
      const hasNoNights = firstLoadDone && comparedAt === undefined;
      if (hasNoNights || followsNot(found.record, policies)) mailboxes.look(mailbox, owned);
      else if (lookAgainAt !== undefined) mailboxes.look(mailbox, owned, lookAgainAt);
    } catch (error) {
      // Its actor is who deals with a record that cannot be read.
      if (error instanceof UnreadableRecord) mailboxes.look(mailbox, owned);
      else onFailure(error);
    }
  }
}
