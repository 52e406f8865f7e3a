// The index against a real bucket, with two replicas writing the same chunk at the same time.
import { type Bus, connect } from '@lockstep/bus';
import { type NatsServerUnderTest, startNatsServer } from '@lockstep/bus/testing/nats-server';
import type { MailboxKey } from '@lockstep/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RowIndex } from '../src/changes/row-index.ts';
import { watcherConfig } from '../src/config.ts';

const alice = 'aaaaaaaaaaaaaaaa' as MailboxKey;

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

function replica(bus: Bus): RowIndex {
  return new RowIndex({
    bucket: bus.bucket('superoffice-index'),
    now: () => 0,
    maxWaiting: 1_000,
    maxAttempts: 50,
    delay: { baseMs: 2, maxMs: 20 },
    random: Math.random,
    onConflict: () => {
      conflicts++;
    },
  });
}

describe('the row index', () => {
  it('loses no change of either replica', async () => {
    const replicas = buses.map(replica);
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
    const row = { mailbox: alice, kind: 'appointment', state: 'placed', touchedSec: 0, digest: '' } as const;
    await index.change(10_240, () => row);
    const before = await revision();
    await Promise.all(Array.from({ length: 200 }, (_, n) => index.change(10_240 + n, () => row)));
    expect((await revision()) - before).toBe(1);
    await index.change(10_240, (same) => same);
    expect((await revision()) - before).toBe(1);

    async function revision(): Promise<number> {
      return (await buses[0].bucket('superoffice-index').getBytes('rows.40'))?.revision ?? 0;
    }
  });

  it('refuses more than may wait', async () => {
    const bucket = buses[0].bucket('superoffice-index');
    const bounds = { ...watcherConfig.index, maxWaiting: 1 };
    const index = new RowIndex({ ...bounds, bucket, now: () => 0, random: Math.random, onConflict: () => {} });
    const first = index.change(99_999, () => undefined);
    expect(() => index.change(99_999, () => undefined)).toThrow(/as many requests/);
    await first;
  });
});
