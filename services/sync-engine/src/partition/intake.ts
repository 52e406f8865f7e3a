// Fetches the changes of one owned partition. Two loops, one a class, each with a fetch that waits long, so that an idle
// partition costs two requests in twenty seconds; `bulk` is fetched only while `now` is empty, or after nine of `now`.
import type { Bus, Delivery, Puller } from '@lockstep/bus';
import { wait } from '@lockstep/bus/wait';
import { type Change, type ChangeClass, changeConsumer, changeMessage } from '@lockstep/contracts';
import { Semaphore } from '@lockstep/flow-control';
import type { EngineConfig } from '../config.ts';

/** Calls `settled` exactly once, when the delivery was acknowledged or handed back. */
export type OnChange = (delivery: Delivery<Change>, changeClass: ChangeClass, settled: () => void) => void;

export interface IntakeOptions {
  readonly bus: Bus;
  readonly partition: number;
  /** Shared by all partitions of this process. */
  readonly slots: Semaphore;
  readonly config: Pick<EngineConfig, 'fetchWaitMs' | 'inHand' | 'nowPerBulk' | 'emptyAfterMs' | 'intakeDelayMs'>;
  /** Aborts when the lease ends or the service stops. */
  readonly signal: AbortSignal;
  readonly onChange: OnChange;
  readonly onFailure: (error: unknown) => void;
}

/** Runs until the signal aborts; then nothing more is fetched. Failures of NATS are reported and outlasted. */
export async function runIntake(options: IntakeOptions): Promise<void> {
  const gate: Gate = {
    now: inHandOf(options.config.inHand.now),
    bulk: inHandOf(options.config.inHand.bulk),
    nowIsEmpty: false,
    sinceBulk: 0,
  };
  await Promise.all([runClass(options, gate, 'now'), runClass(options, gate, 'bulk')]);
}

/** Nobody queues for a place: what is free decides how much is fetched. */
const inHandOf = (places: number) => new Semaphore({ places, waiting: 0 });

interface Gate {
  readonly now: Semaphore;
  readonly bulk: Semaphore;
  /** The last fetch of `now` came back empty or is still waiting. */
  nowIsEmpty: boolean;
  sinceBulk: number;
}

async function runClass(options: IntakeOptions, gate: Gate, changeClass: ChangeClass): Promise<void> {
  const { bus, config, partition, signal, onFailure } = options;
  let puller: Puller<Change> | undefined;
  while (!signal.aborted) {
    try {
      puller ??= await bus.pull(changeMessage, changeConsumer(partition, changeClass));
      await takeTurn(options, gate, changeClass, puller);
    } catch (error) {
      onFailure(error);
      await wait(config.intakeDelayMs, signal);
    }
  }
  await puller?.stop();
}

async function takeTurn(
  options: IntakeOptions,
  gate: Gate,
  changeClass: ChangeClass,
  puller: Puller<Change>,
): Promise<void> {
  const { slots, config, signal } = options;
  const own = gate[changeClass];
  await own.whenFree(signal);
  if (changeClass === 'bulk') await bulkMayGo(gate, options);
  await slots.whenFree(signal);
  if (signal.aborted) return;
  const fetching = puller.fetch(Math.min(own.free, Math.max(1, slots.free)), config.fetchWaitMs, signal);
  const deliveries = changeClass === 'now' ? await watched(gate, fetching, config.emptyAfterMs) : await fetching;
  if (changeClass === 'now') gate.sinceBulk += deliveries.length;
  else if (deliveries.length > 0) gate.sinceBulk = 0;
  for (const delivery of deliveries) hand(options, own, delivery, changeClass);
}

/** Notes that `now` is empty as soon as its fetch has waited longer than one for what is there already would. */
async function watched<T>(gate: Gate, fetching: Promise<readonly T[]>, emptyAfterMs: number): Promise<readonly T[]> {
  const timer = setTimeout(() => {
    gate.nowIsEmpty = true;
  }, emptyAfterMs);
  try {
    const fetched = await fetching;
    gate.nowIsEmpty = fetched.length === 0;
    return fetched;
  } finally {
    clearTimeout(timer);
  }
}

async function bulkMayGo(gate: Gate, { config, signal }: IntakeOptions): Promise<void> {
  const { nowPerBulk, emptyAfterMs } = config;
  while (!gate.nowIsEmpty && gate.sinceBulk < nowPerBulk && !signal.aborted) await wait(emptyAfterMs, signal);
}

function hand(options: IntakeOptions, own: Semaphore, delivery: Delivery<Change>, changeClass: ChangeClass): void {
  const { slots, onChange } = options;
  // Others may have been quicker since the fetch began: what came all the same is worked on beyond the bound.
  const taken = [own, slots].filter((places) => places.tryTake());
  onChange(delivery, changeClass, () => {
    for (const places of taken) places.giveBack();
  });
}
