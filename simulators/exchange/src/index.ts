// The simulator for use inside a test: start it, talk to its URL, close it.
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttpServer } from './endpoints/server.ts';
import { defaultOptions, type SimulatorOptions } from './options.ts';
import { Simulator } from './simulator.ts';
import { Snapshots } from './snapshots.ts';
import { readSnapshot, restore } from './store/snapshot.ts';

export type { SimulatorOptions } from './options.ts';

export interface RunningSimulator {
  /** Base address, without a slash at the end: EWS is at `/EWS/Exchange.asmx`, the control API at `/control/`. */
  readonly url: string;
  readonly port: number;
  /** Cuts what is open, writes the snapshot, frees the port. */
  close(): Promise<void>;
}

/** Starts a simulator. @throws Error when the port is taken or the snapshot cannot be read */
export async function startExchangeSimulator(given: Partial<SimulatorOptions> = {}): Promise<RunningSimulator> {
  const options = { ...defaultOptions, ...given };
  const file = options.snapshotFile;
  const snapshot = file === undefined ? undefined : await readSnapshot(file);
  const simulator = new Simulator(options, snapshot?.head);
  if (snapshot !== undefined) restore(simulator, snapshot.lines);
  const server = createHttpServer(simulator);
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const snapshots = file === undefined ? undefined : new Snapshots(simulator, file, options.snapshotIntervalMs);
  const close = async (): Promise<void> => {
    await stop(server, simulator);
    await snapshots?.close();
  };
  return { url: `http://${options.host}:${port}`, port, close };
}

async function stop(server: Server, simulator: Simulator): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  simulator.stop();
  server.closeAllConnections();
  await closed;
}
