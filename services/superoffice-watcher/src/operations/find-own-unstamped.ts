// Rows that we made for an owner and that lost their second call, the foreign key: made by our own associate since a given
// time, without a key of ours.
import type { Appointment, ReplyOf, RequestOf, superoffice } from '@lockstep/contracts';
import { success } from '@lockstep/contracts';
import { foreignKeyField } from '../client/foreign-key-api.ts';
import { inParallel } from './in-parallel.ts';
import { fitToMessage } from './message-size.ts';
import { type Handler, type OperationContext, type OwnedRow, readOwned, scopeOf } from './operation-context.ts';

type Operation = typeof superoffice.findOwnUnstamped;

const maxFound = 50;
const atOnce = 4;
const pageRows = 250;
/** Rows of this owner that are looked at; beyond it somebody imports, and the caller asks again later. */
const maxPages = 8;
/** In which zone an archive reads its literals is not documented. */
const marginMs = 86_400_000;

export function findOwnUnstamped(context: OperationContext): Handler<RequestOf<Operation>, ReplyOf<Operation>> {
  return async ({ mailbox, since }, { signal }) => {
    const scope = await scopeOf(context, mailbox);
    if (!scope.ok) return scope;
    const { connection, link } = scope.value;
    const own = await connection.ownAssociateId(signal);
    if (!own.ok) return own;
    const sinceText = new Date(Date.parse(since) - marginMs).toISOString().slice(0, 19);
    const filter = `associateId associateIsOneOf (${link.associateId}) and registeredDate afterTime '${sinceText}'`;
    const sinceSecond = `${since.slice(0, 19)}.000Z`;
    const found: Appointment[] = [];
    let after = 0;
    for (let page = 0; page < maxPages && found.length < maxFound; page++) {
      const listed = await connection.archive.appointments(filter, after, pageRows, signal);
      if (!listed.ok) return listed;
      const rows = await inParallel(listed.value, atOnce, (row) => readOwned(scope.value, row.id, true, signal));
      for (const row of rows) {
        if (!row.ok) return row;
        if (isOwnUnstamped(row.value, own.value, sinceSecond)) found.push(row.value.appointment);
      }
      if (listed.value.length < pageRows) break;
      after = listed.value.at(-1)?.id ?? after;
    }
    const results = found.slice(0, maxFound);
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
