// The system whose storage is saved: on the ports that its sealed secrets and stored addresses name, with a clock that can
// be moved between two runs of its processes, and with an operator's view of its streams.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { serviceNames } from '@lockstep/contracts';
import { connect, type NatsConnection } from 'nats';
import { inData, natsUrlOf, simulatorNames, testLayout } from '../../../scripts/system/layout.ts';
import { isFree } from '../../../scripts/system/ports.ts';
import { settled } from '../../../scripts/system/settled.ts';
import { type ProcessName, System } from '../../../scripts/system/system.ts';

/** Below the ports that systems give out by themselves, and none that others are known for. */
export const keptPorts = { exchange: 21_090, superoffice: 21_100, webhooks: 21_113 } as const;

const readyWithinMs = 60_000;
const settledWithinMs = 60_000;
const simulators = simulatorNames.map((name) => `${name}-simulator` as const);

export class Stage {
  readonly system: System;
  readonly nats: NatsConnection;
  readonly #clockFile: string;

  private constructor(system: System, nats: NatsConnection, clockFile: string) {
    this.system = system;
    this.nats = nats;
    this.#clockFile = clockFile;
  }

  static async start(root: string, dataFolder: string, clockOffsetMs: number): Promise<Stage> {
    const { exchange, superoffice, webhooks } = keptPorts;
    const layout = { ...(await testLayout(root, dataFolder)), simulators: { exchange, superoffice }, webhooks };
    const clockFile = inData(layout, 'clock-offset');
    writeFileSync(clockFile, String(clockOffsetMs));
    const preload = pathToFileURL(path.join(import.meta.dirname, 'shifted-clock.mjs'));
    preload.searchParams.set('file', clockFile);
    const shifted = { NODE_OPTIONS: `--import=${preload}` };
    const system = await System.start(
      {
        layout,
        natsServer: process.env['LOCKSTEP_NATS_SERVER'] ?? 'nats-server',
        onDeath: () => {},
        extraEnvironment: Object.fromEntries([...serviceNames, ...simulators].map((name) => [name, shifted])),
      },
      readyWithinMs,
    );
    const { operator } = system.secrets.natsPasswords;
    const nats = await connect({ servers: natsUrlOf(layout), user: 'operator', pass: operator });
    return new Stage(system, nats, clockFile);
  }

  /** Ends all but NATS in order and starts it with another clock. */
  async restartAt(clockOffsetMs: number): Promise<void> {
    await this.endAllButNats();
    writeFileSync(this.#clockFile, String(clockOffsetMs));
    for (const name of simulators) this.system.process(name).start();
    const { exchange, superoffice } = keptPorts;
    for (const port of [exchange, superoffice]) await until(async () => !(await isFree(port)), 'a simulator');
    for (const name of serviceNames) this.system.process(name).start();
    await this.system.ready(readyWithinMs);
    await settled(this.system, settledWithinMs);
  }

  /** kill -9, and it stays dead. */
  async kill(name: ProcessName): Promise<void> {
    const process = this.system.process(name);
    process.kill('SIGKILL');
    await process.stop();
  }

  async endAllButNats(): Promise<void> {
    for (const names of [serviceNames, simulators])
      await Promise.all(names.map((name) => this.system.process(name).stop()));
  }

  async stop(): Promise<void> {
    await this.nats.close();
    await this.system.stop();
  }
}

/** Waits until it holds; throws and names what it waited for after two minutes. */
export async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
