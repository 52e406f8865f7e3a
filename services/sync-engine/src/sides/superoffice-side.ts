// SuperOffice through the superoffice-watcher. A create is two calls there: the row, then its foreign key.
import type { Bus } from '@lockstep/bus';
import { superoffice } from '@lockstep/contracts';
import { mapped } from './exchange-side.ts';
import type { Call, SideClient, SideLimits } from './side.ts';

export function createSuperOfficeSide(bus: Bus, limits: SideLimits): SideClient {
  const target = ({ mailbox }: Call) => ({ mailbox });
  const within = (deadlineMs: number, { correlationId, signal }: Call) => ({ deadlineMs, correlationId, signal });
  const reading = (call: Call) => within(limits.readLimitMs, call);
  const writing = (call: Call) => within(limits.writeLimitMs, call);
  return {
    side: 'superoffice',
    async read(call, ids) {
      const reply = await bus.request(superoffice.getAppointments, { ...target(call), ids }, reading(call));
      return mapped(reply, ({ results }) => results);
    },
    async list(call, from, to, next) {
      const page = { from, to, afterId: next ?? null, maxItems: limits.pageItems };
      const reply = await bus.request(superoffice.listAppointments, { ...target(call), ...page }, reading(call));
      return mapped(reply, ({ items, nextAfterId }) => ({ rows: items, next: nextAfterId ?? undefined }));
    },
    create(call, content, stamp) {
      return bus.request(superoffice.createAppointment, { ...target(call), content, stamp }, writing(call));
    },
    write(call, id, version, changes) {
      const body = { ...target(call), id, version, changes };
      return bus.request(superoffice.updateAppointment, body, writing(call));
    },
    remove(call, id, version) {
      return bus.request(superoffice.deleteAppointment, { ...target(call), id, version }, writing(call));
    },
    async stamp(call, { id, version }, stamp) {
      const reply = await bus.request(superoffice.stampAppointment, { ...target(call), id, stamp }, writing(call));
      // A foreign key is a row of its own: the appointment and its version stay as they were.
      return mapped(reply, () => ({ kind: 'written' as const, id, version }));
    },
    async findByStamp(call, stamp) {
      const reply = await bus.request(superoffice.findByForeignKey, { ...target(call), stamp }, reading(call));
      return mapped(reply, ({ items }) => items.map(({ id }) => id));
    },
    async findUnstamped(call, since) {
      const reply = await bus.request(superoffice.findOwnUnstamped, { ...target(call), since }, reading(call));
      return mapped(reply, ({ results }) =>
        results.flatMap((result) => (result.kind === 'found' ? [result.item] : [])),
      );
    },
    async evidence(call, id, byStamp) {
      const reply = await bus.request(superoffice.getDeleteEvidence, { ...target(call), id }, reading(call));
      return mapped(reply, (answer) => ({ side: 'superoffice' as const, byStamp, ...answer }));
    },
  };
}
