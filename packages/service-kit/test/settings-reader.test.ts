// The settings reader on a real bucket: what it notices, what it survives, and what it refuses.
import { connect } from '@lockstep/bus';
import { type NatsServerUnderTest, startNatsServer } from '@lockstep/bus/testing/nats-server';
import { until } from '@lockstep/bus/testing/until';
import {
  defaultSyncSettings,
  defaultTechnicalSettings,
  type MailboxKey,
  settingsChanged,
  settingsKeys,
  type UserLink,
  userNames,
} from '@lockstep/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { keepFresh } from '../src/keep-fresh.ts';
import { StoredSettings } from '../src/settings-reader.ts';
import { createTestKit, type TestKit, type TestKitOptions } from '../src/testing/kit.ts';

let server: NatsServerUnderTest;
const passwords = Object.fromEntries(userNames.map((user) => [user, `password-of-${user}`]));
const kits: TestKit[] = [];
async function kit(options: Partial<TestKitOptions> = {}): Promise<TestKit> {
  const made = await createTestKit('ics-scanner', { natsUrl: server.url, natsPasswords: server.passwords, ...options });
  kits.push(made);
  return made;
}
const link = (mailbox: string, address: string): UserLink => ({
  mailbox: mailbox as MailboxKey,
  address,
  associateId: 7,
  zone: 'Europe/Oslo',
  enabled: true,
  linkedAt: '2026-11-22T08:00:00.000Z',
});
const operator = () =>
  connect({ url: server.url, name: 'test', user: 'operator', password: passwords['operator'] ?? '' });

beforeAll(async () => {
  server = await startNatsServer({ users: passwords });
});
afterEach(async () => {
  await Promise.all(kits.splice(0).map((made) => made.close()));
  const bus = await operator();
  const settings = bus.bucket('settings');
  for (const key of await settings.keys('>')) await settings.delete(key, (await settings.getBytes(key))?.revision ?? 0);
  await bus.drain(0);
});
afterAll(() => server.stop());

