// `npm start` as a user runs it: started, interrupted, started again from what it stored.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { portVariable, testLayout } from '../../scripts/system/layout.ts';
import { isFree } from '../../scripts/system/ports.ts';
import { ExchangeCalendar, SuperOfficeDiary } from './support/control.ts';
import { eventually } from './support/eventually.ts';
import { root } from './support/running-system.ts';

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
    for (const [name, port] of Object.entries(layout.services)) environment[portVariable(name as never)] = String(port);
    environment['LOCKSTEP_WEBHOOK_PORT'] = String(layout.webhooks);
    environment['LOCKSTEP_NATS_PORT'] = String(layout.natsPort);
    environment['LOCKSTEP_EXCHANGE_SIMULATOR_PORT'] = String(layout.simulators?.exchange);
    environment['LOCKSTEP_SUPEROFFICE_SIMULATOR_PORT'] = String(layout.simulators?.superoffice);
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

  async function start(): Promise<Started> {
    const child = spawn('npm', ['start', '--', '--data', dataFolder], {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        text += chunk;
      });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const result = { child, output: () => text, ended };
    await eventually(startedWithinMs, () => {
      if (!text.includes('Lockstep is running')) throw new Error(`npm start said:\n${text}`);
    });
    return result;
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
});
