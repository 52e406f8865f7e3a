// Buckets and leases on a real nats-server: compare-and-set, expiry, and a lease that changes hands.
import { buckets } from '@lockstep/contracts';
import { Type } from 'typebox';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Bucket, Bus } from '../src/index.ts';
import { type LeaseTimings, tryLease } from '../src/lease.ts';
import { type NatsServerUnderTest, startNatsServer } from '../src/testing/nats-server.ts';
import { until } from '../src/testing/until.ts';
import { Buses } from './helpers.ts';

let server: NatsServerUnderTest;
const buses = new Buses();
const Value = Type.Object({ n: Type.Integer() });
/** Every test has keys of its own in the one storage. */
let serial = 0;
const freshKey = () => `key.${++serial}`;

beforeAll(async () => {
  server = await startNatsServer();
});
afterEach(() => buses.close());
afterAll(() => server.stop());

async function ensured(): Promise<Bus> {
  const bus = await buses.open(server.url);
  await bus.ensure();
  return bus;
}

describe('a bucket', () => {
  it('creates a key once, and updates and deletes it only with the revision that was read', async () => {
    const bucket = (await ensured()).bucket('mailboxes');
    const key = freshKey();
    expect(await bucket.get(key, Value)).toBeUndefined();
    const created = await bucket.create(key, { n: 1 });
    const revision = created.kind === 'written' ? created.revision : 0;
    expect(await bucket.create(key, { n: 2 })).toEqual({ kind: 'conflict' });
    expect(await bucket.update(key, { n: 2 }, revision + 1)).toEqual({ kind: 'conflict' });
    expect(await bucket.delete(key, revision + 1)).toEqual({ kind: 'conflict' });
    expect(await bucket.get(key, Value)).toEqual({ key, value: { n: 1 }, revision });
    const updated = await bucket.update(key, { n: 2 }, revision);
    expect(updated.kind).toBe('written');
    expect(await bucket.update(key, { n: 3 }, revision)).toEqual({ kind: 'conflict' });
    expect((await bucket.get(key, Value))?.value).toEqual({ n: 2 });
  });

  it('lets one of many writers win', async () => {
    const [one, two] = [(await ensured()).bucket('links'), (await ensured()).bucket('links')];
    const key = freshKey();
    const written = await Promise.all([one, two, one, two].map((bucket, n) => bucket.create(key, { n })));
    expect(written.filter(({ kind }) => kind === 'written')).toHaveLength(1);
  });

  it('creates a deleted key anew, with a higher revision, and does not list it meanwhile', async () => {
    const bucket = (await ensured()).bucket('mailboxes');
    const key = freshKey();
    const first = await bucket.create(key, { n: 1 });
    await bucket.delete(key, first.kind === 'written' ? first.revision : 0);
    expect(await bucket.getBytes(key)).toBeUndefined();
    expect(await bucket.keys('key.>')).not.toContain(key);
    const second = await bucket.create(key, { n: 2 });
    expect(second.kind === 'written' && first.kind === 'written' && second.revision > first.revision).toBe(true);
    expect(await bucket.keys('key.*')).toContain(key);
  });

  it('keeps bytes as they are', async () => {
    const bucket = (await ensured()).bucket('links');
    const key = freshKey();
    const bytes = Uint8Array.from({ length: 70_000 }, (_, n) => n % 256);
    await bucket.createBytes(key, bytes);
    const entry = await bucket.getBytes(key);
    expect(entry?.value).toEqual(bytes);
    await bucket.updateBytes(key, Uint8Array.of(), entry?.revision ?? 0);
    expect((await bucket.getBytes(key))?.value).toEqual(Uint8Array.of());
  });

  it('takes a value of its whole size and refuses one byte more by name', async () => {
    const bucket = (await ensured()).bucket('links');
    const full = new Uint8Array(buckets.links.maxValueBytes);
    expect((await bucket.createBytes(freshKey(), full)).kind).toBe('written');
    const tooMuch = new Uint8Array(buckets.links.maxValueBytes + 1);
    await expect(bucket.createBytes(freshKey(), tooMuch)).rejects.toMatchObject({
      error: { code: 'message-too-large' },
    });
  });

  it('says which field of a value does not fit', async () => {
    const bucket = (await ensured()).bucket('mailboxes');
    const key = freshKey();
    await bucket.create(key, { n: 'private' });
    const error = await bucket.get(key, Value).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'BusError', error: { code: 'reply-invalid', field: '/n' } });
    expect(String(error)).not.toContain('private');
  });

  it('gives the history of a key, oldest first', async () => {
    const bucket = (await ensured()).bucket('settings');
    const key = freshKey();
    let written = await bucket.create(key, { n: 0 });
    for (let n = 1; n < 5; n++)
      written = await bucket.update(key, { n }, written.kind === 'written' ? written.revision : 0);
    const history = await bucket.history(key);
    expect(history.map(({ value }) => JSON.parse(new TextDecoder().decode(value)).n)).toEqual([0, 1, 2, 3, 4]);
    expect(await bucket.history(freshKey())).toEqual([]);
  });

  it('lists its keys while others are written, replaced and deleted', async () => {
    const [reader, writer] = [(await ensured()).bucket('mailboxes'), (await ensured()).bucket('mailboxes')];
    const prefix = `churn${++serial}`;
    await reader.create(`${prefix}.still`, {});
    let listing = true;
    const churn = Array.from({ length: 8 }, async (_, n) => {
      while (listing) {
        const made = await writer.create(`${prefix}.${n}`, {});
        if (made.kind === 'conflict') continue;
        const updated = await writer.update(`${prefix}.${n}`, {}, made.revision);
        if (updated.kind === 'written') await writer.delete(`${prefix}.${n}`, updated.revision);
      }
    });
    for (let n = 0; n < 100; n++) {
      const keys = await reader.keys(`${prefix}.>`);
      expect(keys).toContain(`${prefix}.still`);
      expect(new Set(keys).size).toBe(keys.length);
    }
    listing = false;
    await Promise.all(churn);
  });

  it('refuses keys that NATS would read as something else', async () => {
    const bucket = (await ensured()).bucket('mailboxes');
    for (const key of ['', 'a b', 'a.*', '>', '.a', 'a..b', 'é'])
      await expect(bucket.getBytes(key), key).rejects.toThrow(RangeError);
  });
});

