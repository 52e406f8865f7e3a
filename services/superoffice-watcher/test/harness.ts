// The watcher under test: a real nats-server, the SuperOffice simulator in this process, a sealed password, one linked user
// or more. Nothing in between is replaced.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, connect } from '@lockstep/bus';
import { type NatsServerUnderTest, startNatsServer } from '@lockstep/bus/testing/nats-server';
import { until } from '@lockstep/bus/testing/until';
import {
  type Change,
  changeMessage,
  type Data,
  defaultSuperOfficeSettings,
  type MailboxKey,
  mailboxKeyFrom,
  type Operation,
  operatorUser,
  partitionOf,
  type SealedSecret,
  type SuperOfficeSettings,
  superofficePurpose,
  type UserLink,
  userNames,
} from '@lockstep/contracts';
import { createTestKit, type TestKit } from '@lockstep/service-kit/testing/kit';
import { type SuperOfficeSimulator, startSuperOfficeSimulator } from '@lockstep/superoffice-simulator';
import { CompactEncrypt, exportJWK, type GenerateKeyPairResult, generateKeyPair } from 'jose';
import type { TSchema } from 'typebox';
import { start } from '../src/service.ts';
import { type ControlledAppointment, control, freePort } from './control.ts';

type PublicKey = GenerateKeyPairResult['publicKey'];

export const account = { userName: 'sync@lockstep.test', password: 'lockstep' };

export interface WorldOptions {
  /** Whether SuperOffice delivers to the watcher; else it only polls. */
  readonly webhooks: boolean;
  readonly pollEveryMs?: number;
  readonly logins?: readonly string[];
}

/** For an index whose chunks are neither damaged nor of a newer release: it fails where one is. */
export const whole = {
  onDamaged: async (key: string) => {
    throw new Error(`${key} is damaged`);
  },
  onNewer: () => undefined,
};

export class World {
  readonly nats: NatsServerUnderTest;
  readonly simulator: SuperOfficeSimulator;
  readonly operator: Bus;
  readonly links: ReadonlyMap<string, UserLink>;
  readonly webhookUrl: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly publicKey: PublicKey;
  #kit: TestKit | undefined;
  #stopService: (() => Promise<void>) | undefined;
  readonly #folder: string;

  private constructor(made: {
    nats: NatsServerUnderTest;
    simulator: SuperOfficeSimulator;
    operator: Bus;
    links: ReadonlyMap<string, UserLink>;
    webhookPort: number;
    keyFile: string;
    publicKey: PublicKey;
    folder: string;
  }) {
    this.nats = made.nats;
    this.simulator = made.simulator;
    this.operator = made.operator;
    this.links = made.links;
    this.webhookUrl = `http://127.0.0.1:${made.webhookPort}/hooks/superoffice/Cust00001`;
    this.environment = {
      LOCKSTEP_SUPEROFFICE_KEY_FILE: made.keyFile,
      LOCKSTEP_WEBHOOK_PORT: String(made.webhookPort),
    };
    this.publicKey = made.publicKey;
    this.#folder = made.folder;
  }

