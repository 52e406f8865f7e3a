// What NATS can do to a running system short of being killed: it stands still, and its disk is full. Everything heals by itself.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { serviceNames } from '@lockstep/contracts';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './support/eventually.ts';
import { type RunningSystem, startSystem } from './support/running-system.ts';

const frozenForMs = 22_000;
const fullForMs = 20_000;
const healedWithinMs = 60_000;
let running: RunningSystem | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

async function ready({ system }: RunningSystem): Promise<readonly number[]> {
  const ask = (name: (typeof serviceNames)[number]) => fetch(`${system.serviceUrl(name)}/readyz`);
  return Promise.all(serviceNames.map(async (name) => (await ask(name)).status));
}
const all = (status: number) => serviceNames.map(() => status);

/** What people did meanwhile on both sides arrives on the other. */
async function changesOfBothSides({ people: { alice, bob } }: RunningSystem) {
  await alice.exchange.create({ subject: 'Of Alice', start: '2026-12-01T09:00:00Z', end: '2026-12-01T10:00:00Z' });
  await bob.superoffice.create({ title: 'Of Bob', start: '2026-12-02T09:00:00', end: '2026-12-02T10:00:00' });
  return async () => {
    expect(await alice.superoffice.rows()).toMatchObject([{ title: 'Of Alice' }]);
    expect(await bob.exchange.items()).toMatchObject([{ subject: 'Of Bob' }]);
  };
}

describe('NATS that stands still for longer than connections last', () => {
  it('makes every service say that it is not ready, and is used again when it goes on', async () => {
    running = await startSystem();
    const nats = running.system.process('nats');
    const goOn = setTimeout(() => nats.kill('SIGCONT'), frozenForMs);
    try {
      nats.kill('SIGSTOP');
      const arrived = await changesOfBothSides(running);
      await eventually(frozenForMs, async () => expect(await ready(running as RunningSystem)).toEqual(all(503)));
      await eventually(frozenForMs + healedWithinMs, arrived);
      expect(await ready(running)).toEqual(all(200));
    } finally {
      clearTimeout(goOn);
      nats.kill('SIGCONT');
    }
  });
});

/** A small disk of its own; undefined with the reason where none can be mounted. */
function smallDisk(): { readonly folder: string } | { readonly missing: string } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'lockstep-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', folder]);
  if (mounted.status === 0) return { folder };
  rmSync(folder, { recursive: true });
  return { missing: 'left out: a small disk can be mounted by root on Linux alone' };
}

describe('a disk that is full', () => {
  let disk: ReturnType<typeof smallDisk>;
  beforeAll(() => {
    disk = smallDisk();
    return () => {
      if (!('folder' in disk)) return;
      spawnSync('umount', ['-l', disk.folder]);
      rmSync(disk.folder, { recursive: true, force: true });
    };
  });

  it('ends no service, and everything works within a minute after there is room', async (context) => {
    if ('missing' in disk) {
      process.stdout.write(`a full disk ${disk.missing}\n`);
      return context.skip(disk.missing);
    }
    const deaths: string[] = [];
    running = await startSystem({ folder: disk.folder, onDeath: (name) => deaths.push(name) });
    const filler = path.join(disk.folder, 'filler');
    spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=1k']);
    const arrived = await changesOfBothSides(running);
    // The length of the outage: every service has written to its log, its streams and its leases in vain.
    await new Promise((resolve) => setTimeout(resolve, fullForMs));
    expect(deaths).toEqual([]);
    rmSync(filler);
    await eventually(healedWithinMs, arrived);
    await eventually(healedWithinMs, async () => expect(await ready(running as RunningSystem)).toEqual(all(200)));
    expect(deaths.filter((name) => name !== 'nats')).toEqual([]);
  });
});
