// A whole Lockstep on one machine: NATS, the simulators, the six services, each a supervised process.
// `npm start` runs one of these; the end-to-end tests run others on free ports and kill parts of them.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { natsServerConfig } from '@lockstep/bus/nats-config';
import { operatorUser, type ServiceName, serviceNames } from '@lockstep/contracts';
import { addressOf, inData, type Layout, natsUrlOf, type SimulatorName, simulatorNames } from './layout.ts';
import { requireNats } from './nats-reachable.ts';
import { NatsWatch } from './nats-watch.ts';
import { isFree } from './ports.ts';
import { type Secrets, secretsOf, writePrivate } from './secrets.ts';
import { type ProcessSpec, SupervisedProcess } from './supervised-process.ts';

export type ProcessName = 'nats' | ServiceName | `${SimulatorName}-simulator`;

export interface SystemOptions {
  readonly layout: Layout;
  readonly natsServer: string;
  /** Extra environment for single processes, for example a folder to record into. */
  readonly extraEnvironment?: Readonly<Partial<Record<ProcessName, Readonly<Record<string, string>>>>>;
  /** Another main file for a service, for a test that needs it to misbehave. */
  readonly mainFiles?: Readonly<Partial<Record<ServiceName, string>>>;
  readonly adminToken?: string | undefined;
  /** LOCKSTEP_HISTORY_GIB for the services; their standard unless given. */
  readonly historyGib?: string | undefined;
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal;
  readonly onDeath: (name: string, how: string) => void;
}

export class System {
  readonly layout: Layout;
  readonly secrets: Secrets;
  private readonly options: SystemOptions;
  private readonly processes = new Map<ProcessName, SupervisedProcess>();
  private natsWatch: NatsWatch | undefined;
  private stopping = false;

  private constructor(options: SystemOptions, secrets: Secrets) {
    this.options = options;
    this.layout = options.layout;
    this.secrets = secrets;
  }

  /**
   * Starts everything and answers when each part says that it is ready. Throws with advice when one does not in time, or keeps
   * ending; then, and when the signal aborts, nothing is left running.
   */
  static async start(options: SystemOptions, readyWithinMs: number): Promise<System> {
    await refuseTakenPorts(options.layout);
    if (options.layout.natsUrl !== undefined) await requireNats(options.layout.natsUrl, options.signal);
    const system = new System(options, await secretsOf(options.layout, options.adminToken));
    try {
      await system.startAll(readyWithinMs);
      return system;
    } catch (error) {
      await system.stop();
      throw error;
    }
  }

  process(name: ProcessName): SupervisedProcess {
    const found = this.processes.get(name);
    if (!found) throw new Error(`no process ${name}`);
    return found;
  }

  serviceUrl(name: ServiceName): string {
    return addressOf(this.layout, this.layout.services[name]);
  }

  simulatorUrl(name: SimulatorName): string {
    if (!this.layout.simulators) throw new Error('this system runs without simulators');
    return addressOf(this.layout, this.layout.simulators[name]);
  }

  /** Ends the services first, so that they can hand back what they have, then the simulators, then NATS. */
  async stop(): Promise<void> {
    // Whoever still waits for another part to become ready would keep the process.
    this.stopping = true;
    const stop = (names: readonly ProcessName[]) =>
      Promise.all(names.map((name) => this.processes.get(name)?.stop() ?? Promise.resolve()));
    await this.natsWatch?.stop();
    await stop(serviceNames);
    await stop(simulatorNames.map((name) => `${name}-simulator` as const));
    await stop(['nats']);
  }

  /** Waits until every service says that it is ready. */
  async ready(withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs;
    await Promise.all(serviceNames.map((name) => this.answers(name, `${this.serviceUrl(name)}/readyz`, deadline)));
  }

  private async startAll(readyWithinMs: number): Promise<void> {
    const deadline = performance.now() + readyWithinMs;
    if (!this.layout.natsUrl) {
      this.run('nats', this.options.natsServer, ['--config', this.writeNatsConfig()], {}, 3_000);
      await this.portAnswers('nats', this.layout.natsPort, deadline);
      this.natsWatch = this.watchNats();
    }
    for (const name of this.layout.simulators ? simulatorNames : []) this.runSimulator(name);
    for (const name of serviceNames) this.runService(name);
    for (const [name, port] of Object.entries(this.layout.simulators ?? {})) {
      await this.portAnswers(`${name}-simulator`, port, deadline);
    }
    await this.ready(deadline - performance.now());
  }

  private watchNats(): NatsWatch {
    return new NatsWatch({
      url: natsUrlOf(this.layout),
      user: operatorUser,
      password: this.secrets.natsPasswords.operator,
      folder: this.layout.dataFolder,
      restart: () => {
        this.options.onDeath('nats', 'its storage does not answer');
        this.process('nats').kill('SIGKILL');
      },
    });
  }

