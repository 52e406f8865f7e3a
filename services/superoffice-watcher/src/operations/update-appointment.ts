// A conditional write: read, compare the version, then a JSON Patch whose `test` operations and If-Unmodified-Since refuse
// what somebody changed in between. The new version is that of the row in SuperOffice's answer to the patch: a later read
// could already hold another person's edit, which would then pass for ours.
import type { AppointmentChanges, Outcome, ReplyOf, RequestOf, superoffice, WriteResult } from '@lockstep/contracts';
import { failure, success } from '@lockstep/contracts';
import { httpDate } from '../client/superoffice-date.ts';
import { patchFor } from '../mapping/patch.ts';
import { readAppointment } from '../mapping/read.ts';
import {
  type Handler,
  type OperationContext,
  type OwnedRow,
  readOwned,
  rowId,
  type Scope,
  scopeOf,
} from './operation-context.ts';

type Operation = typeof superoffice.updateAppointment;

export function updateAppointment(context: OperationContext): Handler<RequestOf<Operation>, ReplyOf<Operation>> {
  return async ({ mailbox, id, version, changes }, { signal }) => {
    const row = rowId(id);
    if (row === undefined) return success({ kind: 'missing' });
    if (changes.text?.truncated === true) return failure('request-invalid', { field: 'changes.text' });
    const scope = await scopeOf(context, mailbox);
    if (!scope.ok) return scope;
    const owned = await readOwned(scope.value, row, false, signal);
    if (!owned.ok) return owned;
    if (owned.value.kind === 'missing') return success({ kind: 'missing' });
    const refused = refusal(owned.value, version);
    if (refused !== undefined) return refused;
    return patch(scope.value, owned.value, changes, signal);
  };
}

type Found = Extract<OwnedRow, { kind: 'found' }>;

/**
 * Why this row may not be written: somebody changed it, or it is no single row. REST takes no update mode, so that a
 * write to a row of a series or meeting would do to the others whatever the server thinks best.
 */
export function refusal({ appointment }: Found, version: string): Outcome<{ readonly kind: 'conflict' }> | undefined {
  if (appointment.version !== version) return success({ kind: 'conflict' });
  if (appointment.shape === 'single') return undefined;
  return failure('superoffice-refused', { detail: `shape ${appointment.shape}` });
}

/** What If-Unmodified-Since is to name: when the row was last stored, as it was read. */
export function unmodifiedSince({ appointment }: Found): string {
  return httpDate(appointment.modifiedAt ?? '1970-01-01T00:00:00.000Z');
}

async function patch(
  { connection, link }: Scope,
  row: Found,
  changes: AppointmentChanges,
  signal: AbortSignal,
): Promise<Outcome<WriteResult>> {
  const { id, version } = row.appointment;
  const operations = patchFor(row.entity, changes, link);
  if (operations.length === 0) return success({ kind: 'written', id, version });
  const patched = await connection.appointments.patch(Number(id), operations, unmodifiedSince(row), signal);
  if (!patched.ok) return patched;
  if (patched.value.kind !== 'written') return success(patched.value);
  const read = readAppointment(patched.value.entity, { zone: link.zone, ownAssociateId: undefined });
  if (!read.ok) return failure('superoffice-unknown-outcome', { detail: read.error.code });
  return success({ kind: 'written', id, version: read.value.version });
}
