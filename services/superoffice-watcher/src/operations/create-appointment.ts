// Creates a row and puts its foreign key on it: two calls. Between them lies the one gap of the whole path: a row without a
// key. So whatever goes wrong after the first call is an unknown outcome, which the engine settles by looking.
import type { Outcome, ReplyOf, RequestOf, superoffice } from '@lockstep/contracts';
import { failure, success } from '@lockstep/contracts';
import { placeRow } from '../changes/resolver.ts';
import type { AppointmentEntity } from '../client/entities.ts';
import { newRow } from '../mapping/patch.ts';
import { readAppointment } from '../mapping/read.ts';
import { type Handler, type OperationContext, type Scope, scopeOf } from './operation-context.ts';

type Operation = typeof superoffice.createAppointment;
type Request = RequestOf<Operation>;

export function createAppointment(context: OperationContext): Handler<Request, ReplyOf<Operation>> {
  return async (request, { signal }) => {
    const scope = await scopeOf(context, request.mailbox);
    if (!scope.ok) return scope;
    const { connection, link } = scope.value;
    const template = await connection.appointments.template(signal);
    if (!template.ok) return template;
    const created = await connection.appointments.create(newRow(template.value, request.content, link), signal);
    if (!created.ok) return created;
    const finished = await finish(context, scope.value, created.value, request.stamp.linkId, signal);
    if (finished.ok) return finished;
    return failure('superoffice-unknown-outcome', { detail: finished.error.code });
  };
}

async function finish(
  context: OperationContext,
  { connection, link }: Scope,
  entity: AppointmentEntity,
  linkId: string,
  signal: AbortSignal,
): Promise<Outcome<ReplyOf<Operation>>> {
  const id = entity.AppointmentId;
  const placed = await placeRow(context.index, id, link.mailbox);
  if (!placed.ok) return placed;
  const stamped = await connection.foreignKeys.put(id, linkId, link.mailbox, signal);
  if (!stamped.ok) return stamped;
  context.stamps.remember(linkId, link.mailbox);
  const read = readAppointment(entity, { zone: link.zone, ownAssociateId: undefined });
  return read.ok ? success({ id: String(id), version: read.value.version }) : read;
}