describe('a lease', () => {
  const quick: LeaseTimings = { renewEveryMs: 100, validMs: 2_000, retryEveryMs: 50 };
  const leases = async (): Promise<Bucket> => (await ensured()).bucket('leases');

  it('is held by one; released, another has it at once, with a higher epoch', async () => {
    const [one, two] = [await ensured(), await ensured()];
    const key = freshKey();
    const first = await one.tryLease({ key, holder: 'one' });
    expect(await two.tryLease({ key, holder: 'two' })).toBeUndefined();
    await first?.release();
    expect(first?.signal.aborted).toBe(true);
    const second = await two.tryLease({ key, holder: 'two' });
    expect(second && first && second.epoch > first.epoch).toBe(true);
    expect(second?.signal.aborted).toBe(false);
    await second?.release();
  });

  it('is renewed as long as it is held', async () => {
    const bucket = await leases();
    const key = freshKey();
    const lease = await tryLease(bucket, { key, holder: 'one' }, quick);
    await until(async () => ((await bucket.getBytes(key))?.revision ?? 0) > (lease?.epoch ?? 0) + 2);
    expect(lease?.signal.aborted).toBe(false);
    await lease?.release();
    expect(await bucket.getBytes(key)).toBeUndefined();
  });

  it('ends at once when another revision stands there, and its release leaves that alone', async () => {
    const bucket = await leases();
    const key = freshKey();
    const lease = await tryLease(bucket, { key, holder: 'one' }, { ...quick, validMs: 60_000 });
    const entry = await bucket.getBytes(key);
    await bucket.delete(key, entry?.revision ?? 0);
    const next = await tryLease(bucket, { key, holder: 'two' }, quick);
    await until(() => lease?.signal.aborted);
    await lease?.release();
    expect(next?.signal.aborted).toBe(false);
    expect((await bucket.getBytes(key)) !== undefined).toBe(true);
    await next?.release();
  });

  it('whose holder has died is free when the bucket lets it go, and never before', async () => {
    const [dying, other] = [await ensured(), await ensured()];
    const key = freshKey();
    const held = await dying.tryLease({ key, holder: 'dying' });
    await dying.drain(0);
    const next = await until(() => other.tryLease({ key, holder: 'other' }), 'the lease to expire', 30_000);
    // The old holder had stopped by then: its 10 s are over before the server's 15.
    expect(held?.signal.aborted).toBe(true);
    expect(next.epoch).toBeGreaterThan(held?.epoch ?? 0);
    await next.release();
  });

  it('goes on through an unanswered renewal, also one that was carried out', async () => {
    const bucket = await leases();
    const key = freshKey();
    let lose = 0;
    const losing: Bucket = {
      ...bucket,
      async update(name, value, revision) {
        const written = await bucket.update(name, value, revision);
        if (lose-- > 0) return bucket.update('', value, revision).catch(() => Promise.reject(unanswered));
        return written;
      },
    };
    const { BusError } = await import('../src/index.ts');
    const { codedError } = await import('@lockstep/contracts');
    const unanswered = new BusError(codedError('bus-unavailable'));
    const lease = await tryLease(losing, { key, holder: 'one' }, quick);
    lose = 2;
    await until(async () => ((await bucket.getBytes(key))?.revision ?? 0) > (lease?.epoch ?? 0) + 4);
    expect(lease?.signal.aborted).toBe(false);
    await lease?.release();
  });
});
