import { serviceNames } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';
import { natsServerConfig, permissionsOf } from './nats-config.ts';

describe('the NATS configuration', () => {
  it('names port, storage and monitoring', () => {
    const text = natsServerConfig({ port: 4333, storeDir: '/data/nats', monitoringPort: 8333 });
    expect(text).toContain('listen: "127.0.0.1:4333"');
    expect(text).toContain('store_dir: "/data/nats"');
    expect(text).toContain('http: "127.0.0.1:8333"');
    expect(text).not.toContain('authorization');
  });

  it('refuses users that no service has and text that would end a quotation', () => {
    expect(() => natsServerConfig({ port: 1, storeDir: '/d', users: { somebody: 'x' } })).toThrow(RangeError);
    expect(() => natsServerConfig({ port: 1, storeDir: '/d', users: { settings: 'a"b' } })).toThrow(RangeError);
    expect(() => natsServerConfig({ port: 1, storeDir: '/d\nauthorization {}' })).toThrow(RangeError);
  });

  it.each(serviceNames)('gives %s nothing that covers all subjects, all streams or all keys of leases', (service) => {
    const { publish, subscribe } = permissionsOf(service);
    for (const subject of [...publish, ...subscribe]) {
      expect(subject).not.toMatch(/^(>|\*)/);
      expect(subject).not.toMatch(/^\$JS\.API\.(>|\*|STREAM\.(>|\*)|CONSUMER\.(>|\*))/);
      expect(subject).not.toMatch(/^\$KV\.(>|\*|leases\.>)/);
      expect(subject).not.toMatch(/^lockstep\.v1\.>/);
      expect(subject).not.toMatch(/PURGE|UPDATE|STREAM\.DELETE|MSG\.DELETE/);
    }
  });

  it('lets settings alone write the settings', () => {
    const writers = serviceNames.filter((service) => permissionsOf(service).publish.includes('$KV.settings.>'));
    expect(writers).toEqual(['settings']);
  });

  it('lets only the owner of an operation serve it', () => {
    const subject = 'lockstep.v1.exchange.create';
    expect(serviceNames.filter((service) => permissionsOf(service).subscribe.includes(subject))).toEqual([
      'exchange-gateway',
    ]);
  });
});
