// Polls the transaction log for deletes of appointments that no webhook told us of. Its ids are handed out in blocks, so a
// lower id can become visible after a higher one: a window below the mark is read again each time.
import { type Outcome, success } from '@lockstep/contracts';
import { type DeleteRecord, isUnreadableLog } from '../client/archive-api.ts';
import { isRowFailure } from '../client/classify.ts';
import { inParallel } from '../client/in-parallel.ts';
import { watcherConfig } from '../config.ts';
import type { PollingContext } from './polling-context.ts';

/** Publishes what was deleted since the mark. Returns the new mark: the old one where the log may not be read. */
export async function pollDeletes(context: PollingContext, mark: number): Promise<Outcome<number>> {
  const { pageRows } = watcherConfig.calls;
  let highest = mark;
  for (let after = Math.max(0, mark - watcherConfig.polling.logWindowIds); ; ) {
    const page = await context.connection.archive.deletes(after, pageRows, context.resolve.signal);
    if (!page.ok) {
      if (!isUnreadableLog(page.error)) return page;
      context.metrics.deleteLogReadable(false);
      return success(mark);
    }
    context.metrics.deleteLogReadable(true);
    const looked = await lookAt(context, page.value);
    if (!looked.ok) return looked;
    const last = page.value.at(-1);
    if (last !== undefined) highest = Math.max(highest, last.logId);
    if (last === undefined || page.value.length < pageRows) return success(highest);
    after = last.logId;
  }
}

async function lookAt(context: PollingContext, records: readonly DeleteRecord[]): Promise<Outcome<void>> {
  const ids = [...new Set(records.map((record) => record.appointmentId))];
  const known = await context.index.getMany(ids);
  const wanted = ids.filter((id) => {
    const row = known.get(id);
    return row !== undefined && (context.resolve.force || row.state !== 'gone');
  });
  const looked = await inParallel(wanted, watcherConfig.polling.rowsAtOnce, async (id) => {
    const outcome = await context.resolver.resolve(id, { ...context.resolve, isNamedDelete: true });
    context.metrics.polledRow(outcome.ok ? outcome.value : outcome.error.code);
    return outcome.ok || isRowFailure(outcome.error) ? success(undefined) : outcome;
  });
  return looked.ok ? success(undefined) : looked;
}
