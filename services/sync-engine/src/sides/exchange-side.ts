// Exchange through the exchange-gateway. Only the calendar folder is watched, so only there an item counts.
import type { Bus } from '@lockstep/bus';
import { exchange, type Outcome, success } from '@lockstep/contracts';
import type { Call, SideClient, SideLimits } from './side.ts';

const folder = 'calendar';

export function createExchangeSide(bus: Bus, limits: SideLimits): SideClient {
  const target = ({ mailbox, priority }: Call) => ({ mailbox, priority });
  const within = (deadlineMs: number, { correlationId, signal }: Call) => ({ deadlineMs, correlationId, signal });
  const reading = (call: Call) => within(limits.readLimitMs, call);
  const writing = (call: Call) => within(limits.writeLimitMs, call);
  return {
    side: 'exchange',
    async read(call, ids) {
      const reply = await bus.request(exchange.getItems, { ...target(call), ids }, reading(call));
      return mapped(reply, ({ results }) => results);
    },
    async list(call, from, to, next) {
      const page = { from, to, offset: next === undefined ? 0 : Number(next), maxItems: limits.pageItems };
      const reply = await bus.request(exchange.listItems, { ...target(call), folder, ...page }, reading(call));
      return mapped(reply, ({ items, nextOffset }) => ({
        rows: items,
        next: nextOffset === null ? undefined : String(nextOffset),
      }));
    },
    create(call, content, stamp) {
      return bus.request(exchange.createItem, { ...target(call), folder, content, stamp }, writing(call));
    },
    write(call, id, version, changes) {
      return bus.request(exchange.updateItem, { ...target(call), id, version, changes }, writing(call));
    },
    remove(call, id, version) {
      return bus.request(exchange.deleteItem, { ...target(call), id, version }, writing(call));
    },
    stamp(call, { id, version }, stamp) {
      return bus.request(exchange.updateItem, { ...target(call), id, version, changes: {}, stamp }, writing(call));
    },
    async findByStamp(call, stamp) {
      const reply = await bus.request(exchange.findByStamp, { ...target(call), folder, stamp }, reading(call));
      return mapped(reply, ({ items }) => items.map(({ id }) => id));
    },
    // Exchange stamps in the creating call itself.
    findUnstamped: async () => success([]),
    async evidence(call, _id, byStamp) {
      const reply = await bus.request(exchange.getFolder, { ...target(call), folder }, reading(call));
      return mapped(reply, ({ rights }) => ({ side: 'exchange' as const, byStamp, rights }));
    },
  };
}

export function mapped<T, U>(outcome: Outcome<T>, map: (value: T) => U): Outcome<U> {
  return outcome.ok ? success(map(outcome.value)) : outcome;
}
