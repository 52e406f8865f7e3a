// A kit for tests of a service: the real bus on a real nats-server, real HTTP on a free port, settings in the real bucket.
// A test calls the service's `start(kit)` itself; the first HTTP request after that opens its routes.
import { type Bus, type BusEvent, connect } from '@lockstep/bus';
import {
  defaultSuperOfficeSettings,
  defaultSyncSettings,
  defaultTechnicalSettings,
  operatorUser,
  type ServiceName,
  type SettingsSection,
  type SuperOfficeSettings,
  type SyncSettings,
  settingsChanged,
  settingsKeys,
  type TechnicalSettings,
  type UserLink,
  usedStorage,
  userLinkChunkCount,
} from '@lockstep/contracts';
import { Registry } from 'prom-client';
import { Type } from 'typebox';
import { countBusEvents } from '../bus-metrics.ts';
import { createIds, systemClock } from '../clock.ts';
import { readEnvironment } from '../environment.ts';
import { createHttpServer } from '../http-server.ts';
import { keepFresh } from '../keep-fresh.ts';
import type { Kit } from '../kit.ts';
import { createLogger } from '../logger.ts';
import { StoredSettings } from '../settings-reader.ts';

/** Parts of sections; what is left out stays as it is (at first: the defaults). User links are given whole. */
export interface TestSettings {
  readonly technical?: Partial<TechnicalSettings>;
  readonly superoffice?: Partial<SuperOfficeSettings>;
  readonly sync?: Partial<SyncSettings>;
  readonly userLinks?: readonly UserLink[];
}

export interface TestKitOptions {
  readonly natsUrl: string;
  /** `server.passwords` of a server with users: the kit then connects as the service's own user. */
  readonly natsPasswords?: Readonly<Record<string, string>> | undefined;
  readonly settings?: TestSettings;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface TestKit extends Kit {
  /** Where `kit.http` listens. */
  readonly url: string;
  /** Everything that was logged, one parsed line each, the newest 10,000. */
  readonly logged: readonly Readonly<Record<string, unknown>>[];
  readonly busEvents: readonly BusEvent[];
  /** Why the process would have ended. */
  readonly gaveUp: readonly Error[];
  /** Writes the bucket and broadcasts, as the settings service does; this kit has read it when the promise ends. */
  changeSettings(settings: TestSettings): Promise<void>;
  /** Ends bus and HTTP; stop the service before. */
  close(): Promise<void>;
}

const keptLines = 10_000;

export async function createTestKit(name: ServiceName, options: TestKitOptions): Promise<TestKit> {
  const ids = createIds(systemClock);
  const instance = `${name}-${ids.uuidv4().slice(0, 8)}`;
  const logged: Record<string, unknown>[] = [];
  const keep = (line: string) => {
    logged.push(JSON.parse(line) as Record<string, unknown>);
    if (logged.length > keptLines) logged.shift();
  };
  const environment = readEnvironment(options.environment ?? {});
  const log = createLogger({ service: name, instance, level: 'debug', destination: { write: keep } });
  const metrics = new Registry();
  const busEvents: BusEvent[] = [];
  const gaveUp: Error[] = [];
  const count = countBusEvents(metrics, log);
  const passwords = options.natsPasswords;
  const as = (user: string) => ({
    url: options.natsUrl,
    name: instance,
    ...(passwords === undefined ? {} : { user, password: passwords[user] ?? '' }),
  });

  const operator = await connect(as(operatorUser));
  const opened: Bus[] = [operator];
  try {
    await operator.ensure();
    const bus = await connect({
      ...as(name),
      ...(passwords === undefined ? {} : { storage: usedStorage(name) }),
      onEvent: (event) => {
        busEvents.push(event);
        count(event);
      },
    });
    opened.push(bus);
    if (options.settings !== undefined) await writeSettings(operator, options.settings);
    const settings = new StoredSettings(bus.bucket('settings'));
    await settings.refresh();
    const failed = (error: Error) => log.fatal({ err: error }, 'settings of a newer version');
    const stopRefreshing = await keepFresh({ bus, settings, log, onNewer: failed });
    const http = createHttpServer({
      metrics,
      readiness: () => ({ nats: bus.connected(), settings: settings.complete(), service: true }),
      opensByItself: true,
    });
    const url = await http.listen('127.0.0.1', 0);
    return {
      name,
      instance,
      environment,
      bus,
      log,
      metrics,
      http: http.app,
      settings,
      clock: systemClock,
      ids,
      url,
      logged,
      busEvents,
      gaveUp,
      giveUp: (error) => gaveUp.push(error),
      async changeSettings(changed) {
        await writeSettings(operator, changed);
        await settings.refresh();
      },
      async close() {
        await stopRefreshing();
        await Promise.all([bus.drain(1_000), operator.drain(0)]);
        await http.close();
      },
    };
  } catch (error) {
    await Promise.all(opened.map((bus) => bus.drain(0)));
    throw error;
  }
}

/** Writes sections as the settings service stores them, over what is there, and says so. */
async function writeSettings(bus: Bus, settings: TestSettings): Promise<void> {
  const { technical, superoffice, sync, userLinks } = settings;
  const write = async (section: SettingsSection, key: string, standard: object, changes: object) => {
    const bucket = bus.bucket('settings');
    const stored = await bucket.get(key, Type.Object({ value: Type.Object({}) }));
    const value = { ...standard, ...stored?.value.value, ...changes };
    const record = { v: 1, author: 'test', at: new Date().toISOString(), value };
    const written = stored ? await bucket.update(key, record, stored.revision) : await bucket.create(key, record);
    if (written.kind === 'conflict') throw new Error('two tests write the same settings');
    bus.broadcast(settingsChanged, { section, revision: written.revision }, { correlationId: 'test' });
  };
  if (technical) await write('technical', settingsKeys.technical, defaultTechnicalSettings, technical);
  if (superoffice) await write('superoffice', settingsKeys.superoffice, defaultSuperOfficeSettings, superoffice);
  if (sync) await write('sync', settingsKeys.sync, defaultSyncSettings, sync);
  for (let chunk = 0; userLinks !== undefined && chunk < userLinkChunkCount; chunk++) {
    const key = settingsKeys.userLinkChunk(chunk);
    const links = userLinks.filter(({ mailbox }) => settingsKeys.userLinks(mailbox) === key);
    await write('user-links', key, { v: 1 }, { links });
  }
}