describe('the settings', () => {
  it('are the defaults while nothing is stored', async () => {
    const { settings } = await kit();
    expect(settings.technical()).toEqual(defaultTechnicalSettings);
    expect(settings.userLinks().size).toBe(0);
  });

  it('change when another process stores and announces them, and tell what changed', async () => {
    const [reader, writer] = [await kit(), await kit()];
    const changed: string[] = [];
    reader.settings.onChange((section) => changed.push(section));
    await writer.changeSettings({ technical: { concurrentRequestLimit: 5 } });
    await until(() => reader.settings.technical().concurrentRequestLimit === 5);
    expect(changed).toEqual(['technical']);
  });

  it('hold the user links of all chunks and lose those that were removed', async () => {
    const links = ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb', 'cccccccccccccccc'].map((key) => link(key, `${key}@x.test`));
    const made = await kit({ settings: { userLinks: links } });
    expect([...made.settings.userLinks().keys()].sort()).toEqual(links.map(({ mailbox }) => mailbox));
    await made.changeSettings({ userLinks: links.slice(1) });
    expect([...made.settings.userLinks().keys()].sort()).toEqual(links.slice(1).map(({ mailbox }) => mailbox));
  });

  it('tell nobody when a broadcast announces what is already known', async () => {
    const [reader, writer] = [await kit({ settings: { technical: { userName: 'a' } } }), await kit()];
    const changed: string[] = [];
    reader.settings.onChange((section) => changed.push(section));
    const bus = await operator();
    bus.broadcast(settingsChanged, { section: 'technical', revision: 99 }, { correlationId: 'test' });
    await writer.changeSettings({ sync: { windowBackDays: 3 } });
    await until(() => changed.includes('sync'));
    expect(changed).toEqual(['sync']);
    await bus.drain(0);
  });

  it('stay as they were when a stored record cannot be read', async () => {
    const { settings, bus } = await kit({ settings: { technical: { concurrentRequestLimit: 5 } } });
    const writer = await operator();
    const bucket = writer.bucket('settings');
    const stored = await bucket.getBytes(settingsKeys.technical);
    await bucket.update(settingsKeys.technical, { v: 1, value: { v: 1 } }, stored?.revision ?? 0);
    const reader = new StoredSettings(bus.bucket('settings'));
    await expect(reader.refresh()).rejects.toThrow(/setting technical cannot be read: \/author/);
    expect(reader.complete()).toBe(false);
    writer.broadcast(settingsChanged, { section: 'technical', revision: 1 }, { correlationId: 'test' });
    await until(() => kits[0]?.logged.some(({ msg }) => msg === 'settings not read'));
    expect(settings.technical().concurrentRequestLimit).toBe(5);
    await writer.drain(0);
  });

  it('are read although another section cannot be', async () => {
    const { bus } = await kit({ settings: { technical: { concurrentRequestLimit: 5 }, sync: { windowBackDays: 3 } } });
    const writer = await operator();
    const stored = await writer.bucket('settings').getBytes(settingsKeys.technical);
    await writer.bucket('settings').update(settingsKeys.technical, { v: 1, value: { v: 1 } }, stored?.revision ?? 0);
    const reader = new StoredSettings(bus.bucket('settings'));
    await expect(reader.refresh()).rejects.toThrow(/setting technical cannot be read: \/author/);
    expect(reader.sync().windowBackDays).toBe(3);
    await writer.drain(0);
  });

  it('are read once more, not a thousand times, when a thousand changes are announced while they are being read', async () => {
    const { bus } = await kit();
    const bucket = bus.bucket('settings');
    let reads = 0;
    const getBytes: typeof bucket.getBytes = (key) => {
      reads++;
      return bucket.getBytes(key);
    };
    const reader = new StoredSettings({ ...bucket, getBytes });
    const refreshes = Array.from({ length: 1_000 }, () => reader.refresh(['technical']));
    const another = reader.refresh(['sync']);
    await Promise.all([...refreshes, another]);
    expect(reads).toBe(2);
    await Promise.all([reader.refresh(['technical']), reader.refresh(['technical'])]);
    expect(reads).toBe(3);
  });

  it('that an earlier release stored have the defaults of what it did not know, and keep what only a later one knows', async () => {
    const { bus } = await kit();
    const writer = await operator();
    const at = '2026-11-22T08:00:00.000Z';
    const value = { v: 1, appointments: 'to-exchange', conflictRules: { title: 'exchange', mood: 'newer' }, later: 7 };
    await writer.bucket('settings').create(settingsKeys.sync, { v: 1, author: 'test', at, value });
    const reader = new StoredSettings(bus.bucket('settings'));
    await reader.refresh();
    const { conflictRules } = defaultSyncSettings;
    expect(reader.sync()).toEqual({
      ...{ ...defaultSyncSettings, later: 7, appointments: 'to-exchange' },
      conflictRules: { ...conflictRules, title: 'exchange', mood: 'newer' },
    });
    await writer.drain(0);
  });

  it('that are damaged count as read for the service that repairs them, and say so', async () => {
    const { bus } = await kit({ settings: { technical: { concurrentRequestLimit: 5 } } });
    const writer = await operator();
    const stored = await writer.bucket('settings').getBytes(settingsKeys.technical);
    await writer.bucket('settings').update(settingsKeys.technical, { v: 1, value: { v: 1 } }, stored?.revision ?? 0);
    const damaged: string[] = [];
    const reader = new StoredSettings(bus.bucket('settings'), ({ error }) => damaged.push(error.detail ?? ''));
    await reader.refresh();
    expect(reader.complete()).toBe(true);
    expect(damaged).toEqual(['technical']);
    await writer.drain(0);
  });

  it('of a newer version are refused by name', async () => {
    const { bus } = await kit();
    await expect(kit({ settings: { sync: { v: 2 } } })).rejects.toMatchObject({ isNewer: true });
    await expect(new StoredSettings(bus.bucket('settings')).refresh()).rejects.toThrow(
      /setting sync is of version 2; this release reads up to 1/,
    );
  });

  it('are read now and then, whether or not anybody announces a change', async () => {
    const { bus, log } = await kit();
    const settings = new StoredSettings(bus.bucket('settings'));
    const stop = await keepFresh({ bus, settings, log, everyMs: 20, onNewer: () => {} });
    await until(() => settings.complete());
    const writer = await operator();
    const value = { ...defaultTechnicalSettings, concurrentRequestLimit: 4 };
    await writer
      .bucket('settings')
      .create(settingsKeys.technical, { v: 1, author: 'test', at: '2026-11-22T08:00:00.000Z', value });
    await until(() => settings.technical().concurrentRequestLimit === 4);
    await stop();
    await writer.drain(0);
  });

  it('are read again when NATS comes back, without a broadcast', async () => {
    const { settings } = await kit();
    const writer = await operator();
    const at = '2026-11-22T08:00:00.000Z';
    const value = { ...defaultTechnicalSettings, concurrentRequestLimit: 9 };
    await writer.bucket('settings').create(settingsKeys.technical, { v: 1, author: 'test', at, value });
    await server.kill();
    await server.restart();
    await until(() => settings.technical().concurrentRequestLimit === 9);
    await writer.drain(0);
  });
});
