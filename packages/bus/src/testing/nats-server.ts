// A real nats-server for tests: own port, own storage, JetStream on. `kill` is kill -9 and keeps port and storage,
// so that `restart` shows what a crash of NATS does.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as connectSocket, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { natsServerConfig } from '../nats-config.ts';
import { until } from './until.ts';

export interface NatsServerOptions {
  /** User name to password; without it the server lets everybody do everything. */
  readonly users?: Readonly<Record<string, string>>;
  readonly maxStorageBytes?: number;
}

export interface NatsServerUnderTest {
  readonly url: string;
  /** The passwords that it was started with; undefined when it has no users. */
  readonly passwords: Readonly<Record<string, string>> | undefined;
  /** Ends it and removes its storage. */
  stop(): Promise<void>;
  /** kill -9; port and storage stay for `restart`. */
  kill(): Promise<void>;
  /** Stops it in its tracks, as a stalled disk does: connections stand, and nothing answers. `thaw` lets it go on. */
  freeze(): void;
  thaw(): void;
  /** Clients that are connected at this moment. */
  connections(): Promise<number>;
  /** With `empty` its storage is gone, as after the loss of its disk. */
  restart(options?: { readonly empty?: boolean }): Promise<void>;
}

export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServerUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-nats-'));
  const port = await freePort();
  const monitoringPort = await freePort();
  const configFile = join(folder, 'nats-server.conf');
  const storeDir = join(folder, 'store');
  const { users } = options;
  await writeFile(configFile, natsServerConfig({ port, monitoringPort, storeDir, ...options }), {
    mode: 0o600,
  });
  let running = await start(configFile, port);

  const end = async (signal: NodeJS.Signals) => {
    if (running.exitCode !== null || running.signalCode !== null) return;
    const exited = once(running, 'exit');
    running.kill(signal);
    await exited;
  };
  return {
    url: `nats://127.0.0.1:${port}`,
    passwords: users,
    kill: () => end('SIGKILL'),
    freeze: () => void running.kill('SIGSTOP'),
    thaw: () => void running.kill('SIGCONT'),
    async connections() {
      const response = await fetch(`http://127.0.0.1:${monitoringPort}/varz`);
      return ((await response.json()) as { connections: number }).connections;
    },
    async restart({ empty = false } = {}) {
      await end('SIGTERM');
      if (empty) await rm(storeDir, { recursive: true, force: true, maxRetries: 5 });
      running = await start(configFile, port);
    },
    async stop() {
      await end('SIGKILL');
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function start(configFile: string, port: number): Promise<ChildProcess> {
  const server = spawn('nats-server', ['-c', configFile], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  server.stderr?.on('data', (chunk) => {
    log = (log + chunk).slice(-4_000);
  });
  // A test run that ends in an error must not leave it running.
  const orphan = () => server.kill('SIGKILL');
  process.once('exit', orphan);
  server.once('exit', () => process.off('exit', orphan));
  await until(
    () => {
      if (server.exitCode !== null) throw new Error(`nats-server ended: ${log}`);
      return greets(port);
    },
    'nats-server to answer',
    30_000,
  );
  return server;
}

/** True when a server greets with its INFO line on this port. */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectSocket(port, '127.0.0.1');
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (data) => end(data.toString('latin1').startsWith('INFO')));
    socket.once('error', () => end(false));
    socket.setTimeout(1_000, () => end(false));
  });
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
