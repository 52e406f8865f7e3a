// A side over the bus: the exchange-gateway and the superoffice-watcher answer the same operations.
import type { Bus } from '@lockstep/bus';
import {
  exchangeItems,
  type ItemRead,
  type Outcome,
  type RequestOf,
  type Side,
  type SideOperations,
  success,
  superofficeItems,
} from '@lockstep/contracts';
import { idOfRead } from '../decide/seen.ts';
import type { Call, SideClient, SideLimits } from './side.ts';

const operationsOf: Readonly<Record<Side, SideOperations>> = { exchange: exchangeItems, superoffice: superofficeItems };

export function createSideClient(bus: Bus, side: Side, limits: SideLimits): SideClient {
  const operations = operationsOf[side];
  const target = ({ mailbox, priority }: Call) => ({ mailbox, priority });
  const within = (deadlineMs: number, { correlationId, signal }: Call) => ({ deadlineMs, correlationId, signal });
  const reading = (call: Call) => within(limits.readLimitMs, call);
  const writing = (call: Call) => within(limits.writeLimitMs, call);
  return {
    side,
    async read(call, kind, ids) {
      const results: ItemRead[] = [];
      let left = ids;
      let isAnswered = true;
      // A reply leaves out what it has no room for, and brings one at least.
      while (left.length > 0 && isAnswered) {
        const reply = await bus.request(operations.read, { ...target(call), kind, ids: left }, reading(call));
        if (!reply.ok) return reply;
        const answered = new Set(reply.value.results.map(idOfRead));
        results.push(...reply.value.results);
        left = left.filter((id) => !answered.has(id));
        isAnswered = answered.size > 0;
      }
      return success(results);
    },
    async list(call, kind, range, next) {
      const within = range === undefined ? {} : { range };
      const page = { cursor: next ?? null, maxItems: limits.pageItems };
      const reply = await bus.request(operations.list, { ...target(call), kind, ...within, ...page }, reading(call));
      return mapped(reply, ({ rows, next: cursor }) => ({ rows, next: cursor ?? undefined }));
    },
    create(call, { kind, content }, stamp) {
      return bus.request(operations.create, { ...target(call), kind, content, stamp }, writing(call));
    },
    write(call, { kind, id, version }, changes) {
      return bus.request(operations.write, { ...target(call), kind, id, version, changes }, writing(call));
    },
    remove(call, { kind, id, version }) {
      return bus.request(operations.remove, { ...target(call), kind, id, version }, writing(call));
    },
    stamp(call, { kind, id, version }, stamp) {
      return bus.request(operations.stamp, { ...target(call), kind, id, version, stamp }, writing(call));
    },
    async findByStamp(call, kind, stamp, anyMailbox) {
      const wish: RequestOf<SideOperations['findByStamp']> = { ...target(call), kind, stamp };
      const body = anyMailbox === true ? { ...wish, anyMailbox } : wish;
      const reply = await bus.request(operations.findByStamp, body, reading(call));
      return mapped(reply, ({ rows }) => rows);
    },
    async findUnstamped(call, kind, since) {
      const reply = await bus.request(operations.findUnstamped, { ...target(call), kind, since }, reading(call));
      return mapped(reply, ({ items }) => items);
    },
    evidence(call, { kind, id }, stamp) {
      return bus.request(operations.evidence, { ...target(call), kind, id, stamp }, reading(call));
    },
  };
}

function mapped<T, U>(outcome: Outcome<T>, map: (value: T) => U): Outcome<U> {
  return outcome.ok ? success(map(outcome.value)) : outcome;
}
