// Puts the parts of the engine together: partitions, their intake, the actors of the mailboxes, the commands.
import { leaseKeys, type MailboxKey, partitionOf } from '@lockstep/contracts';
import { type Kit, type Owned, PartitionShare, type Running } from '@lockstep/service-kit';
import { type CommandsOptions, serveCommands } from './commands.ts';
import type { EngineConfig } from './config.ts';
import { createHistory } from './history.ts';
import { LiveMailboxes } from './mailbox/live-mailboxes.ts';
import { Mailboxes } from './mailbox/mailboxes.ts';
import type { Tools } from './mailbox/work.ts';
import { createGauges, createMetrics } from './metrics.ts';
import { runIntake } from './partition/intake.ts';
import { Slots } from './partition/slots.ts';
import { createExchangeSide } from './sides/exchange-side.ts';
import { createSuperOfficeSide } from './sides/superoffice-side.ts';
import { readRecord, type StateStore } from './state/mailbox-state.ts';
import { createWakeUp } from './wake-up.ts';

export interface EngineOptions {
  readonly kit: Kit;
  readonly config: EngineConfig;
  /** In [0, 1). */
  readonly random: () => number;
  /** The stored state is of a newer Lockstep; the engine has let go of everything. */
  readonly onNewerRecord: (error: Error) => void;
}

export function startEngine({ kit, config, random, onNewerRecord }: EngineOptions): Running {
  const { bus, clock, ids, instance, log } = kit;
  const metrics = createMetrics(kit.metrics);
  const history = createHistory(bus, config.publishLimitMs);
  const wakeUp = createWakeUp(bus, config.publishLimitMs);
  const sides = { exchange: createExchangeSide(bus, config), superoffice: createSuperOfficeSide(bus, config) };
  const tools: Tools = { sides, history, wakeUp, clock, ids, config, metrics, instance };
  const store: StateStore = {
    mailboxes: bus.bucket('mailboxes'),
    links: bus.bucket('links'),
    splitBytes: config.splitBytes,
  };
  const live = new LiveMailboxes(store, config.cachedMailboxes);
  const slots = new Slots(config.runningMailboxes);
  const member = ids.uuidv4();
  let refused = false;
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= (async () => {
      await partitions.stop();
      await mailboxes.stop();
    })();
    return stopped;
  };
  const mailboxes: Mailboxes = new Mailboxes({
    kit,
    tools,
    live,
    random,
    onNewerOwner: (partition) => partitions.giveBack(partition),
    onNewerRecord: (error) => {
      if (refused) return;
      refused = true;
      log.fatal({ err: error }, 'stored state is of a newer version; stopping');
      void stop().then(() => onNewerRecord(error));
    },
  });
  const commands: CommandsOptions = { kit, live, store, wakeUp, mailboxes, publishLimitMs: config.publishLimitMs };
  const onFailure = (error: unknown) => log.warn({ err: error }, 'NATS did not do what a partition needs');

  const onOwned = async (owned: Owned): Promise<void> => {
    const serving = await serveCommands(commands, owned);
    try {
      const intake = runIntake({
        bus,
        partition: owned.partition,
        slots,
        fetchWaitMs: config.fetchWaitMs,
        signal: owned.leaving,
        onChange: (delivery, changeClass, settled) => mailboxes.take(owned, delivery, changeClass, settled),
        onFailure,
      });
      await Promise.all([intake, setAlarms(owned)]);
      await mailboxes.idle(owned, config.stopWithinMs);
    } finally {
      await serving.stop();
      mailboxes.drop(owned);
    }
  };

  /** Mailboxes that a former owner left with something to look at again. */
  const setAlarms = async (owned: Owned): Promise<void> => {
    for (const mailbox of mailboxesOf(kit, owned.partition)) {
      if (owned.leaving.aborted) return;
      try {
        const found = await readRecord(store, mailbox);
        if (found?.record.lookAgainAt !== undefined) mailboxes.look(mailbox, owned);
      } catch (error) {
        onFailure(error);
      }
    }
  };

  const partitions: PartitionShare = new PartitionShare({
    bus,
    keys: { member: leaseKeys.engineMember, partition: leaseKeys.enginePartition },
    member,
    holder: instance,
    everyMs: config.leasePollMs,
    random,
    onOwned,
    onFailure,
  });
  const sum = (count: (state: ReturnType<LiveMailboxes['states']>[number]) => number) => () =>
    live.states().reduce((total, state) => total + count(state), 0);
  const countLinks = (state: ReturnType<LiveMailboxes['states']>[number], what: 'parked' | 'held') =>
    [...state.links()].filter((link) => link[what] !== undefined).length;
  createGauges(kit.metrics, {
    partitions: () => partitions.owned,
    inHand: () => mailboxes.inHand,
    parked: sum((state) => state.record.parked.length + countLinks(state, 'parked')),
    intents: sum((state) => state.record.intents.length),
    held: sum((state) => countLinks(state, 'held')),
  });
  partitions.start();
  return { ready: () => partitions.turned && !refused, stop };
}

function mailboxesOf({ settings }: Kit, partition: number): readonly MailboxKey[] {
  return [...settings.userLinks().keys()].filter((mailbox) => partitionOf(mailbox) === partition);
}
