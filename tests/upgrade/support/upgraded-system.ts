// Today's services on what a release stored, with both simulators in the state that the stored data speaks of.
import { rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { startExchangeSimulator } from '@lockstep/exchange-simulator';
import { startSuperOfficeSimulator } from '@lockstep/superoffice-simulator';
import { connect } from 'nats';
import { natsUrlOf, testLayout } from '../../../scripts/system/layout.ts';
import { isFree } from '../../../scripts/system/ports.ts';
import { settingsApi } from '../../../scripts/system/provision.ts';
import { settled } from '../../../scripts/system/settled.ts';
import { System } from '../../../scripts/system/system.ts';
import { eventually } from '../../end-to-end/support/eventually.ts';
import { root } from '../../end-to-end/support/running-system.ts';
import { type ByPerson, calendarsOf, type SimulatorUrls } from './calendars.ts';
import type { SavedRelease } from './saved-release.ts';

const readyWithinMs = 60_000;
const settledWithinMs = 60_000;
/** Another run on this machine may be using the ports that the stored secrets are bound to. */
const portsWithinMs = 90_000;

export interface UpgradedSystem {
  readonly system: System;
  readonly urls: SimulatorUrls;
  readonly api: ReturnType<typeof settingsApi>;
  /** Both sides as the release left them. */
  readonly before: ByPerson;
  /** True when no change and no notification waits or is worked on. */
  quiet(): Promise<boolean>;
  stop(): Promise<void>;
}

export async function startOn(release: SavedRelease): Promise<UpgradedSystem> {
  const { ports, people } = release.manifest;
  const dataFolder = release.restore();
  try {
    const before = await readBefore(release, Object.keys(people));
    const { exchange, superoffice, webhooks } = ports;
    const layout = { ...(await testLayout(root, dataFolder)), simulators: { exchange, superoffice }, webhooks };
    await eventually(portsWithinMs, async () => {
      for (const port of Object.values(ports)) if (!(await isFree(port))) throw new Error(`port ${port} is in use`);
    });
    const natsServer = process.env['LOCKSTEP_NATS_SERVER'] ?? 'nats-server';
    const system = await System.start({ layout, natsServer, onDeath: () => {} }, readyWithinMs);
    await settled(system, settledWithinMs);
    const urls = { exchange: system.simulatorUrl('exchange'), superoffice: system.simulatorUrl('superoffice') };
    const nats = await connect({
      servers: natsUrlOf(layout),
      user: 'operator',
      pass: system.secrets.natsPasswords.operator,
    });
    const quiet = async () => {
      const manager = await nats.jetstreamManager();
      const infos = await Promise.all(['CHANGE', 'NOTIFIED'].map((stream) => manager.streams.info(stream)));
      return infos.every(({ state }) => state.messages === 0);
    };
    const stop = async () => {
      await nats.close();
      await system.stop();
      rmSync(dataFolder, { recursive: true, force: true });
    };
    return { system, urls, api: settingsApi(system), before, quiet, stop };
  } catch (error) {
    rmSync(dataFolder, { recursive: true, force: true });
    throw error;
  }
}

/** From a copy of its own: once the services run, the sides move. */
async function readBefore(release: SavedRelease, people: readonly string[]): Promise<ByPerson> {
  const folder = release.restore();
  const snapshotFile = (side: string) => path.join(folder, `${side}-simulator.json`);
  const exchange = await startExchangeSimulator({ port: 0, snapshotFile: snapshotFile('exchange') });
  const superoffice = await startSuperOfficeSimulator({ port: 0, snapshotFile: snapshotFile('superoffice') });
  try {
    return await calendarsOf(people, { exchange: exchange.url, superoffice: new URL(superoffice.url).origin });
  } finally {
    await Promise.all([exchange.close(), superoffice.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
}
