// One page of an owner's appointments in a span of time. The archive names the rows; each is then read, because a version
// holds a hash of the content, which no archive shows.

import type {
  Appointment,
  AppointmentRow,
  AppointmentTime,
  Instant,
  ReplyOf,
  RequestOf,
  superoffice,
  ZoneName,
} from '@lockstep/contracts';
import { failure, success } from '@lockstep/contracts';
import { addDays, startOfDay } from '@lockstep/items';
import { isRowFailure } from '../client/classify.ts';
import { inParallel } from '../client/in-parallel.ts';
import { archiveLiteral } from '../client/superoffice-date.ts';
import { watcherConfig } from '../config.ts';
import { isDiaryType } from '../mapping/shape.ts';
import { type Handler, type OperationContext, readStamped, rowId, scopeOf } from './operation-context.ts';

type Operation = typeof superoffice.listAppointments;

const { rowsAtOnce, listBatchRows, listReserveMs, archiveMarginMs } = watcherConfig.operations;

export function listAppointments(context: OperationContext): Handler<RequestOf<Operation>, ReplyOf<Operation>> {
  return async ({ mailbox, from, to, afterId, maxItems }, call) => {
    const after = afterId === null ? 0 : rowId(afterId);
    if (after === undefined) return failure('request-invalid', { field: 'afterId' });
    const scope = await scopeOf(context, mailbox);
    if (!scope.ok) return scope;
    const { connection, link } = scope.value;
    const listed = await connection.archive.appointments(
      touchingFilter(link.associateId, from, to),
      after,
      maxItems,
      call.signal,
    );
    if (!listed.ok) return listed;
    const inSpan = (row: Appointment | undefined) =>
      row !== undefined && touches(row.content.time, from, to, link.zone) ? rowOf(row, link.zone) : undefined;
    const items: AppointmentRow[] = [];
    let lastId = after;
    let complete = true;
    for (let start = 0; start < listed.value.length; start += listBatchRows) {
      if (start > 0 && call.remainingMs() < listReserveMs) {
        complete = false;
        break;
      }
      const batch = listed.value.slice(start, start + listBatchRows);
      const rows = batch.filter((row) => isDiaryType(row.type));
      const read = await inParallel(rows, rowsAtOnce, async ({ id }) => {
        const row = await readStamped(context, scope.value, id, call.signal);
        if (row.ok) return success(inSpan(row.value));
        return isRowFailure(row.error) ? success(unreadable(id)) : row;
      });
      if (!read.ok) return read;
      items.push(...read.value.filter((row) => row !== undefined));
      lastId = batch.at(-1)?.id ?? lastId;
    }
    const more = !complete || listed.value.length === maxItems;
    return success({ items, nextAfterId: more ? String(lastId) : null });
  };
}

/** A day wider on each side than asked: in which zone an archive reads its literals is not documented. */
function touchingFilter(associateId: number, from: Instant, to: Instant): string {
  return (
    `associateId associateIsOneOf (${associateId})` +
    ` and date beforeTime ${archiveLiteral(to, archiveMarginMs)}` +
    ` and endDate afterTime ${archiveLiteral(from, -archiveMarginMs)}`
  );
}

/** True when the appointment has a moment in `[from, to)`; one without length counts by its start. */
function touches(time: AppointmentTime, from: Instant, to: Instant, zone: ZoneName): boolean {
  const start = startOf(time, zone);
  const end = time.kind === 'timed' ? time.end : startOfDay(addDays(time.lastDate, 1), zone);
  return start < to && (end > from || (start === end && start >= from));
}

function startOf(time: AppointmentTime, zone: ZoneName): Instant {
  return time.kind === 'timed' ? time.start : startOfDay(time.firstDate, zone);
}

/** One that cannot be read is listed by its id: whoever asks for it is told why, and it holds up no other. */
function unreadable(id: number): AppointmentRow {
  return { id: String(id), shape: 'single' };
}

/** What pairing needs of an appointment. An all-day one starts with its first day in the owner's zone. */
export function rowOf({ id, version, shape, content, stamp }: Appointment, zone: ZoneName): AppointmentRow {
  const start = startOf(content.time, zone);
  return { id, version, shape, start, ...(stamp === undefined ? {} : { stamp }) };
}
