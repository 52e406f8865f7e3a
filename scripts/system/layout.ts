// Where everything of a system on one machine lies and listens. `npm start` uses the standard ports;
// tests take free ones and a data folder of their own.
import path from 'node:path';
import { type ServiceName, serviceNames, servicePorts, webhookPort } from '@lockstep/contracts';
import { freePorts, isFree } from './ports.ts';

export const simulatorNames = ['exchange', 'superoffice'] as const;
export type SimulatorName = (typeof simulatorNames)[number];

export interface Layout {
  readonly root: string;
  readonly dataFolder: string;
  readonly host: string;
  readonly services: { readonly [S in ServiceName]: number };
  readonly webhooks: number;
  /** Undefined when the simulators are not to run. */
  readonly simulators: { readonly [S in SimulatorName]: number } | undefined;
  readonly natsPort: number;
  /** An existing NATS server; then none is started. */
  readonly natsUrl: string | undefined;
}

export interface LayoutOptions {
  readonly root: string;
  readonly dataFolder: string;
  readonly withSimulators: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The layout of `npm start`: the standard ports unless the environment names others. Throws on a bad port. */
export async function standardLayout(options: LayoutOptions): Promise<Layout> {
  const { environment } = options;
  const port = (variable: string, standard: number) => portFrom(variable, environment[variable], standard);
  const host = environment['LOCKSTEP_HOST'] ?? '127.0.0.1';
  const wantedNatsPort = port('LOCKSTEP_NATS_PORT', 4222);
  const services = Object.fromEntries(
    serviceNames.map((name) => [name, port(portVariable(name), servicePorts[name])]),
  ) as Record<ServiceName, number>;
  return {
    root: options.root,
    dataFolder: options.dataFolder,
    host,
    services,
    webhooks: port('LOCKSTEP_WEBHOOK_PORT', webhookPort),
    simulators: options.withSimulators
      ? {
          exchange: port('LOCKSTEP_EXCHANGE_SIMULATOR_PORT', 8090),
          superoffice: port('LOCKSTEP_SUPEROFFICE_SIMULATOR_PORT', 8100),
        }
      : undefined,
    natsPort: await nextFreePort(wantedNatsPort),
    natsUrl: environment['NATS_URL'],
  };
}

/** A layout on free ports, for tests. */
export async function testLayout(root: string, dataFolder: string): Promise<Layout> {
  const [webhooks = 0, exchange = 0, superoffice = 0, natsPort = 0, ...ports] = await freePorts(
    4 + serviceNames.length,
  );
  const services = serviceNames.map((name, index) => [name, ports[index] ?? 0] as const);
  return {
    root,
    dataFolder,
    host: '127.0.0.1',
    services: Object.fromEntries(services) as Record<ServiceName, number>,
    webhooks,
    simulators: { exchange, superoffice },
    natsPort,
    natsUrl: undefined,
  };
}

/** `LOCKSTEP_ICS_SCANNER_PORT` and so on. */
export function portVariable(name: ServiceName): string {
  return `LOCKSTEP_${name.toUpperCase().replaceAll('-', '_')}_PORT`;
}

export const addressOf = (layout: Layout, port: number) => `http://${layout.host}:${port}`;
export const natsUrlOf = (layout: Layout) => layout.natsUrl ?? `nats://127.0.0.1:${layout.natsPort}`;
export const inData = (layout: Pick<Layout, 'dataFolder'>, ...parts: string[]) =>
  path.join(layout.dataFolder, ...parts);

function portFrom(variable: string, text: string | undefined, standard: number): number {
  if (text === undefined || text === '') return standard;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Error(`${variable} is "${text}", but has to be a port number from 1 to 65535.`);
}

async function nextFreePort(first: number): Promise<number> {
  for (let port = first; port < first + 100; port += 1) if (await isFree(port)) return port;
  throw new Error(`No port from ${first} to ${first + 99} is free for NATS; name one in LOCKSTEP_NATS_PORT.`);
}
