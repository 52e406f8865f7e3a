// One page of an owner's items. The archive names the rows; each is then read, because a version holds a hash of the
// content, which no archive shows. The cursor is the id after which the next page begins.
import type { Item, ItemKind, ItemRow, RequestOf, superofficeItems, ZoneName } from '@lockstep/contracts';
import { failure, success } from '@lockstep/contracts';
import { kindOf, startOf } from '@lockstep/items';
import { isRowFailure } from '../client/classify.ts';
import { inParallel } from '../client/in-parallel.ts';
import { archiveLiteral } from '../client/superoffice-date.ts';
import { watcherConfig } from '../config.ts';
import { mayBeOf } from '../mapping/kinds.ts';
import { type Handler, type OperationContext, readStamped, rowId, scopeOf } from './operation-context.ts';

type Range = RequestOf<typeof superofficeItems.list>['range'];

const { rowsAtOnce, listBatchRows, listReserveMs, archiveMarginMs } = watcherConfig.operations;

export function listItems(context: OperationContext): Handler<typeof superofficeItems.list> {
  return async (request, call) => {
    const { kind, range, cursor, maxItems } = request;
    const after = cursor === null ? 0 : rowId(cursor);
    if (after === undefined) return failure('request-invalid', { field: 'cursor' });
    const scope = await scopeOf(context, request);
    if (!scope.ok) return scope;
    const { connection, link } = scope.value;
    const filter = filterOf(kind, link.associateId, range);
    const listed = await connection.archive.appointments(filter, after, maxItems, call.signal);
    if (!listed.ok) return listed;
    const rows: ItemRow[] = [];
    let lastId = after;
    let complete = true;
    for (let start = 0; start < listed.value.length; start += listBatchRows) {
      if (start > 0 && call.remainingMs() < listReserveMs) {
        complete = false;
        break;
      }
      const batch = listed.value.slice(start, start + listBatchRows);
      const ofKind = batch.filter(({ type }) => mayBeOf([kind], type));
      const read = await inParallel(ofKind, rowsAtOnce, async ({ id }) => {
        const item = await readStamped(context, scope.value, id, call.signal);
        if (!item.ok) return isRowFailure(item.error) ? success(unreadable(id)) : item;
        const shown = item.value !== undefined && isInRange(item.value, range, link.zone);
        return success(shown ? rowOf(item.value, link.zone) : undefined);
      });
      if (!read.ok) return read;
      rows.push(...read.value.filter((row) => row !== undefined));
      lastId = batch.at(-1)?.id ?? lastId;
    }
    const more = !complete || listed.value.length === maxItems;
    return success({ rows, next: more ? String(lastId) : null });
  };
}

/** A day wider on each side than asked: in which zone an archive reads its literals is not documented. */
function filterOf(kind: ItemKind, associateId: number, range: Range): string {
  const owned = `associateId associateIsOneOf (${associateId})`;
  if (range === undefined || !kindOf(kind).listedByTime) return owned;
  const begins = `date beforeTime ${archiveLiteral(range.to, archiveMarginMs)}`;
  return `${owned} and ${begins} and endDate afterTime ${archiveLiteral(range.from, -archiveMarginMs)}`;
}

/** True when the item has a moment in `[from, to)`; one without length counts by its start, one without a time always. */
function isInRange({ kind, content, shape }: Item, range: Range, zone: ZoneName): boolean {
  if (shape === 'other') return false;
  const span = range === undefined ? undefined : kindOf(kind).spanOf(content, zone);
  if (range === undefined || span === undefined) return true;
  const { start, end } = span;
  return start < range.to && (end > range.from || (start === end && start >= range.from));
}

/** One that cannot be read is listed by its id: whoever asks for it is told why, and it holds up no other. */
function unreadable(id: number): ItemRow {
  return { id: String(id), shape: 'single' };
}

/** What pairing needs of an item. */
export function rowOf(item: Item, zone: ZoneName): ItemRow {
  const { id, version, shape, stamp } = item;
  const start = startOf(item, zone);
  return {
    ...{ id, version, shape },
    ...(start === undefined ? {} : { start }),
    ...(stamp === undefined ? {} : { stamp }),
  };
}
