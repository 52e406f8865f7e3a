// A simulator with the sample people for one test file, which records what goes over the wire and validates it at the end.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type RunningSimulator, type SimulatorOptions, startExchangeSimulator } from '../src/index.ts';
import { validateRecordings } from '../src/observe/validate-recordings.ts';
import { type EwsCall, EwsClient } from './ews-client.ts';

export interface TestServer {
  readonly simulator: RunningSimulator;
  readonly folder: string;
  client(call?: EwsCall): EwsClient;
  control(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Closes it and checks everything that was said. */
  finish(): Promise<void>;
}

export async function startTestServer(options: Partial<SimulatorOptions> = {}): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'exchange-simulator-'));
  const recordDir = join(folder, 'recorded');
  const simulator = await startExchangeSimulator({ ...options, recordDir });
  const control = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${simulator.url}/control/${path}`, init);
    const text = await response.text();
    const value: unknown = text === '' ? undefined : JSON.parse(text);
    if (!response.ok) throw new Error(`${response.status} ${text}`);
    return value;
  };
  await control('POST', 'reset');
  await control('POST', 'seed', people);
  return {
    simulator,
    folder,
    control,
    client: (call = {}) => new EwsClient(simulator.url, { user: 'alice@lockstep.test', password: 'lockstep', ...call }),
    finish: async () => {
      await simulator.close();
      const outcome = await validateRecordings(recordDir);
      if (outcome.kind === 'checked') expect(outcome.complaints).toEqual([]);
      await rm(folder, { recursive: true });
    },
  };
}

export const people = {
  mailboxes: ['alice', 'bob', 'carol', 'dave'].map((name) => ({
    address: `${name}@lockstep.test`,
    displayName: `${name.charAt(0).toUpperCase()}${name.slice(1)} Sample`,
    password: 'lockstep',
    timeZone: 'Europe/Oslo',
  })),
  accounts: [
    { address: 'sync@lockstep.test', password: 'lockstep', impersonation: true },
    { address: 'scoped@lockstep.test', password: 'lockstep', impersonation: { scope: ['alice@lockstep.test'] } },
  ],
};
