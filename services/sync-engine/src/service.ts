// The sync engine as a service: puts its floors together (sides, state, the actors of the mailboxes, the partitions) and
// says what ends the process.
import { leaseKeys } from '@lockstep/contracts';
import { Semaphore } from '@lockstep/flow-control';
import { type Kit, type Owned, PartitionShare, type Running, type Start } from '@lockstep/service-kit';
import { createHistory } from './carry-out/history.ts';
import { createWakeUp } from './carry-out/wake-up.ts';
import type { Tools } from './carry-out/work.ts';
import { type EngineConfig, standardConfig } from './config.ts';
import { LiveMailboxes } from './mailbox/live-mailboxes.ts';
import { Mailboxes } from './mailbox/mailboxes.ts';
import { createGauges, createMetrics } from './metrics.ts';
import type { CommandsOptions } from './partition/commands.ts';
import { runPartition } from './partition/run-partition.ts';
import { createSideClient } from './sides/side-client.ts';
import type { StateStore } from './state/mailbox-state.ts';

export const start: Start = async (kit) =>
  startEngine({
    kit,
    config: standardConfig,
    random: Math.random,
  });

export interface EngineOptions {
  readonly kit: Kit;
  readonly config: EngineConfig;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Takes its share of the partitions and works on their mailboxes until it is stopped. */
export function startEngine({ kit, config, random }: EngineOptions): Running {
  const { bus, clock, ids, instance, log } = kit;
  const metrics = createMetrics(kit.metrics);
  const history = createHistory(bus, config.publishLimitMs);
  const wakeUp = createWakeUp(bus, config.publishLimitMs);
  const sides = {
    exchange: createSideClient(bus, 'exchange', config),
    superoffice: createSideClient(bus, 'superoffice', config),
  };
  const tools: Tools = { sides, history, wakeUp, clock, ids, config, metrics, instance };
  const store: StateStore = {
    mailboxes: bus.bucket('mailboxes'),
    links: bus.bucket('links'),
    splitBytes: config.splitBytes,
  };
  const live = new LiveMailboxes(store, config.cachedMailboxes);
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
      void stop().then(() => kit.giveUp(error));
    },
  });
  const commands: CommandsOptions = { kit, live, store, wakeUp, mailboxes, config };
  const onFailure = (error: unknown) => log.warn({ err: error }, 'NATS did not do what a partition needs');
  const slots = new Semaphore({ places: config.runningMailboxes, waiting: 0 });
  const partitions: PartitionShare = new PartitionShare({
    bus,
    keys: { member: leaseKeys.engineMember, partition: leaseKeys.enginePartition },
    member: ids.uuidv4(),
    holder: instance,
    everyMs: config.leasePollMs,
    random,
    onOwned: (owned: Owned) => runPartition({ kit, config, store, mailboxes, commands, slots, onFailure }, owned),
    onFailure,
  });
  gaugeState(kit, live, {
    partitions: () => partitions.owned,
    inHand: () => mailboxes.inHand,
    damaged: () => mailboxes.damaged,
  });
  partitions.start();
  return { ready: () => partitions.turned && !refused, stop };
}

type Counted = Pick<Parameters<typeof createGauges>[1], 'partitions' | 'inHand' | 'damaged'>;

function gaugeState({ metrics }: Kit, live: LiveMailboxes, counted: Counted): void {
  type State = ReturnType<LiveMailboxes['states']>[number];
  const sum = (count: (state: State) => number) => () =>
    live.states().reduce((total, state) => total + count(state), 0);
  const countLinks = (state: State, what: 'parked' | 'held') =>
    [...state.links()].filter((link) => link[what] !== undefined).length;
  createGauges(metrics, {
    ...counted,
    parked: sum((state) => state.record.parked.length + countLinks(state, 'parked')),
    intents: sum((state) => state.record.intents.length),
    held: sum((state) => countLinks(state, 'held')),
  });
}
