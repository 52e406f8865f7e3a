// `npm start` as a user runs it: started, interrupted, started again from what it stored.
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { startNatsServer } from '@lockstep/bus/testing/nats-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Layout, portVariable, testLayout } from '../../scripts/system/layout.ts';
import { isFree } from '../../scripts/system/ports.ts';
import { ExchangeCalendar, SuperOfficeDiary } from './support/control.ts';
import { eventually } from './support/eventually.ts';
import { root } from './support/running-system.ts';

/** The environment that names the ports of a layout. */
function portsOf(layout: Layout): Record<string, string> {
  const services = Object.entries(layout.services).map(([name, port]) => [portVariable(name as never), String(port)]);
  return {
    ...Object.fromEntries(services),
    LOCKSTEP_WEBHOOK_PORT: String(layout.webhooks),
    LOCKSTEP_NATS_PORT: String(layout.natsPort),
    LOCKSTEP_EXCHANGE_SIMULATOR_PORT: String(layout.simulators?.exchange),
    LOCKSTEP_SUPEROFFICE_SIMULATOR_PORT: String(layout.simulators?.superoffice),
  };
}

const startedWithinMs = 90_000;
const stoppedWithinMs = 20_000;

describe('npm start', () => {
  const dataFolder = mkdtempSync(path.join(os.tmpdir(), 'lockstep-start-'));
  const environment: Record<string, string> = {};
  let ports: number[] = [];
  let exchange: ExchangeCalendar;
  let superoffice: SuperOfficeDiary;
  let started: Started | undefined;

  beforeAll(async () => {
    const layout = await testLayout(root, dataFolder);
    Object.assign(environment, portsOf(layout));
    ports = [
      ...Object.values(layout.services),
      layout.webhooks,
      layout.natsPort,
      ...Object.values(layout.simulators ?? {}),
    ];
    exchange = new ExchangeCalendar(`http://127.0.0.1:${layout.simulators?.exchange}`, 'alice@lockstep.test');
    superoffice = new SuperOfficeDiary(`http://127.0.0.1:${layout.simulators?.superoffice}`, 'alice');
  });
  afterAll(() => {
    started?.child.kill('SIGKILL');
    rmSync(dataFolder, { recursive: true, force: true });
  });

  interface Started {
    readonly child: ChildProcess;
    readonly output: () => string;
    readonly ended: Promise<number | null>;
  }

  /** A command in a process group of its own. */
  function run([command = '', ...args]: readonly string[], more: Readonly<Record<string, string>>): Started {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        text += chunk;
      });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    return { child, output: () => text, ended };
  }

  async function start(): Promise<Started> {
    const begun = run(['npm', 'start', '--', '--data', dataFolder], environment);
    await eventually(startedWithinMs, () => {
      if (!begun.output().includes('Lockstep is running')) throw new Error(`npm start said:\n${begun.output()}`);
    });
    return begun;
  }

  /** As Ctrl-C does: the signal goes to the whole foreground group. */
  async function interrupt({ child, ended }: Started): Promise<void> {
    const pid = child.pid ?? 0;
    const before = performance.now();
    process.kill(-pid, 'SIGINT');
    await ended;
    expect(performance.now() - before).toBeLessThan(stoppedWithinMs);
  }

  it('runs, stops within 20 s without leaving a port taken, and goes on from what it stored', async () => {
    started = await start();
    expect(started.output()).toContain('Settings API');
    expect(started.output()).not.toContain(readFileSync(path.join(dataFolder, 'admin-token'), 'utf8'));
    await exchange.create({ subject: 'Before the stop', start: '2026-12-01T09:00:00Z', end: '2026-12-01T10:00:00Z' });
    await eventually(30_000, async () => expect(await superoffice.rows()).toHaveLength(1));
    await interrupt(started);
    for (const port of ports) expect(await isFree(port), `port ${port}`).toBe(true);

    started = await start();
    expect(await exchange.items()).toMatchObject([{ subject: 'Before the stop' }]);
    const [row] = await superoffice.rows();
    await superoffice.change(row?.id ?? 0, { title: 'After the stop' });
    await eventually(60_000, async () => expect(await exchange.items()).toMatchObject([{ subject: 'After the stop' }]));
    expect(await superoffice.rows()).toHaveLength(1);
    await interrupt(started);
  }, 300_000);

  it('refuses a second start on one data folder, and the first goes on', async () => {
    started = await start();
    // Ports of its own: the folder alone stands in the way.
    const others = portsOf(await testLayout(root, dataFolder));
    const second = run(['npm', 'start', '--', '--data', dataFolder], others);
    expect(await second.ended).toBe(1);
    const holder = readFileSync(path.join(dataFolder, 'lock.sqlite-holder'), 'utf8');
    expect(second.output()).toContain('data-folder-in-use');
    expect(second.output()).toContain(`process ${holder}) runs on the data folder ${dataFolder}`);
    expect(() => process.kill(Number(holder), 0)).not.toThrow();
    expect((await fetch(`http://127.0.0.1:${environment[portVariable('settings')]}/readyz`)).ok).toBe(true);
    await interrupt(started);
  }, 180_000);

  it('starts although more users are linked than one page of the API holds', async () => {
    started = await start();
    const base = `http://127.0.0.1:${environment[portVariable('settings')]}/api/v1/user-links`;
    const authorization = `Bearer ${readFileSync(path.join(dataFolder, 'admin-token'), 'utf8')}`;
    for (let user = 0; user < 501; user++) {
      const body = JSON.stringify({
        ...{ address: `a${user}@lockstep.test`, associateId: 1_000 + user, zone: 'Europe/Oslo', enabled: false },
      });
      const headers = { authorization, 'content-type': 'application/json' };
      expect((await fetch(base, { method: 'POST', headers, body })).status).toBe(201);
    }
    await interrupt(started);
    started = await start();
    await interrupt(started);
  }, 240_000);

  it('ends with everything that it started when npm is killed with -9', async () => {
    started = await start();
    started.child.kill('SIGKILL');
    await eventually(stoppedWithinMs + 5_000, async () => {
      for (const port of ports) expect(await isFree(port), `port ${port}`).toBe(true);
    });
  }, 180_000);

  it('stops at once when it is interrupted while it starts', async () => {
    const begun = run(['npm', 'start', '--', '--data', dataFolder], environment);
    await eventually(startedWithinMs, () => expect(begun.output()).toContain('Starting Lockstep'));
    process.kill(-(begun.child.pid ?? 0), 'SIGINT');
    await begun.ended;
    expect(begun.output()).toContain('Stopped.');
    expect(begun.output()).not.toContain('Lockstep is running');
    for (const port of ports) expect(await isFree(port), `port ${port}`).toBe(true);
  }, 180_000);

  it('tells --help and a wrong option without anything installed and without a network', async () => {
    const bare = mkdtempSync(path.join(os.tmpdir(), 'lockstep-bare-'));
    cpSync(path.join(root, 'scripts'), path.join(bare, 'scripts'), { recursive: true });
    const node = (...options: string[]) =>
      run([process.execPath, path.join(bare, 'scripts/start.mjs'), ...options], {});
    const help = node('--help');
    expect(await help.ended).toBe(0);
    expect(help.output()).toContain('--no-simulators');
    const wrong = node('--wrong');
    expect(await wrong.ended).toBe(2);
    expect(wrong.output()).toContain("'--wrong'");
    rmSync(bare, { recursive: true });
  });

  it('tells the address of a NATS that is not there', async () => {
    const nowhere = run(['npm', 'start', '--', '--data', path.join(dataFolder, 'nowhere')], {
      ...portsOf(await testLayout(root, dataFolder)),
      NATS_URL: 'nats://user:secret@127.0.0.1:9',
    });
    expect(await nowhere.ended).toBe(1);
    expect(nowhere.output()).toContain('No NATS server answers at 127.0.0.1:9, which NATS_URL names');
    expect(nowhere.output()).not.toContain('secret');
  }, 60_000);

  it('tells at once that a NATS has less storage than the streams may take', async () => {
    const small = await startNatsServer({ maxStorageBytes: 5 * 1024 ** 3 });
    try {
      const refused = run(['npm', 'start', '--', '--data', path.join(dataFolder, 'small')], {
        ...portsOf(await testLayout(root, dataFolder)),
        NATS_URL: small.url,
      });
      expect(await refused.ended).toBe(1);
      expect(refused.output()).toContain('Give JetStream 24 GiB of storage');
    } finally {
      await small.stop();
    }
  }, 60_000);

  it('tells that its data folder cannot be written', async () => {
    const file = path.join(dataFolder, 'a-file');
    writeFileSync(file, '');
    const refused = run(['npm', 'start', '--', '--data', path.join(file, 'data')], environment);
    expect(await refused.ended).toBe(1);
    expect(refused.output()).toContain('data-folder-unwritable');
    expect(refused.output()).toContain('--data');
  }, 60_000);
});
