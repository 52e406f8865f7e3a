// Rows that we made for an owner and that lost their second call, the foreign key: made by our own associate since a given
// time, without a key of ours.
import type { Appointment, ReplyOf, RequestOf, superoffice } from '@lockstep/contracts';
import { success } from '@lockstep/contracts';
import { foreignKeyField } from '../client/foreign-key-api.ts';
import { inParallel } from '../client/in-parallel.ts';
import { archiveLiteral } from '../client/superoffice-date.ts';
import { watcherConfig } from '../config.ts';
import { fitToMessage } from './message-size.ts';
import { type Handler, type OperationContext, type OwnedRow, readOwned, scopeOf } from './operation-context.ts';

type Operation = typeof superoffice.findOwnUnstamped;

const { rowsAtOnce, archiveMarginMs, unstampedPageRows, unstampedPages, unstampedFound } = watcherConfig.operations;

export function findOwnUnstamped(context: OperationContext): Handler<RequestOf<Operation>, ReplyOf<Operation>> {
  return async ({ mailbox, since }, { signal }) => {
    const scope = await scopeOf(context, mailbox);
    if (!scope.ok) return scope;
    const { connection, link } = scope.value;
    const own = await connection.ownAssociateId(signal);
    if (!own.ok) return own;
    const from = archiveLiteral(since, -archiveMarginMs);
    const filter = `associateId associateIsOneOf (${link.associateId}) and registeredDate afterTime ${from}`;
    const sinceSecond = `${since.slice(0, 19)}.000Z`;
    const found: Appointment[] = [];
    let after = 0;
    for (let page = 0; page < unstampedPages && found.length < unstampedFound; page++) {
      const listed = await connection.archive.appointments(filter, after, unstampedPageRows, signal);
      if (!listed.ok) return listed;
      const rows = await inParallel(listed.value, rowsAtOnce, (row) => readOwned(scope.value, row.id, true, signal));
      if (!rows.ok) return rows;
      for (const row of rows.value) if (isOwnUnstamped(row, own.value, sinceSecond)) found.push(row.appointment);
      if (listed.value.length < unstampedPageRows) break;
      after = listed.value.at(-1)?.id ?? after;
    }
    const results = found.slice(0, unstampedFound);
    return success({
      results: results.map((item) => ({ kind: 'found', item: fitToMessage(item, results.length) }) as const),
    });
  };
}

function isOwnUnstamped(
  row: OwnedRow,
  ownAssociateId: number,
  since: string,
): row is Extract<OwnedRow, { kind: 'found' }> {
  if (row.kind === 'missing' || row.entity.CreatedBy?.AssociateId !== ownAssociateId) return false;
  const { createdAt } = row.appointment;
  return createdAt !== undefined && createdAt >= since && row.entity.ExtraFields?.[foreignKeyField] === undefined;
}
