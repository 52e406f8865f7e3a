// What the service tests share: a world, an engine in it, and an appointment to begin with.

import { type NatsServerUnderTest, startNatsServer } from '@lockstep/bus/testing/nats-server';
import { until } from '@lockstep/bus/testing/until';
import { groupHashes } from '@lockstep/calendar';
import type { AppointmentContent, SyncSettings } from '@lockstep/contracts';
import type { Running } from '@lockstep/service-kit';
import { createTestKit, type TestKit } from '@lockstep/service-kit/testing/kit';
import { type EngineConfig, standardConfig } from '../../src/config.ts';
import { startEngine } from '../../src/engine.ts';
import { createWorld, type FakeMailbox, type World } from './world.ts';

const dayMs = 86_400_000;

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

export const quick: Partial<EngineConfig> = {
  retryBaseMs: 50,
  retryCapMs: 400,
  settleMarginMs: 200,
  secondLookMs: 1_500,
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

  async engine(config: Partial<EngineConfig> = {}, sync: Partial<SyncSettings> = {}): Promise<Engine> {
    const kit = await createTestKit('sync-engine', {
      natsUrl: this.server.url,
      settings: { userLinks: this.world.users, sync },
    });
    const onNewerRecord = () => undefined;
    const running = startEngine({
      kit,
      config: { ...standardConfig, ...quick, ...config },
      random: () => 0.5,
      onNewerRecord,
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

  async close(): Promise<void> {
    await Promise.all(this.world.published);
    for (const engine of this.#engines) await engine.stop();
    await this.world.close();
    await this.server.stop();
  }

  /** Both sides hold the same appointments, one each, and every message is dealt with. */
  async inStep(count: number, { exchange, superoffice } = this.mailbox): Promise<void> {
    const summary = (items: readonly { content: AppointmentContent }[]) =>
      items.map(({ content }) => JSON.stringify(groupHashes(content))).sort();
    await until(() => {
      const [left, right] = [summary(exchange.all()), summary(superoffice.all())];
      return left.length === count && right.length === count && left.every((hashes, at) => hashes === right[at]);
    }, `${count} equal appointments on both sides`);
  }
}
