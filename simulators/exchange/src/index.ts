// The simulator for use inside a test: start it, talk to its URL, close it.
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttpServer, createTlsServer } from './endpoints/server.ts';
import { defaultOptions, type SimulatorOptions } from './options.ts';
import { Simulator } from './simulator.ts';
import { Snapshots } from './snapshots.ts';
import { readSnapshot, restore } from './store/snapshot.ts';
import { TlsFront } from './tls/tls-front.ts';

export type { SimulatorOptions } from './options.ts';

export interface RunningSimulator {
  /** Base address, without a slash at the end: EWS is at `/EWS/Exchange.asmx`, the control API at `/control/`. */
  readonly url: string;
  readonly port: number;
  /** The same without the control API, over TLS; undefined without a TLS port. */
  readonly tlsUrl: string | undefined;
  /** The certificate that a client of `tlsUrl` has to trust, as PEM. */
  readonly authorityPem: string | undefined;
  /** Cuts what is open, writes the snapshot, frees the port. */
  close(): Promise<void>;
}

/** Starts a simulator. @throws Error when a port is taken or the snapshot cannot be read */
export async function startExchangeSimulator(given: Partial<SimulatorOptions> = {}): Promise<RunningSimulator> {
  const options = { ...defaultOptions, ...given };
  const file = options.snapshotFile;
  const snapshot = file === undefined ? undefined : await readSnapshot(file);
  const tls = options.tlsPort === undefined ? undefined : await makeTls(options);
  const simulator = new Simulator(options, snapshot?.head, tls);
  if (snapshot !== undefined) restore(simulator, snapshot.lines);
  const servers: Server[] = [];
  const listen = async (server: Server, port: number): Promise<number> => {
    servers.push(server);
    server.listen(port, options.host);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const listenAll = async (): Promise<readonly [number, number | undefined]> => [
    await listen(createHttpServer(simulator), options.port),
    tls && (await listen(createTlsServer(simulator, tls), options.tlsPort ?? 0)),
  ];
  const [port, tlsPort] = await listenAll().catch(async (error: unknown) => {
    await stop(servers, simulator);
    throw error;
  });
  const snapshots = file === undefined ? undefined : new Snapshots(simulator, file, options.snapshotIntervalMs);
  const close = async (): Promise<void> => {
    await stop(servers, simulator);
    await snapshots?.close();
  };
  return {
    url: `http://${options.host}:${port}`,
    port,
    tlsUrl: tlsPort === undefined ? undefined : `https://${options.host}:${tlsPort}`,
    authorityPem: tls?.authorityPem,
    close,
  };
}

async function makeTls({ host, tlsHostNames }: SimulatorOptions): Promise<TlsFront> {
  const { makeCertificates } = await import('./tls/certificates.ts');
  return new TlsFront(await makeCertificates([...new Set(['localhost', '127.0.0.1', '::1', host, ...tlsHostNames])]));
}

async function stop(servers: readonly Server[], simulator: Simulator): Promise<void> {
  const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
  simulator.stop();
  for (const server of servers) server.closeAllConnections();
  await Promise.all(closed);
}
