// A world for the engine: one mailbox (or several) with two fake sides served over the real bus, which report every change
// of theirs to the change stream as the scanner and the watcher do, more than once if wanted.
import { type Bus, connect } from '@lockstep/bus';
import {
  type ChangeClass,
  changeMessage,
  changeSubject,
  exchange,
  failure,
  type MailboxKey,
  mailboxKeyFrom,
  type Outcome,
  success,
  superoffice,
  sync,
  type UserLink,
} from '@lockstep/contracts';
import { FakeSide, type Touched } from './fake-side.ts';

export interface FakeMailbox {
  readonly key: MailboxKey;
  readonly exchange: FakeSide;
  readonly superoffice: FakeSide;
}

export interface World {
  readonly bus: Bus;
  readonly mailboxes: readonly FakeMailbox[];
  readonly users: readonly UserLink[];
  /** How often each change is reported. */
  reports: number;
  readonly published: Promise<unknown>[];
  report(key: MailboxKey, touched: Touched, changeClass?: ChangeClass): Promise<void>;
  reportAll(key: MailboxKey, reason?: 'first-load' | 'verification' | 'requested'): Promise<void>;
  history(key: MailboxKey): Promise<readonly sync.HistoryRecord[]>;
  close(): Promise<void>;
}

const bounds = { running: 64, waiting: 1_000 };

export async function createWorld(natsUrl: string, mailboxCount = 1): Promise<World> {
  const bus = await connect({ url: natsUrl, name: 'world' });
  await bus.ensure();
  const mailboxes = Array.from({ length: mailboxCount }, (_, index) => ({
    key: mailboxKeyFrom(Uint8Array.from({ length: 10 }, (_byte, at) => (index * 7 + at * 31 + 5) % 256)),
    exchange: new FakeSide('exchange'),
    superoffice: new FakeSide('superoffice'),
  }));
  const world: World = {
    bus,
    mailboxes,
    users: mailboxes.map(({ key }, index) => ({
      mailbox: key,
      address: `user${index}@lockstep.test`,
      associateId: index + 1,
      zone: 'Europe/Oslo',
      enabled: true,
      linkedAt: '2026-01-01T00:00:00.000Z',
    })),
    reports: 1,
    published: [],
    async report(mailbox, { side, id, vanished, version }, changeClass = 'now') {
      const firstSeenAt = new Date().toISOString();
      const change = {
        ...{ v: 1, kind: 'item' as const, item: 'appointment' as const, mailbox, side, id, vanished, firstSeenAt },
        ...(version === undefined ? {} : { version }),
      };
      for (let time = 0; time < world.reports; time++) {
        const options = { correlationId: `${side}-${id}`, deadlineMs: 20_000 };
        await bus.publish(changeMessage, changeSubject(change, changeClass), change, options);
      }
    },
    async reportAll(mailbox, reason = 'first-load') {
      const change = {
        v: 1,
        kind: 'all' as const,
        mailbox,
        side: 'exchange' as const,
        reason,
        firstSeenAt: new Date().toISOString(),
      };
      await bus.publish(changeMessage, changeSubject(change, 'bulk'), change, {
        correlationId: 'all',
        deadlineMs: 20_000,
      });
    },
    history: (key) => bus.readLast(sync.historyMessage, sync.historySubject(key), 500),
    close: () => bus.drain(1_000),
  };
  for (const { key, ...sides } of mailboxes) {
    for (const side of [sides.exchange, sides.superoffice]) {
      side.onTouched = (touched) => world.published.push(world.report(key, touched));
    }
  }
  await serveExchange(bus, mailboxes);
  await serveSuperOffice(bus, mailboxes);
  return world;
}

type Served<T> = Promise<Outcome<T>>;

function sideOf(mailboxes: readonly FakeMailbox[], side: 'exchange' | 'superoffice') {
  return async <T>({ mailbox }: { mailbox: MailboxKey }, call: (fake: FakeSide) => Served<T>): Served<T> => {
    const found = mailboxes.find(({ key }) => key === mailbox);
    return found === undefined ? failure('mailbox-not-linked') : call(found[side]);
  };
}

