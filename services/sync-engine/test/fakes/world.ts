// A world for the engine: one mailbox (or several) with two fake sides served over the real bus, which report every change
// of theirs to the change stream as the scanner and the watcher do, more than once if wanted.
import { type Bus, connect } from '@lockstep/bus';
import {
  type ChangeClass,
  changeMessage,
  changeSubject,
  exchangeItems,
  failure,
  type ItemContent,
  type MailboxKey,
  mailboxKeyFrom,
  type Outcome,
  type Side,
  type SideOperations,
  superofficeItems,
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
    async report(mailbox, { side, kind, id, vanished, version }, changeClass = 'now') {
      const firstSeenAt = new Date().toISOString();
      const change = {
        ...{ v: 1, kind: 'item' as const, item: kind, mailbox, side, id, vanished, firstSeenAt },
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
  await serveSide(bus, 'exchange', exchangeItems, mailboxes);
  await serveSide(bus, 'superoffice', superofficeItems, mailboxes);
  return world;
}

async function serveSide(
  bus: Bus,
  side: Side,
  operations: SideOperations,
  mailboxes: readonly FakeMailbox[],
): Promise<void> {
  const on = async <T>(
    { mailbox }: { readonly mailbox: MailboxKey },
    call: (fake: FakeSide) => Promise<Outcome<T>>,
  ): Promise<Outcome<T>> => {
    const found = mailboxes.find(({ key }) => key === mailbox);
    return found === undefined ? failure('mailbox-not-linked') : call(found[side]);
  };
  const taken = side === 'superoffice' ? withoutZone : (content: ItemContent) => content;
  const { read, list, create, write, remove, stamp, findByStamp, findUnstamped, evidence } = operations;
  await bus.serve(read, bounds, (body) => on(body, (fake) => fake.read(body.kind, body.ids)));
  await bus.serve(list, bounds, (body) => on(body, (fake) => fake.list(body)));
  await bus.serve(create, bounds, (body) =>
    on(body, (fake) => fake.create({ kind: body.kind, content: taken(body.content) }, body.stamp)),
  );
  await bus.serve(write, bounds, (body) =>
    on(body, (fake) => fake.write(body.kind, body.id, body.version, taken(body.changes))),
  );
  await bus.serve(remove, bounds, (body) => on(body, (fake) => fake.remove(body.kind, body.id, body.version)));
  await bus.serve(stamp, bounds, (body) =>
    on(body, (fake) => fake.stamp(body.kind, body.id, body.version, body.stamp)),
  );
  await bus.serve(findByStamp, bounds, (body) =>
    on(body, (fake) => fake.findByStamp(body.kind, body.stamp, body.anyMailbox)),
  );
  await bus.serve(findUnstamped, bounds, (body) => on(body, (fake) => fake.findUnstamped(body.kind, body.since)));
  await bus.serve(evidence, bounds, (body) => on(body, (fake) => fake.evidence(body.kind, body.id)));
}

/** SuperOffice keeps no zone: what it is given comes back without one. */
function withoutZone(content: ItemContent): ItemContent {
  const { time } = content as { readonly time?: { readonly zone?: string } };
  if (time === undefined) return content;
  const { zone: _zone, ...kept } = time;
  return { ...content, time: kept };
}
