import { describe, expect, it } from 'vitest';
import { kitConfig, readEnvironment } from './environment.ts';

const configOf = (values: Record<string, string>) => kitConfig('ics-scanner', readEnvironment(values));

describe('the environment', () => {
  it('has a default for everything', () => {
    expect(configOf({})).toMatchObject({
      natsUrl: 'nats://127.0.0.1:4222',
      natsUser: 'ics-scanner',
      replicas: 1,
      historyBytes: 20 * 1024 ** 3,
      host: '127.0.0.1',
      port: 9102,
      logLevel: 'info',
    });
    expect(configOf({ LOCKSTEP_PORT: '' }).port).toBe(9102);
  });

  it('refuses a wrong value and names its variable', () => {
    expect(() => configOf({ LOCKSTEP_NATS_REPLICAS: '2' })).toThrow(/LOCKSTEP_NATS_REPLICAS/);
    expect(() => configOf({ LOCKSTEP_LOG_LEVEL: 'loud' })).toThrow(/LOCKSTEP_LOG_LEVEL/);
    for (const size of ['0', '-1', '1.5', 'all'])
      expect(() => configOf({ LOCKSTEP_HISTORY_GIB: size })).toThrow(/LOCKSTEP_HISTORY_GIB/);
    for (const port of ['http', '-1', '70000'])
      expect(() => configOf({ LOCKSTEP_PORT: port })).toThrow(/LOCKSTEP_PORT/);
  });

  it('knows only declared variables', () => {
    expect(() => readEnvironment({ HOME: '/root' })('HOME')).toThrow(RangeError);
  });
});
