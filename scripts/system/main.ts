// What `npm start` runs: a whole Lockstep on this machine, until Ctrl-C.
import { rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { addressTable } from './address-table.ts';
import { standardLayout } from './layout.ts';
import { provision } from './provision.ts';
import { settled } from './settled.ts';
import { System } from './system.ts';

const readyWithinMs = 60_000;
/** Longer than a new governor counts and a first load of the sample people takes. */
const settledWithinMs = 30_000;
const root = path.resolve(import.meta.dirname, '..', '..');
const say = (text: string) => console.log(text);

const usage = `npm start [-- options]
  --fresh            begin anew: forget everything stored in the data folder
  --no-simulators    run without the Exchange and SuperOffice simulators
  --data <folder>    keep the data there instead of in .data`;

function options() {
  try {
    const { values } = parseArgs({
      options: {
        fresh: { type: 'boolean', default: false },
        'no-simulators': { type: 'boolean', default: false },
        data: { type: 'string', default: path.join(root, '.data') },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      say(usage);
      process.exit(0);
    }
    return values;
  } catch (error) {
    say(`${(error as Error).message}\n${usage}`);
    process.exit(2);
  }
}

async function main(): Promise<void> {
  const { fresh, data, 'no-simulators': withoutSimulators } = options();
  const dataFolder = path.resolve(data);
  if (fresh) rmSync(dataFolder, { recursive: true, force: true });
  const withSimulators = !withoutSimulators;
  const layout = await standardLayout({ root, dataFolder, withSimulators, environment: process.env });
  let asked: (() => void) | undefined;
  const askedToStop = new Promise<void>((resolve) => {
    asked = resolve;
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => asked?.());
  process.on('disconnect', () => asked?.());
  // Listening for the end of the channel must not be what keeps this process alive.
  process.channel?.unref();
  say('Starting Lockstep …');
  const system = await System.start(
    {
      layout,
      natsServer: process.env['LOCKSTEP_NATS_SERVER'] ?? 'nats-server',
      adminToken: process.env['LOCKSTEP_ADMIN_TOKEN'],
      onDeath: (name, how) => say(`${name} ended (${how}) and is started again.`),
    },
    readyWithinMs,
  );
  try {
    if (withSimulators) {
      await provision(system);
      await settled(system, settledWithinMs);
    }
    say(addressTable(system, process.stdout.isTTY === true));
    await askedToStop;
  } finally {
    say('Stopping …');
    await system.stop();
  }
  say('Stopped.');
}

main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
