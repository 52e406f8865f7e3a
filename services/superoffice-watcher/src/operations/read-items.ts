// Reads items by id, for one owner.
import { type CodedError, type ItemRead, type Outcome, success, type superofficeItems } from '@lockstep/contracts';
import { isRowFailure } from '../client/classify.ts';
import { inParallel } from '../client/in-parallel.ts';
import { watcherConfig } from '../config.ts';
import { thoseThatFit, withFittingTexts } from './message-size.ts';
import { type Handler, type OperationContext, readStamped, rowId, scopeOf } from './operation-context.ts';

const { rowsAtOnce } = watcherConfig.operations;

export function readItems(context: OperationContext): Handler<typeof superofficeItems.read> {
  return async (request, { signal }) => {
    const scope = await scopeOf(context, request);
    if (!scope.ok) return scope;
    const read = async (id: string): Promise<Outcome<ItemRead>> => {
      const row = rowId(id);
      if (row === undefined) return success({ kind: 'missing', id });
      const item = await readStamped(context, scope.value, row, signal);
      if (!item.ok) return failedRow(id, item.error);
      if (item.value === undefined) return success({ kind: 'missing', id });
      return success({ kind: 'found', item: withFittingTexts(item.value) });
    };
    const results = await inParallel(request.ids, rowsAtOnce, read);
    return results.ok ? success({ results: thoseThatFit(results.value) }) : results;
  };
}

/** What is wrong with one row fails that row; what is wrong with SuperOffice or the way to it fails the request. */
function failedRow(id: string, error: CodedError): Outcome<ItemRead> {
  if (!isRowFailure(error)) return { ok: false, error };
  const { code, detail } = error;
  return success({ kind: 'failed', id, code, ...(detail === undefined ? {} : { detail }) });
}