  private runService(name: ServiceName): void {
    const { secrets, layout } = this;
    const files: Partial<Record<ServiceName, Record<string, string>>> = {
      settings: {
        LOCKSTEP_EXCHANGE_PUBLIC_KEY_FILE: secrets.exchangeKey.publicKeyFile,
        LOCKSTEP_SUPEROFFICE_PUBLIC_KEY_FILE: secrets.superofficeKey.publicKeyFile,
        LOCKSTEP_ADMIN_TOKEN_FILE: secrets.adminTokenFile,
      },
      'exchange-gateway': { LOCKSTEP_EXCHANGE_KEY_FILE: secrets.exchangeKey.privateKeyFile },
      'superoffice-watcher': {
        LOCKSTEP_SUPEROFFICE_KEY_FILE: secrets.superofficeKey.privateKeyFile,
        LOCKSTEP_WEBHOOK_PORT: String(layout.webhooks),
      },
    };
    const bus: Record<string, string> = layout.natsUrl
      ? {}
      : { LOCKSTEP_NATS_PASSWORD_FILE: secrets.natsPasswordFiles[name] };
    const common = {
      NATS_URL: natsUrlOf(layout),
      LOCKSTEP_HOST: layout.host,
      LOCKSTEP_PORT: String(layout.services[name]),
      LOCKSTEP_INSTANCE: `${name}-1`,
      ...(this.options.historyGib ? { LOCKSTEP_HISTORY_GIB: this.options.historyGib } : {}),
    };
    const file = this.options.mainFiles?.[name] ?? `services/${name}/src/main.ts`;
    this.runNode(name, file, { ...common, ...bus, ...files[name] }, 16_000);
  }

  private runSimulator(name: SimulatorName): void {
    if (!this.layout.simulators) return;
    const prefix = `LOCKSTEP_${name.toUpperCase()}_SIMULATOR`;
    const environment = {
      [`${prefix}_PORT`]: String(this.layout.simulators[name]),
      [`${prefix}_SNAPSHOT`]: inData(this.layout, `${name}-simulator.json`),
    };
    this.runNode(`${name}-simulator`, `simulators/${name}/src/main.ts`, environment, 3_000);
  }

  private runNode(name: ProcessName, file: string, environment: Record<string, string>, stopWithinMs: number): void {
    this.run(name, process.execPath, [path.join(this.layout.root, file)], environment, stopWithinMs);
  }

  private run(
    name: ProcessName,
    command: string,
    args: readonly string[],
    environment: Record<string, string>,
    stopWithinMs: number,
  ): void {
    const inherited = Object.fromEntries(
      ['PATH', 'HOME', 'LANG', 'LOCKSTEP_LOG_LEVEL'].flatMap((key) => {
        const value = process.env[key];
        return value === undefined ? [] : [[key, value]];
      }),
    );
    const spec: ProcessSpec = {
      name,
      command,
      args,
      folder: this.layout.root,
      environment: { ...inherited, TZ: 'UTC', ...environment, ...this.options.extraEnvironment?.[name] },
      logFile: this.logFile(name),
      noteFolder: notesOf(this.layout),
      stopWithinMs,
      onDeath: this.options.onDeath,
    };
    const supervised = new SupervisedProcess(spec);
    this.processes.set(name, supervised);
    supervised.start();
  }

  private logFile(name: string): string {
    return inData(this.layout, 'logs', `${name}.log`);
  }

  private writeNatsConfig(): string {
    const file = inData(this.layout, 'nats', 'nats-server.conf');
    const text = natsServerConfig({
      port: this.layout.natsPort,
      storeDir: inData(this.layout, 'nats'),
      users: this.secrets.natsPasswords,
      // Only a bound on what may be set aside; the disk is what is really there.
      maxStorageBytes: (64 + Number(this.options.historyGib ?? 0)) * 1024 ** 3,
    });
    writePrivate(file, text);
    return file;
  }

  private async answers(name: string, url: string, deadline: number): Promise<void> {
    const check = () => fetch(url, { signal: AbortSignal.timeout(2_000) }).then((response) => response.ok);
    await this.waitFor(name, check, deadline);
  }

  private async portAnswers(name: string, port: number, deadline: number): Promise<void> {
    await this.waitFor(name, async () => !(await isFree(port)), deadline);
  }

  private async waitFor(name: string, check: () => Promise<boolean>, deadline: number): Promise<void> {
    for (;;) {
      this.options.signal?.throwIfAborted();
      if (this.stopping) throw new Error(`The system is stopped while ${name} becomes ready.`);
      if (await check().catch(() => false)) return;
      if (this.processes.get(name as ProcessName)?.keepsEnding === true)
        throw new Error(`${name} ends again and again.\n${endOfLog(this.logFile(name))}`);
      if (performance.now() > deadline)
        throw new Error(`${name} did not become ready.\n${endOfLog(this.logFile(name))}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Where the numbers of the processes that run are noted (leftovers.ts). */
export const notesOf = (layout: Pick<Layout, 'dataFolder'>): string => inData(layout, 'running');

function endOfLog(file: string): string {
  return existsSync(file) ? `The end of ${file}:\n${readFileSync(file, 'utf8').slice(-3_000)}` : `It wrote no log.`;
}

async function refuseTakenPorts(layout: Layout): Promise<void> {
  const wanted = [...Object.values(layout.services), layout.webhooks, ...Object.values(layout.simulators ?? {})];
  const taken = [];
  for (const port of wanted) if (!(await isFree(port, layout.host))) taken.push(port);
  if (taken.length === 0) return;
  throw new Error(
    `Port ${taken.join(', ')} is in use. Is Lockstep running already? ` +
      'Stop what listens there, or name other ports (see "Addresses" in the README).',
  );
}
