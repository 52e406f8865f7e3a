// Rows that we made for an owner and that lost their second call, the foreign key: registered by our own associate since a
// given time and without a key of ours, whoever changed them since.
import { failure, type Item, type Outcome, success, type superofficeItems } from '@lockstep/contracts';
import type { ListedAppointment } from '../client/archive-api.ts';
import { isRowFailure } from '../client/classify.ts';
import { foreignKeyField } from '../client/foreign-key-api.ts';
import { inParallel } from '../client/in-parallel.ts';
import { archiveLiteral } from '../client/superoffice-date.ts';
import { watcherConfig } from '../config.ts';
import { mayBeOf } from '../mapping/kinds.ts';
import { thoseThatFit, withFittingTexts } from './message-size.ts';
import { type Handler, type OperationContext, readOwned, type Scope, scopeOf } from './operation-context.ts';

const { rowsAtOnce, archiveMarginMs, unstampedPageRows, unstampedPages, unstampedFound } = watcherConfig.operations;

/** More rows than can be looked through, or found, are `superoffice-busy`: an answer that leaves one out would double it. */
export function findUnstamped(context: OperationContext): Handler<typeof superofficeItems.findUnstamped> {
  return async (request, { signal }) => {
    const { kind, since } = request;
    const scope = await scopeOf(context, request);
    if (!scope.ok) return scope;
    const { connection, link } = scope.value;
    const own = await connection.ownAssociateId(signal);
    if (!own.ok) return own;
    const from = archiveLiteral(since, -archiveMarginMs);
    const filter = `associateId associateIsOneOf (${link.associateId}) and registeredDate afterTime ${from}`;
    const found: Item[] = [];
    let after = 0;
    for (let page = 0; page < unstampedPages; page++) {
      const listed = await connection.archive.appointments(filter, after, unstampedPageRows, signal);
      if (!listed.ok) return listed;
      const rows = listed.value.filter(({ type }) => mayBeOf([kind], type));
      const look = (row: ListedAppointment) => ownUnstamped(scope.value, row, own.value, since, signal);
      const looked = await inParallel(rows, rowsAtOnce, look);
      if (!looked.ok) return looked;
      found.push(...looked.value.filter((item) => item !== undefined));
      if (listed.value.length < unstampedPageRows) return answer(found);
      after = listed.value.at(-1)?.id ?? after;
    }
    return failure('superoffice-busy', { detail: 'too many rows were registered since' });
  };
}

function answer(found: readonly Item[]): Outcome<{ readonly items: readonly Item[] }> {
  const items = thoseThatFit(found.slice(0, unstampedFound).map(withFittingTexts));
  if (items.length < found.length) return failure('superoffice-busy', { detail: 'too many rows without a key' });
  return success({ items });
}

async function ownUnstamped(
  scope: Scope,
  { id }: ListedAppointment,
  ownAssociateId: number,
  since: string,
  signal: AbortSignal,
): Promise<Outcome<Item | undefined>> {
  const row = await readOwned(scope, id, true, signal);
  // One that cannot be read cannot be adopted either; it must not hide the others.
  if (!row.ok) return isRowFailure(row.error) ? success(undefined) : row;
  if (row.value.kind === 'missing' || row.value.entity.CreatedBy?.AssociateId !== ownAssociateId)
    return success(undefined);
  const { entity, item } = row.value;
  const sinceSecond = `${since.slice(0, 19)}.000Z`;
  const isIt = (item.createdAt ?? '') >= sinceSecond && entity.ExtraFields?.[foreignKeyField] === undefined;
  return success(isIt ? item : undefined);
}
