// Shares of partitions and single leases among several processes: here several buses on one real server.
import { type Bus, connect, type Lease } from '@lockstep/bus';
import { type NatsServerUnderTest, startNatsServer } from '@lockstep/bus/testing/nats-server';
import { until } from '@lockstep/bus/testing/until';
import { aborted } from '@lockstep/bus/wait';
import { leaseKeys, partitions } from '@lockstep/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../src/logger.ts';
import { type CandidateOptions, standFor } from '../src/ownership/candidate.ts';
import { type Owned, PartitionShare, type PartitionShareOptions } from '../src/ownership/partition-share.ts';

const everyMs = 100;
const log = createLogger({ service: 'test', instance: 'test', level: 'silent' });
const keys = { member: leaseKeys.scannerReplica, partition: leaseKeys.scannerPartition };
let server: NatsServerUnderTest;
const opened: { readonly bus: Bus; stop(): Promise<void> }[] = [];

beforeAll(async () => {
  server = await startNatsServer();
});
afterEach(async () => {
  for (const { bus, stop } of opened.splice(0)) {
    await stop();
    await bus.drain(0);
  }
});
afterAll(() => server.stop());

async function open(): Promise<Bus> {
  const bus = await connect({ url: server.url, name: 'test' });
  await bus.ensure();
  return bus;
}

interface Replica {
  readonly share: PartitionShare;
  readonly owned: Map<number, Owned>;
  readonly failures: unknown[];
  stop(): Promise<void>;
}

/** Who works on each partition, over all replicas of a test: more than one is what must never be. */
class Workers {
  readonly #at = new Map<number, number>();
  most = 0;

