import { afterEach, beforeEach, expect, it } from 'vitest';
import { type NatsServerUnderTest, startNatsServer } from '../src/testing/nats-server.ts';
import { until } from '../src/testing/until.ts';
import { Buses } from './helpers.ts';

let server: NatsServerUnderTest;
const buses = new Buses();
beforeEach(async () => {
  server = await startNatsServer();
});
afterEach(async () => {
  server.thaw();
  await buses.close();
  await server.stop();
});

it('the storage answers, is silent while NATS stands still, and cannot be reached without a connection', async () => {
  const bus = await buses.open(server.url, { pingEveryMs: 1_000, timeoutMs: 300 });
  await bus.ensure();
  expect(await bus.storageState(5_000)).toBe('answers');
  server.freeze();
  expect(await bus.storageState(300)).toBe('silent');
  await until(() => !bus.connected(), 'the connection to count as lost');
  expect(await bus.storageState(300)).toBe('unreachable');
  server.thaw();
  await until(() => bus.connected(), 'another connection');
  expect(await bus.storageState(5_000)).toBe('answers');
});
