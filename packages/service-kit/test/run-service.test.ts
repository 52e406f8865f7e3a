// A whole service process against a real nats-server: start without NATS, readiness, orderly stop, and what ends it hard.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Bus, connect } from '@lockstep/bus';
import { freePort, type NatsServerUnderTest, startNatsServer } from '@lockstep/bus/testing/nats-server';
import { until } from '@lockstep/bus/testing/until';
import { settingsKeys, success, superoffice } from '@lockstep/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly url?: string;
}
interface ServiceUnderTest {
  readonly process: ChildProcess;
  readonly lines: readonly Line[];
  said(msg: string): Promise<Line>;
  exitCode(): Promise<number | null>;
}

let server: NatsServerUnderTest;
let operator: Bus;
const started: ChildProcess[] = [];

function startService(environment: Record<string, string> = {}): ServiceUnderTest {
  const child = spawn(process.execPath, [new URL('fixture/service.ts', import.meta.url).pathname], {
    env: { PATH: process.env['PATH'], NATS_URL: server.url, LOCKSTEP_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const lines: Line[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line) as Line));
  return {
    process: child,
    lines,
    said: (msg) => until(() => lines.find((line) => line.msg === msg), `the line "${msg}"`),
    exitCode: () => exited,
  };
}

beforeEach(async () => {
  server = await startNatsServer();
  operator = await connect({ url: server.url, name: 'test' });
});
afterEach(async () => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  await operator.drain(0);
  await server.stop();
});

describe('a service process', () => {
  it('answers health, readiness, metrics and its own routes', async () => {
    const { url } = await startService().said('started');
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({
      ready: true,
      nats: true,
      settings: true,
      service: true,
    });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${url}/own`)).json()).toEqual({ limit: 0 });
    expect(await (await fetch(`${url}/metrics`)).text()).toContain(
      'lockstep_bus_connected{service="superoffice-watcher"} 1',
    );
  });

  it('stops within its time on SIGTERM: finishes what runs, takes nothing new, and ends with 0', async () => {
    const service = startService();
    await service.said('started');
    const options = { correlationId: 'c', deadlineMs: 5_000 };
    const request = operator.request(superoffice.listAssociates, { afterAssociateId: 0, maxItems: 1 }, options);
    await service.said('working');
    service.process.kill('SIGTERM');
    expect(await request).toEqual(success({ associates: [], more: false }));
    expect(await service.exitCode()).toBe(0);
    expect(service.lines.map(({ msg }) => msg).slice(-3)).toEqual(['stopping', 'service stops', 'stopped']);
  });

  it('is alive but not ready while NATS is away, and ready again afterwards', async () => {
    const { url } = await startService().said('started');
    await server.kill();
    await until(async () => (await fetch(`${url}/readyz`)).status === 503);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await server.restart();
    await until(async () => (await fetch(`${url}/readyz`)).status === 200);
  });

  it('makes its storage again when NATS has lost it', async () => {
    await startService().said('started');
    const stored = () =>
      operator
        .bucket('superoffice-index')
        .getBytes('a')
        .then(
          () => true,
          () => false,
        );
    expect(await stored()).toBe(true);
    await server.restart({ empty: true });
    await until(stored);
  });

  it('waits for NATS at start, says so once, and can be stopped meanwhile', async () => {
    await server.kill();
    const service = startService();
    await service.said('waiting for NATS');
    await server.restart();
    await service.said('started');
    expect(service.lines.filter(({ msg }) => msg === 'waiting for NATS')).toHaveLength(1);

    await server.kill();
    const second = startService();
    await second.said('waiting for NATS');
    second.process.kill('SIGINT');
    expect(await second.exitCode()).toBe(0);
  });

  it('refuses to start on settings of a newer version and names them', async () => {
    await operator.ensure();
    const value = { v: 2, somethingNew: true };
    const at = '2026-11-22T08:00:00.000Z';
    await operator.bucket('settings').create(settingsKeys.sync, { v: 1, author: 'test', at, value });
    const service = startService();
    expect(await service.exitCode()).toBe(1);
    const [last] = service.lines.slice(-1);
    expect(last).toMatchObject({
      level: 'fatal',
      msg: expect.stringContaining('setting sync is of version 2; this release reads up to 1'),
    });
  });

  it('ends with 1 when a promise is rejected that nobody awaits', async () => {
    const service = startService({ LOCKSTEP_INSTANCE: 'throws' });
    expect(await service.exitCode()).toBe(1);
    expect(service.lines).toContainEqual(expect.objectContaining({ level: 'fatal', msg: 'unhandled rejection' }));
    expect(JSON.stringify(service.lines)).not.toContain('a defect');
  });

  it.skipIf(process.platform !== 'linux')('works on while its log cannot be written, the disk being full', async () => {
    const full = openSync('/dev/full', 'w');
    const port = await freePort();
    const child = spawn(process.execPath, [new URL('fixture/service.ts', import.meta.url).pathname], {
      env: { PATH: process.env['PATH'], NATS_URL: server.url, LOCKSTEP_PORT: String(port) },
      stdio: ['ignore', full, 'inherit'],
    });
    closeSync(full);
    started.push(child);
    const ready = () => fetch(`http://127.0.0.1:${port}/readyz`).then(({ status }) => status === 200);
    await until(() => child.exitCode !== null || ready().catch(() => false), 'the service to be ready');
    expect(child.exitCode).toBe(null);
    const options = { correlationId: 'c', deadlineMs: 5_000 };
    const request = operator.request(superoffice.listAssociates, { afterAssociateId: 0, maxItems: 1 }, options);
    expect(await request).toEqual(success({ associates: [], more: false }));
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('refuses a wrong variable and names it', async () => {
    const service = startService({ LOCKSTEP_NATS_REPLICAS: '2' });
    expect(await service.exitCode()).toBe(1);
    expect(JSON.stringify(service.lines)).toContain('LOCKSTEP_NATS_REPLICAS is none of 1, 3');
  });
});
