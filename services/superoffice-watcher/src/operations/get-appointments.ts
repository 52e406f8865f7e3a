// Reads appointments by id, for one owner.

import type { ReplyOf, RequestOf } from '@lockstep/contracts';
import { type CodedError, type Outcome, type ReadResult, success, type superoffice } from '@lockstep/contracts';
import { isRowFailure } from '../client/classify.ts';
import { inParallel } from '../client/in-parallel.ts';
import { watcherConfig } from '../config.ts';
import { fitToMessage } from './message-size.ts';
import { type Handler, type OperationContext, readStamped, rowId, scopeOf } from './operation-context.ts';

type Operation = typeof superoffice.getAppointments;

export function getAppointments(context: OperationContext): Handler<RequestOf<Operation>, ReplyOf<Operation>> {
  return async ({ mailbox, ids }, { signal }) => {
    const scope = await scopeOf(context, mailbox);
    if (!scope.ok) return scope;
    const read = async (id: string): Promise<Outcome<ReadResult>> => {
      const row = rowId(id);
      if (row === undefined) return success({ kind: 'missing', id });
      const appointment = await readStamped(context, scope.value, row, signal);
      if (!appointment.ok) return failedRow(id, appointment.error);
      if (appointment.value === undefined) return success({ kind: 'missing', id });
      return success({ kind: 'found', item: fitToMessage(appointment.value, ids.length) });
    };
    const results = await inParallel(ids, watcherConfig.operations.rowsAtOnce, read);
    return results.ok ? success({ results: results.value }) : results;
  };
}

/** What is wrong with one row fails that row; what is wrong with SuperOffice or the way to it fails the request. */
function failedRow(id: string, error: CodedError): Outcome<ReadResult> {
  if (!isRowFailure(error)) return { ok: false, error };
  const { code, detail } = error;
  return success({ kind: 'failed', id, code, ...(detail === undefined ? {} : { detail }) });
}
