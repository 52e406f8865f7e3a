// Storage is made as declared, and another than declared is refused by name.
import { buckets, streams } from '@lockstep/contracts';
import { connect as connectNats, type StreamConfig as NatsStreamConfig } from 'nats';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StorageDiffers, StorageTooSmall } from '../src/index.ts';
import { bucketConfig, streamConfig } from '../src/storage-config.ts';
import { type NatsServerUnderTest, startNatsServer } from '../src/testing/nats-server.ts';
import { Buses } from './helpers.ts';

let server: NatsServerUnderTest;
const buses = new Buses();
beforeEach(async () => {
  server = await startNatsServer();
});
afterEach(async () => {
  await buses.close();
  await server.stop();
});

async function add(config: object): Promise<void> {
  const nats = await connectNats({ servers: server.url });
  await (await nats.jetstreamManager()).streams.add(config as NatsStreamConfig);
  await nats.close();
}
async function reported(name: string) {
  const nats = await connectNats({ servers: server.url });
  const { config } = await (await nats.jetstreamManager()).streams.info(name);
  await nats.close();
  return config;
}

describe('ensure', () => {
  it('creates every declared stream and bucket, by several services at once and again later', async () => {
    const [one, two] = [await buses.open(server.url), await buses.open(server.url)];
    await Promise.all([one.ensure(), two.ensure()]);
    await one.ensure();
    const { retention, max_msgs_per_subject, discard, discard_new_per_subject } = await reported('CHANGE');
    expect({ retention, max_msgs_per_subject, discard, discard_new_per_subject }).toEqual({
      retention: 'workqueue',
      max_msgs_per_subject: 1,
      discard: 'new',
      discard_new_per_subject: undefined,
    });
    expect(await reported('KV_leases')).toMatchObject({ max_age: 15_000_000_000, max_msgs_per_subject: 1 });
  });

  it('creates only what the service uses', async () => {
    const bus = await buses.open(server.url, { storage: { streams: ['NOTIFIED'], buckets: ['leases'] } });
    await bus.ensure();
    await expect(reported('CHANGE')).rejects.toThrow('stream not found');
    expect((await reported('NOTIFIED')).name).toBe('NOTIFIED');
  });

  it.each([
    ['its limit', { ...streamConfig(streams.CHANGE, 1), max_msgs: 5 }, 'max_msgs'],
    [
      'what it keeps of a subject',
      { ...streamConfig(streams.CHANGE, 1), max_msgs_per_subject: 2 },
      'max_msgs_per_subject',
    ],
    ['its subjects', { ...streamConfig(streams.CHANGE, 1), subjects: ['lockstep.v1.change.>'] }, 'subjects'],
    ['its retention', { ...streamConfig(streams.HISTORY, 1), retention: 'workqueue' }, 'retention'],
    [
      'the time that a lease lives',
      { ...bucketConfig(buckets.leases, 1), max_age: 60e9, duplicate_window: 60e9 },
      'max_age',
    ],
  ])('refuses a stream that differs in %s, and leaves it as it is', async (_what, config, field) => {
    await add(config);
    const bus = await buses.open(server.url);
    const error = await bus.ensure().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StorageDiffers);
    expect(error).toMatchObject({ stream: config.name, field });
    expect(await reported(config.name)).toMatchObject({ [field]: config[field as 'name'] });
  });

  it('says what to do when NATS has less room than the streams may take, and can be told to take less', async () => {
    const small = await startNatsServer({ maxStorageBytes: 5 * 1024 ** 3 });
    try {
      const refused = await buses.open(small.url);
      const error = await refused.ensure().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(StorageTooSmall);
      expect((error as Error).message).toMatch(/HISTORY.*20 GiB.*24 GiB.*LOCKSTEP_HISTORY_GIB/);
      const bounded = await buses.open(small.url, { historyBytes: 1024 ** 3 });
      await bounded.ensure();
      // Whoever is told another bound later takes the history as it is.
      await refused.ensure();
    } finally {
      await small.stop();
    }
  });

  it('refuses when this one NATS server cannot keep the copies that are asked for', async () => {
    const bus = await buses.open(server.url, { replicas: 3 });
    await expect(bus.ensure()).rejects.toMatchObject({ name: 'BusError', error: { code: 'bus-unavailable' } });
  });
});
