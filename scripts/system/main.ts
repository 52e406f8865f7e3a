// What `npm start` runs: a whole Lockstep on this machine, until Ctrl-C.
import path from 'node:path';
import process from 'node:process';
import { aborted } from '@lockstep/bus/wait';
import { startOptions } from '../start-options.mjs';
import { addressTable } from './address-table.ts';
import { emptyDataFolder, lockDataFolder } from './data-folder.ts';
import { type Layout, standardLayout } from './layout.ts';
import { endLeftovers } from './leftovers.ts';
import { provision } from './provision.ts';
import { settled } from './settled.ts';
import { type HistoryRoom, historyRoom } from './storage-room.ts';
import { notesOf, System } from './system.ts';

const readyWithinMs = 60_000;
/** Longer than a new governor counts and a first load of the sample people takes. */
const settledWithinMs = 30_000;
const root = path.resolve(import.meta.dirname, '..', '..');
const say = (text: string) => console.log(text);

async function main(): Promise<void> {
  const { fresh, data, 'no-simulators': withoutSimulators } = startOptions(path.join(root, '.data'));
  const stopping = whenAskedToStop();
  const dataFolder = path.resolve(data);
  const lock = lockDataFolder(dataFolder);
  try {
    await makeRoom(dataFolder, fresh);
    const layout = await standardLayout({
      root,
      dataFolder,
      withSimulators: !withoutSimulators,
      environment: process.env,
    });
    await run(layout, stopping);
  } catch (error) {
    if (!stopping.aborted) throw error;
  } finally {
    lock.release();
  }
  say('Stopped.');
}

/** Ends what an earlier start left running, and forgets what is stored when asked to. */
async function makeRoom(dataFolder: string, fresh: boolean): Promise<void> {
  const ended = await endLeftovers(notesOf({ dataFolder }));
  if (ended.length > 0) say(`Ended what an earlier start had left running: ${ended.join(', ')}.`);
  if (fresh) emptyDataFolder(dataFolder);
}

async function run(layout: Layout, stopping: AbortSignal): Promise<void> {
  say('Starting Lockstep …');
  const { LOCKSTEP_HISTORY_GIB: named } = process.env;
  // The disk of another NATS is not ours to measure.
  const history: HistoryRoom = layout.natsUrl ? { gib: named } : historyRoom(layout.dataFolder, process.env);
  if (history.notice !== undefined) say(history.notice);
  const system = await System.start(
    {
      layout,
      natsServer: process.env['LOCKSTEP_NATS_SERVER'] ?? 'nats-server',
      adminToken: process.env['LOCKSTEP_ADMIN_TOKEN'],
      historyGib: history.gib,
      signal: stopping,
      onDeath: (name, how) => say(`${name} ended (${how}) and is started again.`),
    },
    readyWithinMs,
  );
  try {
    await Promise.race([fill(system), aborted(stopping)]);
    if (!stopping.aborted) say(addressTable(system, process.stdout.isTTY === true));
    await aborted(stopping);
  } finally {
    say('Stopping …');
    await system.stop();
  }
}

async function fill(system: System): Promise<void> {
  if (system.layout.simulators === undefined) return;
  await provision(system);
  await settled(system, settledWithinMs);
}

/** Aborts at the first signal, whatever is under way, and when whoever started us is gone. */
function whenAskedToStop(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => controller.abort());
  process.on('disconnect', () => controller.abort());
  // Listening for the end of the channel must not be what keeps this process alive.
  process.channel?.unref();
  return controller.signal;
}

main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
