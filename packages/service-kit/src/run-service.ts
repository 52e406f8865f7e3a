// The life of a service process: wait for NATS, make sure of the storage, read the settings, start, serve, and on SIGTERM
// or SIGINT stop within 20 s. `main.ts` of each service calls this and nothing else.
import { type Bus, StorageDiffers, StorageTooSmall } from '@lockstep/bus';
import { endsWithin } from '@lockstep/bus/wait';
import { type ServiceName, UnreadableRecord } from '@lockstep/contracts';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { countBusEvents } from './bus-metrics.ts';
import { createIds, systemClock } from './clock.ts';
import { connectPatiently, patiently } from './connect-patiently.ts';
import { type Environment, type KitConfig, kitConfig, readEnvironment } from './environment.ts';
import { createHttpServer } from './http-server.ts';
import { keepFresh } from './keep-fresh.ts';
import type { Kit, Running, Start } from './kit.ts';
import { createLogger } from './logger.ts';
import { StoredSettings } from './settings-reader.ts';
import { endsOnce } from './stop-signal.ts';

export interface ServiceDefinition {
  readonly name: ServiceName;
  readonly start: Start;
  /** It repairs settings that cannot be read, and so starts all the same. */
  readonly repairsSettings?: boolean;
}

/** Everything has ended by then, or the process is ended hard. */
const stopWithinMs = 20_000;
const serviceStopsWithinMs = 15_000;
const drainWithinMs = 3_000;

/** Runs until a signal; ends the process itself, with 0 after an orderly stop and 1 after a failure. */
export async function runService(service: ServiceDefinition): Promise<void> {
  const { name } = service;
  const environment = readEnvironment(process.env);
  const config = configOrEnd(name, environment);
  const log = createLogger({ service: name, instance: config.instance, level: config.logLevel });
  const fail = (reason: string) => (error: unknown) => {
    log.fatal({ err: error }, reason);
    process.exit(1);
  };
  process.on('uncaughtException', fail('uncaught exception'));
  process.on('unhandledRejection', fail('unhandled rejection'));
  const stopping = endsOnce(['SIGTERM', 'SIGINT']);
  // From the signal on, whatever is under way: a start that hangs must not keep the process.
  void stopping.asked.then(() => setTimeout(() => process.exit(1), stopWithinMs).unref());
  try {
    const started = await startUp(service, config, environment, log, stopping.signal);
    if (started !== undefined) {
      log.info({ url: started.url }, 'started');
      await Promise.race([stopping.asked, started.lost]);
      log.info('stopping');
      await started.stop();
    }
    log.info('stopped');
    process.exit(0);
  } catch (error) {
    const needsAHand = [StorageDiffers, StorageTooSmall, UnreadableRecord].some((kind) => error instanceof kind);
    fail(needsAHand ? (error as Error).message : 'start failed')(error);
  }
}

/** A wrong variable ends the process with one line that names it. */
function configOrEnd(name: ServiceName, environment: Environment): KitConfig {
  try {
    return kitConfig(name, environment);
  } catch (error) {
    createLogger({ service: name, instance: String(process.pid), level: 'info' }).fatal(
      { err: error },
      'wrong variable',
    );
    process.exit(1);
  }
}

interface StartedService {
  readonly url: string;
  /** Rejects when the process can no longer do its work. */
  readonly lost: Promise<never>;
  stop(): Promise<void>;
}

/** Undefined when it was asked to stop before it had started. */
async function startUp(
  { name, start, repairsSettings = false }: ServiceDefinition,
  config: KitConfig,
  environment: Environment,
  log: Logger,
  stop: AbortSignal,
): Promise<StartedService | undefined> {
  const metrics = new Registry();
  metrics.setDefaultLabels({ service: name });
  collectDefaultMetrics({ register: metrics });
  const state: { bus?: Bus; settings?: StoredSettings; running?: Running; stopping: boolean } = { stopping: false };
  const http = createHttpServer({
    metrics,
    readiness: () => ({
      nats: state.bus?.connected() ?? false,
      settings: state.settings?.complete() ?? false,
      service: !state.stopping && (state.running?.ready() ?? false),
    }),
  });
  const url = await http.listen(config.host, config.port);

  const bus = await connectPatiently(name, config, log, countBusEvents(metrics, log), stop);
  if (bus === undefined) return undefined;
  state.bus = bus;
  await patiently('storage not ready', log, stop, () => bus.ensure());
  const onDamaged = (err: UnreadableRecord) => log.error({ err }, 'a setting is damaged; write it again by the API');
  const settings = new StoredSettings(bus.bucket('settings'), repairsSettings ? onDamaged : undefined);
  await patiently('settings not read', log, stop, () => settings.refresh());
  if (stop.aborted) return undefined;
  state.settings = settings;

  const lost = Promise.withResolvers<never>();
  // A NATS that comes back without its storage gets it again; one that comes back with another is refused.
  bus.onReconnect(() => {
    patiently('storage not ready', log, stop, () => bus.ensure()).catch(lost.reject);
  });
  const stopRefreshing = await keepFresh({ bus, settings, log, onNewer: lost.reject });
  const kit: Kit = {
    name,
    instance: config.instance,
    environment,
    bus,
    log,
    metrics,
    http: http.app,
    settings,
    clock: systemClock,
    ids: createIds(systemClock),
    giveUp: lost.reject,
  };
  const running = await start(kit);
  state.running = running;
  await http.open();
  void bus.closed.then(() => {
    if (!state.stopping) lost.reject(new Error('the connection to NATS was closed for good'));
  });
  return {
    url,
    lost: lost.promise,
    async stop() {
      state.stopping = true;
      if (!(await endsWithin(serviceStopsWithinMs, running.stop()))) log.error('the service did not stop in time');
      await stopRefreshing();
      await bus.drain(drainWithinMs);
      await http.close();
    },
  };
}
