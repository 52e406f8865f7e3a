// A conditional write: read, compare the version, then a JSON Patch whose `test` operations and If-Unmodified-Since refuse
// what somebody changed in between. The new version is that of the row in SuperOffice's answer to the patch: a later read
// could already hold another person's edit, which would then pass for ours.
import type { ItemContent, Outcome, superofficeItems, WriteResult } from '@lockstep/contracts';
import { failure, success } from '@lockstep/contracts';
import { httpDate } from '../client/superoffice-date.ts';
import { readItem } from '../mapping/item.ts';
import { patchFor } from '../mapping/patch.ts';
import {
  type Handler,
  listsFor,
  type OperationContext,
  type OwnedRow,
  readOwned,
  rowId,
  type Scope,
  scopeOf,
} from './operation-context.ts';

export function writeItem(context: OperationContext): Handler<typeof superofficeItems.write> {
  return async (request, { signal }) => {
    const { id, version, changes } = request;
    const row = rowId(id);
    if (row === undefined) return success({ kind: 'missing' });
    // What was cut on its way to the engine would take the rest of the original with it.
    const cut = cutField(changes);
    if (cut !== undefined) return failure('request-invalid', { field: `changes.${cut}` });
    const scope = await scopeOf(context, request);
    if (!scope.ok) return scope;
    const owned = await readOwned(scope.value, row, false, signal);
    if (!owned.ok) return owned;
    if (owned.value.kind === 'missing') return success({ kind: 'missing' });
    const refused = refusal(owned.value, version);
    if (refused !== undefined) return refused;
    return patch(scope.value, owned.value, changes, signal);
  };
}

/** The first field whose text was cut on its way. */
function cutField(changes: ItemContent): string | undefined {
  const isCut = (value: unknown) =>
    typeof value === 'object' && value !== null && 'truncated' in value && value.truncated === true;
  return Object.keys(changes).find((field) => isCut(changes[field]));
}

type Found = Extract<OwnedRow, { kind: 'found' }>;

/**
 * Why this row may not be written: somebody changed it, or it is no single row. REST takes no update mode, so that a
 * write to a row of a series or meeting would do to the others whatever the server thinks best.
 */
export function refusal({ item }: Found, version: string): Outcome<{ readonly kind: 'conflict' }> | undefined {
  if (item.version !== version) return success({ kind: 'conflict' });
  if (item.shape === 'single') return undefined;
  return failure('superoffice-refused', { detail: `shape ${item.shape}` });
}

/** What If-Unmodified-Since is to name: when the row was last stored, as it was read. */
export function unmodifiedSince({ item }: Found): string {
  return httpDate(item.modifiedAt ?? '1970-01-01T00:00:00.000Z');
}

async function patch(
  scope: Scope,
  row: Found,
  changes: ItemContent,
  signal: AbortSignal,
): Promise<Outcome<WriteResult>> {
  const { kind, connection, link } = scope;
  const { id, version } = row.item;
  const lists = await listsFor(scope, signal);
  if (!lists.ok) return lists;
  const operations = patchFor(kind, row.entity, changes, link, lists.value);
  if (operations.length === 0) return success({ kind: 'written', id, version });
  const patched = await connection.appointments.patch(Number(id), operations, unmodifiedSince(row), signal);
  if (!patched.ok) return patched;
  if (patched.value.kind !== 'written') return success(patched.value);
  const read = readItem(kind, patched.value.entity, { zone: link.zone, ownAssociateId: undefined });
  if (!read.ok) return failure('superoffice-unknown-outcome', { detail: read.error.code });
  return success({ kind: 'written', id, version: read.value.version });
}