  /** Everything but the watcher. */
  static async create(logins: readonly string[] = ['alice']): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-watcher-'));
    const users = Object.fromEntries(userNames.map((name) => [name, randomBytes(8).toString('hex')]));
    const nats = await startNatsServer({ users });
    const simulator = await startSuperOfficeSimulator({ port: 0, webhookRetryWaitsMs: [1, 1] });
    const operator = await connect({
      url: nats.url,
      name: 'test',
      user: operatorUser,
      password: users[operatorUser] ?? '',
    });
    await operator.ensure();
    const { privateKey, publicKey } = await generateKeyPair('ECDH-ES+A256KW', { crv: 'P-256', extractable: true });
    const keyFile = join(folder, 'superoffice-key.json');
    await writeFile(keyFile, JSON.stringify(await exportJWK(privateKey)), { mode: 0o600 });
    const seeded = await control<{ associates: { id: number; login: string }[] }>(simulator, 'POST', '/seed', {
      associates: logins.map((login) => ({
        login,
        password: 'lockstep',
        email: `${login}@lockstep.test`,
        fullName: `${login} Test`,
      })),
    });
    const links = new Map(seeded.associates.map(({ id, login }) => [login, linkOf(login, id)]));
    const webhookPort = await freePort();
    return new World({ nats, simulator, operator, links, webhookPort, keyFile, publicKey, folder });
  }

  /** Everything, with the watcher running and, if so wanted, its webhook registered and its users loaded. */
  static async start(options: WorldOptions): Promise<World> {
    const world = await World.create(options.logins);
    await world.startWatcher(options);
    return world;
  }

  async startWatcher(options: Pick<WorldOptions, 'webhooks' | 'pollEveryMs'>): Promise<void> {
    await this.beginWatcher(options);
    await until(() => this.metric('lockstep_superoffice_watcher_polling_turns_total{result="ok"}'), 'the first turn');
  }

  /** Without waiting for the first turn to end well. */
  async beginWatcher(options: Pick<WorldOptions, 'webhooks' | 'pollEveryMs'>): Promise<void> {
    this.#kit = await createTestKit('superoffice-watcher', {
      natsUrl: this.nats.url,
      natsPasswords: this.nats.passwords,
      environment: this.environment,
      settings: { superoffice: await this.settings(options), userLinks: [...this.links.values()] },
    });
    const running = await start(this.#kit);
    this.#stopService = () => running.stop();
  }

  async stopWatcher(): Promise<void> {
    await this.#stopService?.();
    await this.#kit?.close();
    this.#stopService = undefined;
    this.#kit = undefined;
  }

  get kit(): TestKit {
    if (this.#kit === undefined) throw new Error('the watcher is not running');
    return this.#kit;
  }

  async settings(options: Pick<WorldOptions, 'webhooks' | 'pollEveryMs'>): Promise<SuperOfficeSettings> {
    const settings: SuperOfficeSettings = {
      ...defaultSuperOfficeSettings,
      baseUrl: this.simulator.url,
      userName: account.userName,
      webhookUrl: options.webhooks ? this.webhookUrl : '',
      pollEveryMs: options.pollEveryMs ?? 3_600_000,
    };
    return { ...settings, password: await this.seal(account.password, superofficePurpose(settings)) };
  }

  async seal(password: string, purpose: unknown): Promise<SealedSecret> {
    const jwe = await new CompactEncrypt(Buffer.from(password))
      .setProtectedHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', purpose } as never)
      .encrypt(this.publicKey);
    return { jwe, changedAt: '2026-11-22T08:00:00.000Z' };
  }

  link(login: string): UserLink {
    const link = this.links.get(login);
    if (link === undefined) throw new Error(`${login} is not linked`);
    return link;
  }

  mailbox(login: string): MailboxKey {
    return this.link(login).mailbox;
  }

  /** Asks the watcher over the bus, as the engine does. */
  async ask<Q extends TSchema, R extends TSchema>(operation: Operation<Q, R>, body: Data<Q>): Promise<Data<R>> {
    const outcome = await this.tryAsk(operation, body);
    if (!outcome.ok) throw new Error(`${outcome.error.code} ${outcome.error.detail ?? ''}`);
    return outcome.value;
  }

  tryAsk<Q extends TSchema, R extends TSchema>(operation: Operation<Q, R>, body: Data<Q>) {
    return this.operator.request(operation, body, { correlationId: 'test', deadlineMs: 20_000 });
  }

  control<T>(method: string, path: string, body?: unknown): Promise<T> {
    return control<T>(this.simulator, method, path, body);
  }

  /** An appointment as a person makes it in SuperOffice. */
  add(login: string, fields: Readonly<Record<string, unknown>> = {}): Promise<ControlledAppointment> {
    return this.control('POST', '/appointments', { ...standard, associate: login, ...fields });
  }

  change(id: number, fields: Readonly<Record<string, unknown>>): Promise<ControlledAppointment> {
    return this.control('PATCH', `/appointments/${id}`, fields);
  }

  remove(id: number): Promise<unknown> {
    return this.control('DELETE', `/appointments/${id}`);
  }

  read(id: number): Promise<ControlledAppointment> {
    return this.control('GET', `/appointments/${id}`);
  }

  /** The value of a metric line, undefined when it is not there or 0. */
  async metric(line: string): Promise<number | undefined> {
    const text = await this.kit.metrics.metrics();
    const found = text.split('\n').find((candidate) => candidate.startsWith(`${line} `));
    return found === undefined ? undefined : Number(found.slice(line.length + 1)) || undefined;
  }

  /** Takes what lies in the stream for a mailbox, so that the next look shows only what is new. */
  async takeChanges(login: string): Promise<readonly Change[]> {
    const mailbox = this.mailbox(login);
    const taken: Change[] = [];
    for (const changeClass of ['now', 'bulk'] as const) {
      const puller = await this.operator.pull(changeMessage, {
        stream: 'CHANGE',
        durable: `test-${changeClass}-${partitionOf(mailbox)}`,
        filter: `lockstep.v1.change.${partitionOf(mailbox)}.${mailbox}.${changeClass}.*.*`,
        ackWaitMs: 30_000,
      });
      const pending = await puller.pending();
      const deliveries = pending === 0 ? [] : await puller.fetch(pending, 1_000);
      for (const delivery of deliveries) {
        if (delivery.body.kind === 'read') taken.push(delivery.body.value);
        await delivery.ack();
      }
      await puller.stop();
    }
    return taken;
  }

  /** Waits until a message about this row lies in the stream and takes it with all others of the mailbox. */
  takeUntil(login: string, id: number, vanished: boolean): Promise<Change> {
    return until(
      async () => {
        const changes = await this.takeChanges(login);
        return changes.find(
          (change) => change.kind === 'item' && change.id === String(id) && change.vanished === vanished,
        );
      },
      `a message about ${vanished ? 'the vanished row' : 'the row'}`,
    );
  }

  async close(): Promise<void> {
    await this.stopWatcher();
    await this.operator.drain(1_000);
    await this.simulator.close();
    await this.nats.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

export const standard = {
  title: 'Contract review',
  description: 'Bring the draft',
  start: '2026-12-01T09:00:00.000Z',
  end: '2026-12-01T10:00:00.000Z',
  location: 'Room 3',
};

function linkOf(login: string, associateId: number): UserLink {
  return {
    mailbox: mailboxKeyFrom(randomBytes(10)),
    address: `${login}@lockstep.test`,
    associateId,
    zone: 'Europe/Oslo',
    enabled: true,
    linkedAt: '2026-11-22T08:00:00.000Z',
  };
}
