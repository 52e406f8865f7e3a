// What the service tests share: a world, an engine in it, and an appointment to begin with.

import type { Bus } from '@lockstep/bus';
import { type NatsServerUnderTest, startNatsServer } from '@lockstep/bus/testing/nats-server';
import { until } from '@lockstep/bus/testing/until';
import {
  type AppointmentContent,
  type Item,
  type ItemKind,
  partitionOf,
  type SyncSettings,
  sync,
  type UserLink,
} from '@lockstep/contracts';
import { groupHashes } from '@lockstep/items';
import type { Kit, Running } from '@lockstep/service-kit';
import { createTestKit, type TestKit } from '@lockstep/service-kit/testing/kit';
import { type EngineConfig, standardConfig } from '../../src/config.ts';
import { startEngine } from '../../src/service.ts';
import { createWorld, type FakeMailbox, type World } from './world.ts';

const dayMs = 86_400_000;
const quietLooks = 30;

export const soon = (days: number) => new Date(Math.floor(Date.now() / 60_000) * 60_000 + days * dayMs).toISOString();

export function meeting(title: string, changes: Partial<AppointmentContent> = {}): AppointmentContent {
  return {
    title,
    time: { kind: 'timed', start: soon(2), end: soon(2.05), zone: 'Europe/Oslo' },
    location: 'Room 3',
    text: { format: 'plain', content: 'Bring <b> & "c" 🙂 Ærø' },
    busy: 'busy',
    privacy: 'normal',
    ...changes,
  };
}

export interface Engine {
  readonly kit: TestKit;
  readonly running: Running;
  /** As after kill -9: nothing is given back and nothing more is said. Its leases expire. */
  abandon(): Promise<void>;
  stop(): Promise<void>;
}

export interface EngineSetup {
  readonly config?: Partial<EngineConfig>;
  readonly sync?: Partial<SyncSettings>;
  readonly userLinks?: readonly UserLink[];
  /** Puts something hostile between the engine and the bus. */
  readonly wrap?: (bus: Bus) => Bus;
}

export const quick: Partial<EngineConfig> = {
  retryBaseMs: 50,
  retryCapMs: 400,
  settleMarginMs: 200,
  secondLookMs: 1_500,
  proofGapMs: 1_000,
  failedLookDelayMs: 300,
};

export class Setup {
  readonly server: NatsServerUnderTest;
  readonly world: World;
  readonly #engines: Engine[] = [];

  private constructor(server: NatsServerUnderTest, world: World) {
    this.server = server;
    this.world = world;
  }

  static async create(mailboxCount = 1): Promise<Setup> {
    const server = await startNatsServer();
    return new Setup(server, await createWorld(server.url, mailboxCount));
  }

  get mailbox(): FakeMailbox {
    const [first] = this.world.mailboxes;
    if (first === undefined) throw new Error('a world has a mailbox');
    return first;
  }

  async engine({
    config = {},
    sync: syncSettings = {},
    userLinks = this.world.users,
    wrap = (bus) => bus,
  }: EngineSetup = {}): Promise<Engine> {
    const testKit = await createTestKit('sync-engine', {
      natsUrl: this.server.url,
      settings: { userLinks, sync: syncSettings },
    });
    const kit = { ...testKit, bus: wrap(testKit.bus) };
    const running = startEngine({
      kit,
      config: { ...standardConfig, ...quick, ...config },
      random: () => 0.5,
    });
    let ended = false;
    const engine: Engine = {
      kit,
      running,
      async abandon() {
        ended = true;
        await kit.close();
      },
      async stop() {
        if (ended) return;
        ended = true;
        await running.stop();
        await kit.close();
      },
    };
    this.#engines.push(engine);
    await until(() => running.ready(), 'the engine to be ready');
    return engine;
  }

  /** The leases of dead engines are gone, as they are 15 s after the last renewal. */
  async expireLeases(): Promise<void> {
    const leases = this.world.bus.bucket('leases');
    for (const key of await leases.keys('engine.>')) {
      const entry = await leases.getBytes(key);
      if (entry !== undefined) await leases.delete(key, entry.revision);
    }
  }

  /** All that the engine knows is gone, as when both buckets were lost. */
  async loseState(): Promise<void> {
    for (const name of ['mailboxes', 'links'] as const) {
      const bucket = this.world.bus.bucket(name);
      for (const key of await bucket.keys('>')) {
        const entry = await bucket.getBytes(key);
        if (entry !== undefined) await bucket.delete(key, entry.revision);
      }
    }
  }

  /** What nobody reports, as before a user is linked, or while it is switched off. */
  silently(act: () => void): void {
    const { exchange, superoffice } = this.mailbox;
    const reports = [exchange.onTouched, superoffice.onTouched] as const;
    exchange.onTouched = superoffice.onTouched = () => undefined;
    act();
    [exchange.onTouched, superoffice.onTouched] = reports;
  }

  async explain(_engine: Engine, { key } = this.mailbox) {
    const options = { correlationId: 'test', deadlineMs: 10_000, tokens: [String(partitionOf(key)), key] };
    const answer = await this.world.bus.request(sync.explain, {}, options);
    if (!answer.ok) throw new Error(answer.error.code);
    return answer.value;
  }

  async releaseDeletes({ key } = this.mailbox) {
    const options = { correlationId: 'test', deadlineMs: 20_000, tokens: [String(partitionOf(key)), key] };
    const answer = await this.world.bus.request(sync.releaseDeletes, {}, options);
    if (!answer.ok) throw new Error(answer.error.code);
    return answer.value;
  }

  async rebuild({ key } = this.mailbox) {
    const options = { correlationId: 'test', deadlineMs: 20_000, tokens: [String(partitionOf(key)), key] };
    const answer = await this.world.bus.request(sync.rebuild, {}, options);
    if (!answer.ok) throw new Error(answer.error.code);
    return answer.value;
  }

  async firstLoadDone(engine: Engine): Promise<boolean> {
    return (await this.explain(engine)).firstLoadDone && (await this.quiet(engine));
  }

  /** Everything is published, and again and again nothing is being worked on. */
  async quiet(engine: Engine): Promise<boolean> {
    await Promise.all(this.world.published);
    let looks = 0;
    await until(async () => {
      looks = (await this.metric(engine.kit, 'messages_in_hand')) === 0 ? looks + 1 : 0;
      return looks >= quietLooks;
    }, 'nothing in hand');
    return true;
  }

  owned(engine: Engine): Promise<number> {
    return this.ownedBy(engine.kit);
  }

  ownedBy(kit: Kit): Promise<number> {
    return this.metric(kit, 'partitions_owned');
  }

  async metric(kit: Kit, name: string): Promise<number> {
    const found = await kit.metrics.getSingleMetric(`lockstep_sync_engine_${name}`)?.get();
    return found?.values[0]?.value ?? 0;
  }

  async close(): Promise<void> {
    await Promise.all(this.world.published);
    for (const engine of this.#engines) await engine.stop();
    await this.world.close();
    await this.server.stop();
  }

  /** Both sides hold the same items of a kind, one each, and every message is dealt with. */
  async inStep(count: number, { exchange, superoffice } = this.mailbox, kind: ItemKind = 'appointment'): Promise<void> {
    const summary = (items: readonly Item[]) => items.map((item) => JSON.stringify(groupHashes(item))).sort();
    await until(() => {
      const [left, right] = [summary(exchange.all(kind)), summary(superoffice.all(kind))];
      return left.length === count && right.length === count && left.every((hashes, at) => hashes === right[at]);
    }, `${count} equal items on both sides`);
  }
}
