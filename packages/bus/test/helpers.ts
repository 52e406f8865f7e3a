// What the tests of this folder share: buses that end with the test, a mailbox, and changes of it.
import { type Change, changeSubject, type ItemChanged, type MailboxKey, partitionOf } from '@lockstep/contracts';
import { type Bus, type BusEvent, type ConnectOptions, connect } from '../src/index.ts';

export const mailbox = 'aaaabbbbccccdddd' as MailboxKey;
export const partition = partitionOf(mailbox);
export const sending = { correlationId: 'c1', deadlineMs: 10_000 };

export function itemChanged(id: string, firstSeenAt = '2026-11-22T08:00:00.000Z'): ItemChanged {
  return { v: 1, mailbox, side: 'exchange', firstSeenAt, kind: 'item', item: 'appointment', id, vanished: false };
}
export const nowSubject = (change: Change): string => changeSubject(change, 'now');

/** A promise that the test resolves. */
export function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

/** Opens buses on one server and closes them again. */
export class Buses {
  readonly events: BusEvent[] = [];
  readonly #open: Bus[] = [];

  async open(url: string, options: Partial<ConnectOptions> = {}): Promise<Bus> {
    const bus = await connect({ url, name: 'test', onEvent: (event) => this.events.push(event), ...options });
    this.#open.push(bus);
    return bus;
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((bus) => bus.drain(0)));
    this.events.length = 0;
  }
}
