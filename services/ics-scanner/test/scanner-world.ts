// A nats-server, an Exchange, scanners, and somebody who reads the change stream: what the scanner's tests play in.
import { randomBytes, randomUUID } from 'node:crypto';
import type { Bus, Puller, Stoppable } from '@lockstep/bus';
import { type NatsServerOptions, type NatsServerUnderTest, startNatsServer } from '@lockstep/bus/testing/nats-server';
import { until } from '@lockstep/bus/testing/until';
import {
  type Change,
  changeConsumer,
  changeMessage,
  type FolderName,
  type ItemChange,
  type MailboxKey,
  mailboxKeyFrom,
  type Notified,
  notifiedConsumer,
  notifiedMessage,
  notifiedSubject,
  partitionOf,
  type SyncSettings,
  type TechnicalSettings,
  type UserLink,
} from '@lockstep/contracts';
import type { Kit, Running } from '@lockstep/service-kit';
import { createTestKit, type TestKit } from '@lockstep/service-kit/testing/kit';
import { type ScannerConfig, scannerConfig } from '../src/config.ts';
import { cookieKey, readCookie } from '../src/cookies/cookie-store.ts';
import { scannerWith } from '../src/service.ts';
import { FakeExchange, serveExchange } from './fake-exchange.ts';

export const quick: ScannerConfig = {
  ...scannerConfig,
  leasesEveryMs: 150,
  sweepPauseMs: 100,
  pacedRoundMs: 300,
  handOverMs: 1_000,
  retry: { baseMs: 20, maxMs: 200, maxMailboxes: 100 },
};

export interface SeenChange {
  readonly subject: string;
  readonly change: Change;
  readonly correlationId: string;
}

export interface ScannerUnderTest {
  readonly kit: TestKit;
  stop(): Promise<void>;
}

export class ScannerWorld {
  readonly server: NatsServerUnderTest;
  readonly exchange: FakeExchange;
  readonly gateway: { readonly kit: TestKit } & Stoppable;
  readonly scanners: ScannerUnderTest[] = [];
  readonly #taken: SeenChange[] = [];
  readonly #pullers = new Map<string, Puller<Change>>();

  static async open(options: NatsServerOptions = {}): Promise<ScannerWorld> {
    const server = await startNatsServer(options);
    const exchange = new FakeExchange();
    return new ScannerWorld(server, exchange, await serveExchange(server, exchange));
  }

  private constructor(
    server: NatsServerUnderTest,
    exchange: FakeExchange,
    gateway: { readonly kit: TestKit } & Stoppable,
  ) {
    this.server = server;
    this.exchange = exchange;
    this.gateway = gateway;
  }

  get bus(): Bus {
    return this.gateway.kit.bus;
  }

  /** Starts a scanner; `wrap` may put something between it and its bus. */
  async scanner(config: ScannerConfig = quick, wrap: (kit: TestKit) => Kit = (kit) => kit): Promise<ScannerUnderTest> {
    const kit = await createTestKit('ics-scanner', { natsUrl: this.server.url, natsPasswords: this.server.passwords });
    const running: Running = await scannerWith(config)(wrap(kit));
    let stopped: Promise<void> | undefined;
    const stop = async () => {
      await running.stop();
      await kit.close();
    };
    const scanner = { kit, stop: () => (stopped ??= stop()) };
    this.scanners.push(scanner);
    await until(() => running.ready(), 'the scanner to be ready');
    return scanner;
  }

  /** A scanner with this mailbox linked and its first load behind it. */
  async started(
    mailbox: MailboxKey,
    wrap?: (kit: TestKit) => Kit,
    config: ScannerConfig = quick,
  ): Promise<ScannerUnderTest> {
    await this.link(mailbox);
    const scanner = await this.scanner(config, wrap);
    await this.caughtUp(mailbox);
    await this.changes(mailbox);
    return scanner;
  }

  /** Links these mailboxes and no others. Scanners hear of it by the broadcast. */
  link(...mailboxes: readonly MailboxKey[]): Promise<void> {
    return this.gateway.kit.changeSettings({ userLinks: mailboxes.map((mailbox, n) => linkOf(mailbox, n)) });
  }

  technical(technical: Partial<TechnicalSettings>): Promise<void> {
    return this.gateway.kit.changeSettings({ technical });
  }

  sync(sync: Partial<SyncSettings>): Promise<void> {
    return this.gateway.kit.changeSettings({ sync });
  }

