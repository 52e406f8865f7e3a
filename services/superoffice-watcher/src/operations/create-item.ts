// Creates a row and puts its foreign key on it: two calls. Between them lies the one gap of the whole path: a row without a
// key. So whatever goes wrong after the first call is an unknown outcome, which the engine settles by looking.
import type { LinkId, Outcome, ReplyOf, superofficeItems } from '@lockstep/contracts';
import { failure, success } from '@lockstep/contracts';
import { placeRow } from '../changes/resolver.ts';
import type { AppointmentEntity } from '../client/entities.ts';
import { readItem } from '../mapping/item.ts';
import { mappingOf } from '../mapping/kinds.ts';
import { type Handler, listsFor, type OperationContext, type Scope, scopeOf } from './operation-context.ts';

type Operation = typeof superofficeItems.create;

export function createItem(context: OperationContext): Handler<Operation> {
  return async (request, { signal }) => {
    const scope = await scopeOf(context, request);
    if (!scope.ok) return scope;
    const { kind, connection, link } = scope.value;
    const mapping = mappingOf(kind);
    const lists = await listsFor(scope.value, signal);
    if (!lists.ok) return lists;
    const template = await connection.appointments.template(mapping.template, link.associateId, signal);
    if (!template.ok) return template;
    const row = mapping.newRow(template.value, request.content, link, lists.value);
    const created = await connection.appointments.create(row, signal);
    if (!created.ok) return created;
    const finished = await finish(context, scope.value, created.value, request.stamp.linkId, signal);
    if (finished.ok) return finished;
    return failure('superoffice-unknown-outcome', { detail: finished.error.code });
  };
}

async function finish(
  context: OperationContext,
  { kind, connection, link }: Scope,
  entity: AppointmentEntity,
  linkId: LinkId,
  signal: AbortSignal,
): Promise<Outcome<ReplyOf<Operation>>> {
  const id = entity.AppointmentId;
  const placed = await placeRow(context.index, { kind, id }, link.mailbox);
  if (!placed.ok) return placed;
  const stamped = await connection.foreignKeys.put(id, linkId, link.mailbox, signal);
  if (!stamped.ok) return stamped;
  context.stamps.remember(linkId, link.mailbox);
  const read = readItem(kind, entity, { zone: link.zone, ownAssociateId: undefined });
  return read.ok ? success({ id: String(id), version: read.value.version }) : read;
}
