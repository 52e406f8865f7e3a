// A whole Lockstep for one test file: real processes, real NATS, both simulators, on free ports and in a folder of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { validateRecordings } from '@lockstep/exchange-simulator/observe/validate-recordings';
import { expect } from 'vitest';
import { testLayout } from '../../../scripts/system/layout.ts';
import { provision, settingsApi } from '../../../scripts/system/provision.ts';
import { samplePeople } from '../../../scripts/system/sample-people.ts';
import { settled } from '../../../scripts/system/settled.ts';
import { System, type SystemOptions } from '../../../scripts/system/system.ts';
import { ExchangeCalendar, SuperOfficeDiary } from './control.ts';
import { TokenAudit } from './token-audit.ts';

export const root = path.resolve(import.meta.dirname, '..', '..', '..');
const readyWithinMs = 60_000;
const settledWithinMs = 60_000;

export interface Person {
  readonly login: string;
  readonly address: string;
  readonly exchange: ExchangeCalendar;
  readonly superoffice: SuperOfficeDiary;
}

export interface RunningSystem {
  readonly system: System;
  readonly people: { readonly alice: Person; readonly bob: Person; readonly carol: Person; readonly dave: Person };
  readonly api: ReturnType<typeof settingsApi>;
  /** Holds the server's log against the governor's grants; see token-audit.ts. */
  readonly audit: TokenAudit;
  /** Ends it all, and validates what went to and from Exchange against the schema where there is one. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Where the data folder is made, for a test that needs another disk. */
  readonly folder?: string;
}

/** Starts everything and links the sample people. Stops and removes it all by `stop`. */
export async function startSystem(options: Partial<SystemOptions> & StartOptions = {}): Promise<RunningSystem> {
  const dataFolder = mkdtempSync(path.join(options.folder ?? os.tmpdir(), 'lockstep-e2e-'));
  const recordings = mkdtempSync(path.join(os.tmpdir(), 'lockstep-recordings-'));
  const system = await System.start(
    {
      layout: await testLayout(root, dataFolder),
      natsServer: process.env['LOCKSTEP_NATS_SERVER'] ?? 'nats-server',
      onDeath: () => {},
      ...options,
      extraEnvironment: {
        ...options.extraEnvironment,
        'exchange-simulator': {
          LOCKSTEP_EXCHANGE_SIMULATOR_RECORD_DIR: recordings,
          ...options.extraEnvironment?.['exchange-simulator'],
        },
      },
    },
    readyWithinMs,
  );
  const audit = await TokenAudit.start(system);
  await provision(system);
  await settled(system, settledWithinMs);
  const person = (login: string): Person => {
    const address = samplePeople.find((candidate) => candidate.login === login)?.address ?? login;
    return {
      login,
      address,
      exchange: new ExchangeCalendar(system.simulatorUrl('exchange'), address),
      superoffice: new SuperOfficeDiary(system.simulatorUrl('superoffice'), login),
    };
  };
  return {
    system,
    people: { alice: person('alice'), bob: person('bob'), carol: person('carol'), dave: person('dave') },
    api: settingsApi(system),
    audit,
    stop: async () => {
      await audit.stop();
      await system.stop();
      const outcome = await validateRecordings(recordings);
      if (outcome.kind === 'checked') expect(outcome.complaints).toEqual([]);
      for (const folder of [dataFolder, recordings]) rmSync(folder, { recursive: true, force: true });
    },
  };
}
