// Polls rows that were updated or registered since the mark. The archive shows a row's time stamp but not its content, so a
// row is read only when the index does not already say "published, and final for this time stamp".
import { type Instant, type Outcome, success } from '@lockstep/contracts';
import type { IndexRow } from '../changes/index-chunk.ts';
import { secondsOf } from '../changes/resolver.ts';
import type { ListedAppointment } from '../client/archive-api.ts';
import { isRowFailure } from '../client/classify.ts';
import { inParallel } from '../client/in-parallel.ts';
import { archiveLiteral, readArchiveInstant } from '../client/superoffice-date.ts';
import { watcherConfig } from '../config.ts';
import { mayBeOf } from '../mapping/kinds.ts';
import type { PollingContext } from './polling-context.ts';

/** Two watermarks, because a row that was never updated has no UpdatedDate. */
export type PolledDate = 'updatedDate' | 'registeredDate';

/** Publishes what changed since the mark. Returns the latest date seen, in the archive's own words, as an instant. */
export async function pollRows(
  context: PollingContext,
  date: PolledDate,
  since: Instant,
): Promise<Outcome<Instant | undefined>> {
  let latest: Instant | undefined;
  const look = async (rows: readonly ListedAppointment[]): Promise<Outcome<void>> => {
    for (const row of rows) {
      const seen = readArchiveInstant(date === 'updatedDate' ? row.updated : row.registered);
      if (seen !== undefined && (latest === undefined || seen > latest)) latest = seen;
    }
    return lookAt(context, rows);
  };
  const from = new Date(Date.parse(since) - watcherConfig.polling.overlapMs).toISOString();
  const walked = await walkSince(context, date, from, look);
  return walked.ok ? success(latest) : walked;
}

/** The latest date of rows since then; nothing is published. For a first start, where a full listing follows anyway. */
export async function latestSince(
  context: PollingContext,
  date: PolledDate,
  since: Instant,
): Promise<Outcome<Instant | undefined>> {
  let latest: Instant | undefined;
  const walked = await walkSince(context, date, since, async (rows) => {
    for (const row of rows) {
      const seen = readArchiveInstant(date === 'updatedDate' ? row.updated : row.registered);
      if (seen !== undefined && (latest === undefined || seen > latest)) latest = seen;
    }
    return success(undefined);
  });
  return walked.ok ? success(latest) : walked;
}

async function walkSince(
  { connection, resolve }: PollingContext,
  date: PolledDate,
  since: Instant,
  take: (rows: readonly ListedAppointment[]) => Promise<Outcome<void>>,
): Promise<Outcome<void>> {
  const { pageRows } = watcherConfig.calls;
  const filter = `${date} afterTime ${archiveLiteral(since)}`;
  for (let afterId = 0; ; ) {
    const page = await connection.archive.appointments(filter, afterId, pageRows, resolve.signal);
    if (!page.ok) return page;
    const taken = await take(page.value);
    if (!taken.ok) return taken;
    const last = page.value.at(-1);
    if (last === undefined || page.value.length < pageRows) return success(undefined);
    afterId = last.id;
  }
}

async function lookAt(context: PollingContext, rows: readonly ListedAppointment[]): Promise<Outcome<void>> {
  const known = await context.index.getMany(rows.map((row) => row.id));
  const wanted = rows.filter((row) => !context.lookedAt.has(row.id) && needsLook(context, row, known.get(row.id)));
  const looked = await inParallel(wanted, watcherConfig.polling.rowsAtOnce, (row) => lookAtOne(context, row));
  return looked.ok ? success(undefined) : looked;
}

async function lookAtOne(context: PollingContext, row: ListedAppointment): Promise<Outcome<void>> {
  const outcome = await context.resolver.resolve(row.id, context.resolve);
  context.metrics.polledRow(outcome.ok ? outcome.value : outcome.error.code);
  if (outcome.ok) {
    context.lookedAt.add(row.id);
    return success(undefined);
  }
  const link = context.directory.ofAssociate(row.associateId);
  if (!isRowFailure(outcome.error) || link === undefined)
    return isRowFailure(outcome.error) ? success(undefined) : outcome;
  // The engine parks the item with its reason and tries again; here it must not hold up the others.
  const known = await context.index.get(row.id);
  const kind = known?.kind ?? context.watched().find((one) => mayBeOf([one], row.type));
  if (kind === undefined) return success(undefined);
  return context.publisher.item(link.mailbox, { kind, id: row.id }, { vanished: false }, context.resolve);
}

function needsLook(context: PollingContext, row: ListedAppointment, known: IndexRow | undefined): boolean {
  const link = context.directory.ofAssociate(row.associateId);
  if (known === undefined)
    return row.associateId === undefined || (link !== undefined && mayBeOf(context.watched(), row.type));
  if (context.resolve.force || known.state !== 'settled' || known.mailbox !== link?.mailbox) return true;
  return known.touchedSec !== secondsOf(readArchiveInstant(row.updated) ?? readArchiveInstant(row.registered));
}