  change(partition: number, by: 1 | -1): void {
    const count = (this.#at.get(partition) ?? 0) + by;
    this.#at.set(partition, count);
    this.most = Math.max(this.most, count);
  }
}

async function replica(workers: Workers, options: Partial<PartitionShareOptions> = {}): Promise<Replica> {
  const bus = await open();
  const owned = new Map<number, Owned>();
  const failures: unknown[] = [];
  const share = new PartitionShare({
    bus,
    keys,
    member: crypto.randomUUID(),
    holder: 'test',
    everyMs,
    onOwned: async (one) => {
      workers.change(one.partition, 1);
      owned.set(one.partition, one);
      await aborted(one.leaving);
      owned.delete(one.partition);
      workers.change(one.partition, -1);
    },
    onFailure: (error) => failures.push(error),
    ...options,
  });
  share.start();
  opened.push({ bus, stop: () => share.stop() });
  return { share, owned, failures, stop: () => share.stop() };
}

describe('a share of the partitions', () => {
  it('is everything for one, half for each of two, and everything again for the one that stays', async () => {
    const workers = new Workers();
    const first = await replica(workers);
    await until(() => first.share.turned, 'the first turn');
    expect(first.share.owned).toBe(partitions.length);
    const second = await replica(workers);
    await until(() => first.owned.size === 32 && second.owned.size === 32, 'equal shares');
    await first.stop();
    expect(first.share.owned).toBe(0);
    await until(() => second.owned.size === 64, 'everything');
    expect(workers.most).toBe(1);
    expect([...first.failures, ...second.failures]).toEqual([]);
  });

  it('is handed over in peace: the next owner begins when the work of the former one has ended', async () => {
    const workers = new Workers();
    const finish = new AbortController();
    const first = await replica(workers, {
      onOwned: async ({ partition, leaving }) => {
        workers.change(partition, 1);
        await aborted(leaving);
        await aborted(finish.signal);
        workers.change(partition, -1);
      },
    });
    await until(() => first.share.owned === 64, 'all partitions');
    const second = await replica(workers);
    await until(() => second.share.turned, 'a turn of the newcomer');
    const stopping = first.stop();
    const leases = (await observer()).bucket('leases');
    await until(async () => (await leases.keys(keys.member('*'))).length === 1, 'one member');
    expect(second.owned.size).toBe(0);
    finish.abort();
    await stopping;
    await until(() => second.owned.size === 64, 'all partitions');
    expect(workers.most).toBe(1);
  });

  it('gives a partition back on demand and takes it again under a greater epoch', async () => {
    const { owned, share } = await replica(new Workers());
    const before = await until(() => owned.get(7), 'the partition');
    share.giveBack(7);
    expect(before.leaving.aborted).toBe(true);
    const after = await until(() => (owned.get(7) === before ? undefined : owned.get(7)), 'the partition again');
    expect(after.epoch).toBeGreaterThan(before.epoch);
    expect(after.leaving.aborted).toBe(false);
    expect([...owned.values()].filter(({ leaving }) => leaving.aborted)).toEqual([]);
  });

  it('notices a lease that was lost, stops working on it, and stands for it again', async () => {
    const { owned } = await replica(new Workers());
    const before = await until(() => owned.get(9), 'the partition');
    const leases = (await observer()).bucket('leases');
    await until(async () => {
      const entry = await leases.getBytes(keys.partition(9));
      return entry !== undefined && (await leases.delete(entry.key, entry.revision)).kind === 'written';
    }, 'the lease to be taken away');
    await until(() => before.signal.aborted, 'the owner to notice');
    const after = await until(() => (owned.get(9) === before ? undefined : owned.get(9)), 'the partition again');
    expect(after.epoch).toBeGreaterThan(before.epoch);
  });

  it('survives work that throws: the failure is told, the lease given back and tried for again', async () => {
    let thrown = 0;
    const { failures, owned } = await replica(new Workers(), {
      onOwned: async ({ partition, leaving }) => {
        if (partition === 3 && thrown++ < 2) throw new TypeError('broken');
        await aborted(leaving);
      },
    });
    await until(() => thrown === 3, 'the third attempt');
    expect(failures).toHaveLength(2);
    expect(owned.size).toBe(0);
  });
});

describe('a candidate', () => {
  it('leads alone, and the next one leads when it stops', async () => {
    const leading = new Set<string>();
    const [first, second] = [await candidate('first', leading), await candidate('second', leading)];
    await until(() => leading.size === 1 && first.tried() && second.tried(), 'a leader');
    const [leader] = leading;
    await (leader === 'first' ? first : second).stop();
    await until(() => leading.size === 1 && !leading.has(leader ?? ''), 'the other one');
  });

  it('that fails to lead gives the lease back and tries again', async () => {
    const leading = new Set<string>();
    let failed = 0;
    await candidate('only', leading, {
      lead: async () => {
        if (failed++ < 2) throw new TypeError('broken');
        leading.add('only');
        return { stop: async () => undefined };
      },
    });
    await until(() => leading.has('only'), 'the third attempt');
    expect(failed).toBe(3);
  });

  it('that is stopped while it asks for the lease does not begin to lead', async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<Lease>();
    let led = 0;
    let released = 0;
    const tryLease = () => {
      asked.resolve();
      return answer.promise;
    };
    const lead = async () => {
      led++;
      return { stop: async () => undefined };
    };
    const one = standFor({ bus: { tryLease }, log }, { key: 'test.late', holder: 'test', everyMs, lead });
    await asked.promise;
    const stopped = one.stop();
    const release = async () => void released++;
    const { signal } = new AbortController();
    answer.resolve({ key: 'test.late', epoch: 1, signal, isValid: () => true, release });
    await stopped;
    expect([led, released]).toEqual([0, 1]);
  });
});

async function candidate(name: string, leading: Set<string>, options: Partial<CandidateOptions> = {}) {
  const bus = await open();
  const lead = async () => {
    leading.add(name);
    return { stop: async () => void leading.delete(name) };
  };
  const standing = standFor({ bus, log }, { key: leaseKeys.sweep, holder: name, everyMs, lead, ...options });
  opened.push({ bus, stop: () => standing.stop() });
  return standing;
}

/** A connection of the test's own. */
async function observer(): Promise<Bus> {
  const bus = await open();
  opened.push({ bus, stop: async () => undefined });
  return bus;
}
