// The index against a real bucket, with two replicas writing the same chunk at the same time.
import { type Bus, connect } from '@lockstep/bus';
import { type NatsServerUnderTest, startNatsServer } from '@lockstep/bus/testing/nats-server';
import type { MailboxKey } from '@lockstep/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RowIndex, type RowIndexOptions } from '../src/changes/row-index.ts';
import { watcherConfig } from '../src/config.ts';
import { whole } from './harness.ts';

const alice = 'aaaaaaaaaaaaaaaa' as MailboxKey;

const placed = { mailbox: alice, kind: 'appointment', state: 'placed', touchedSec: 0, digest: '' } as const;

let nats: NatsServerUnderTest;
let buses: readonly [Bus, Bus];
let conflicts = 0;
beforeAll(async () => {
  nats = await startNatsServer();
  buses = [await connect({ url: nats.url, name: 'one' }), await connect({ url: nats.url, name: 'two' })];
  await buses[0].ensure();
});
afterAll(async () => {
  await Promise.all(buses.map((bus) => bus.drain(1_000)));
  await nats.stop();
});

function replica(bus: Bus, told: Partial<RowIndexOptions> = {}): RowIndex {
  return new RowIndex({
    ...whole,
    bucket: bus.bucket('superoffice-index'),
    now: () => 0,
    maxWaiting: 1_000,
    maxAttempts: 50,
    delay: { baseMs: 2, maxMs: 20 },
    random: Math.random,
    onConflict: () => {
      conflicts++;
    },
    ...told,
  });
}

describe('the row index', () => {
  it('loses no change of either replica', async () => {
    const replicas = buses.map((bus) => replica(bus));
    const rounds = 20;
    for (let round = 0; round < rounds; round++) {
      await Promise.all(
        replicas.flatMap((index, which) =>
          [1, 2, 3].map((id) =>
            index.change(id, (row) => ({
              mailbox: alice,
              kind: 'appointment',
              state: 'seen',
              touchedSec: (row?.touchedSec ?? 0) + 1,
              digest: String(which),
            })),
          ),
        ),
      );
    }
    const rows = await replicas[0]?.getMany([1, 2, 3, 4]);
    expect([...(rows?.values() ?? [])].map((row) => row.touchedSec)).toEqual([2 * rounds, 2 * rounds, 2 * rounds]);
    expect(conflicts).toBeGreaterThan(0);
  });

  it('writes the changes of one moment together', async () => {
    const index = replica(buses[0]);
    await index.change(10_240, () => placed);
    const before = await revision();
    await Promise.all(Array.from({ length: 200 }, (_, n) => index.change(10_240 + n, () => placed)));
    expect((await revision()) - before).toBe(1);
    await index.change(10_240, (same) => same);
    expect((await revision()) - before).toBe(1);

    async function revision(): Promise<number> {
      return (await buses[0].bucket('superoffice-index').getBytes('rows.40'))?.revision ?? 0;
    }
  });

  it('begins a damaged chunk empty, once that was told, and tells it again when the telling failed', async () => {
    const bucket = buses[0].bucket('superoffice-index');
    await bucket.create('rows.100', { v: 1, mailboxes: 'nonsense' });
    const told: string[] = [];
    const onDamaged = async (key: string) => {
      if (told.push(key) === 1) throw new Error('nobody there');
    };
    const index = replica(buses[0], { onDamaged });
    await expect(index.get(25_600)).rejects.toThrow('nobody there');
    expect(await index.get(25_600)).toBeUndefined();
    await index.change(25_600, () => placed);
    expect(await index.get(25_600)).toEqual(placed);
    expect(told).toEqual(['rows.100', 'rows.100']);
  });

  it('stops at a chunk of a newer release, and leaves it alone', async () => {
    const bucket = buses[0].bucket('superoffice-index');
    await bucket.create('rows.101', { v: 2, rows: 'in a form that is not known yet' });
    const newer: unknown[] = [];
    const index = replica(buses[0], { onNewer: (error) => newer.push(error.error.code) });
    await expect(index.change(25_856, () => placed)).rejects.toThrow();
    expect(newer).toEqual(['stored-record-newer']);
    expect((await bucket.getBytes('rows.101'))?.value).toEqual(
      new TextEncoder().encode('{"v":2,"rows":"in a form that is not known yet"}'),
    );
  });

  it('refuses more than may wait', async () => {
    const bucket = buses[0].bucket('superoffice-index');
    const bounds = { ...watcherConfig.index, maxWaiting: 1 };
    const index = new RowIndex({
      ...bounds,
      bucket,
      now: () => 0,
      random: Math.random,
      onConflict: () => {},
      ...whole,
    });
    const first = index.change(99_999, () => undefined);
    expect(() => index.change(99_999, () => undefined)).toThrow(/as many requests/);
    await first;
  });
});