async function serveExchange(bus: Bus, mailboxes: readonly FakeMailbox[]): Promise<void> {
  const on = sideOf(mailboxes, 'exchange');
  await bus.serve(exchange.getItems, bounds, (body) => on(body, (fake) => fake.read(body.ids)));
  await bus.serve(exchange.listItems, bounds, (body) =>
    on(body, async (fake) => {
      const rows = await fake.list(body.from, body.to);
      if (!rows.ok) return rows;
      const items = rows.value.slice(body.offset, body.offset + body.maxItems);
      const nextOffset = body.offset + items.length < rows.value.length ? body.offset + items.length : null;
      return success({ items, nextOffset });
    }),
  );
  await bus.serve(exchange.createItem, bounds, (body) => on(body, (fake) => fake.create(body.content, body.stamp)));
  await bus.serve(exchange.updateItem, bounds, (body) =>
    on(body, (fake) => fake.write(body.id, body.version, body.changes, body.stamp)),
  );
  await bus.serve(exchange.deleteItem, bounds, (body) => on(body, (fake) => fake.remove(body.id, body.version)));
  await bus.serve(exchange.findByStamp, bounds, (body) => on(body, (fake) => fake.findByStamp(body.stamp)));
  await bus.serve(exchange.getFolder, bounds, (body) =>
    on(body, (fake) =>
      fake.evidence(() => ({
        folderId: 'calendar',
        totalCount: fake.items.size,
        rights: { read: fake.mayRead, create: true, modify: true, delete: true },
      })),
    ),
  );
}

async function serveSuperOffice(bus: Bus, mailboxes: readonly FakeMailbox[]): Promise<void> {
  const on = sideOf(mailboxes, 'superoffice');
  await bus.serve(superoffice.getAppointments, bounds, (body) => on(body, (fake) => fake.read(body.ids)));
  await bus.serve(superoffice.listAppointments, bounds, (body) =>
    on(body, async (fake) => {
      const rows = await fake.list(body.from, body.to);
      if (!rows.ok) return rows;
      const byId = [...rows.value].sort((a, b) => (a.id < b.id ? -1 : 1));
      const items = byId.filter(({ id }) => id > (body.afterId ?? '')).slice(0, body.maxItems);
      const last = items.at(-1)?.id;
      return success({ items, nextAfterId: last !== undefined && last !== byId.at(-1)?.id ? last : null });
    }),
  );
  await bus.serve(superoffice.createAppointment, bounds, (body) =>
    on(body, (fake) => fake.create(withoutZone(body.content), body.stamp)),
  );
  await bus.serve(superoffice.stampAppointment, bounds, (body) =>
    on(body, (fake) => fake.stampBeside(body.id, body.stamp)),
  );
  await bus.serve(superoffice.updateAppointment, bounds, (body) =>
    on(body, (fake) => fake.write(body.id, body.version, withoutZone(body.changes))),
  );
  await bus.serve(superoffice.deleteAppointment, bounds, (body) =>
    on(body, (fake) => fake.remove(body.id, body.version)),
  );
  await bus.serve(superoffice.findByForeignKey, bounds, (body) => on(body, (fake) => fake.findByStamp(body.stamp)));
  await bus.serve(superoffice.findOwnUnstamped, bounds, (body) => on(body, (fake) => fake.findUnstamped(body.since)));
  await bus.serve(superoffice.getDeleteEvidence, bounds, (body) =>
    on(body, (fake) => fake.evidence(() => ({ principalRead: fake.mayRead, deleteRecord: fake.deleteRecord }))),
  );
}

/** SuperOffice keeps no zone: what it is given comes back without one. */
function withoutZone<T extends { readonly time?: { readonly zone?: string } }>(content: T): T {
  if (content.time === undefined) return content;
  const { zone: _zone, ...time } = content.time;
  return { ...content, time };
}