  async notify(mailbox: MailboxKey, correlationId: string = randomUUID(), message: object = {}): Promise<Notified> {
    const notified = { v: 1, mailbox, firstSeenAt: new Date().toISOString(), cause: 'event' as const, ...message };
    const context = { correlationId, deadlineMs: 5_000 };
    const sent = await this.bus.publish(notifiedMessage, notifiedSubject(mailbox), notified, context);
    if (!sent.ok) throw new Error(sent.error.code);
    return notified;
  }

  async cookie(mailbox: MailboxKey, folder: FolderName = 'calendar') {
    const stored = await readCookie(this.bus.bucket('cookies'), cookieKey(mailbox, folder));
    return stored.kind === 'cookie' ? stored.entry : undefined;
  }

  /** Waits until the cookie stands at what Exchange has now. */
  async caughtUp(mailbox: MailboxKey): Promise<void> {
    const isThere = async () => (await this.cookie(mailbox))?.value.syncState === this.exchange.newest(mailbox);
    await until(isThere, 'the cookie to be the newest');
  }

  /** Takes what is there for this mailbox from the change stream. */
  async changes(mailbox: MailboxKey): Promise<readonly SeenChange[]> {
    for (const changeClass of ['now', 'bulk'] as const) {
      const consumer = changeConsumer(partitionOf(mailbox), changeClass);
      const puller = this.#pullers.get(consumer.durable) ?? (await this.bus.pull(changeMessage, consumer));
      this.#pullers.set(consumer.durable, puller);
      for (let pending = await puller.pending(); pending > 0; pending = await puller.pending()) {
        for (const { subject, body, context, ack } of await puller.fetch(200, 1_000)) {
          if (body.kind !== 'read') throw new Error(`unreadable: ${body.reason}`);
          this.#taken.push({ subject, change: body.value, correlationId: context.correlationId });
          await ack();
        }
      }
    }
    // Several mailboxes can share a partition: what was taken for another one is kept for it.
    const seen = this.#taken.filter(({ change }) => change.mailbox === mailbox);
    this.#taken.splice(0, this.#taken.length, ...this.#taken.filter(({ change }) => change.mailbox !== mailbox));
    return seen;
  }

  /** Notifications that are not acknowledged. Only when no scanner runs: this takes the consumer. */
  async notificationsLeft(mailbox: MailboxKey): Promise<number> {
    const puller = await this.bus.pull(notifiedMessage, notifiedConsumer(partitionOf(mailbox)));
    const left = await puller.pending();
    await puller.stop();
    return left;
  }

  async metric(scanner: ScannerUnderTest, name: string): Promise<number> {
    const text = await scanner.kit.metrics.metrics();
    const lines = text.split('\n').filter((line) => line.startsWith(`lockstep_ics_scanner_${name}`));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  async close(): Promise<void> {
    await Promise.all(this.scanners.map((scanner) => scanner.stop()));
    await Promise.all([...this.#pullers.values()].map((puller) => puller.stop()));
    await this.gateway.stop();
    await this.server.stop();
  }
}

export const created = (id: string): ItemChange => ({ kind: 'created', id, version: `${id}-1` });
export const updated = (id: string): ItemChange => ({ kind: 'updated', id, version: `${id}-2` });
export const deleted = (id: string): ItemChange => ({ kind: 'deleted', id });

/** What was published: the ids of items, the reasons of full comparisons. */
export const idsOf = (changes: readonly SeenChange[]): readonly string[] =>
  changes.map(({ change }) => (change.kind === 'item' ? change.id : change.reason)).sort();

export const newMailbox = (): MailboxKey => mailboxKeyFrom(randomBytes(10));

/** The kit with a note of the subjects of notifications that were fetched and acknowledged. */
export function noting(kit: Kit, seen: { readonly fetched: string[]; readonly acknowledged: string[] }): Kit {
  const bus = Object.create(kit.bus) as Kit['bus'];
  bus.pull = async (declared, consumer) => {
    const puller = await kit.bus.pull(declared, consumer);
    const fetch: typeof puller.fetch = async (...given) => {
      const deliveries = await puller.fetch(...given);
      seen.fetched.push(...deliveries.map(({ subject }) => subject));
      return deliveries.map((delivery) => ({
        ...delivery,
        ack: async () => {
          await delivery.ack();
          seen.acknowledged.push(delivery.subject);
        },
      }));
    };
    return { fetch, stop: () => puller.stop(), pending: () => puller.pending() };
  };
  return { ...kit, bus };
}

function linkOf(mailbox: MailboxKey, n: number): UserLink {
  const linkedAt = new Date(Date.parse('2026-11-22T08:00:00.000Z') + n * 1_000).toISOString();
  return {
    mailbox,
    address: `user${n}@lockstep.test`,
    associateId: n + 1,
    zone: 'Europe/Oslo',
    enabled: true,
    linkedAt,
  };
}
