// What every operation works with, and the steps that they share. One operation is one file; each is registered in serve.ts.
import type { RequestContext } from '@lockstep/bus';
import {
  failure,
  type Item,
  type ItemKind,
  type LinkId,
  type MailboxKey,
  type Outcome,
  type ReplyOf,
  type RequestOf,
  type Stamp,
  success,
  type UserLink,
} from '@lockstep/contracts';
import type { RowIndex } from '../changes/row-index.ts';
import type { UserDirectory } from '../changes/user-directory.ts';
import type { Connection } from '../client/connection.ts';
import type { AppointmentEntity } from '../client/entities.ts';
import { foreignKeyField } from '../client/foreign-key-api.ts';
import type { Tenant } from '../client/tenant.ts';
import { readItem } from '../mapping/item.ts';
import type { Lists } from '../mapping/kind-mapping.ts';
import { kindOfRow, mappingOf } from '../mapping/kinds.ts';
import type { StampCache } from './stamp-cache.ts';

export interface OperationContext {
  readonly tenant: Tenant;
  readonly directory: UserDirectory;
  readonly index: RowIndex;
  readonly stamps: StampCache;
}

/** What answers the requests of an operation. */
export type Handler<O> = (request: RequestOf<O>, call: RequestContext) => Promise<Outcome<ReplyOf<O>>>;

/** Whose items of which kind an operation is about, and the way to SuperOffice. */
export interface Scope {
  readonly kind: ItemKind;
  readonly connection: Connection;
  readonly link: UserLink;
}

export async function scopeOf(
  context: OperationContext,
  { mailbox, kind }: { readonly mailbox: MailboxKey; readonly kind: ItemKind },
): Promise<Outcome<Scope>> {
  const link = context.directory.link(mailbox);
  if (link === undefined) return failure('mailbox-not-linked');
  const connection = await context.tenant.connection();
  return connection.ok ? success({ kind, connection: connection.value, link }) : connection;
}

/** SuperOffice's ids are positive 32-bit numbers; anything else names no row. */
export function rowId(id: string): number | undefined {
  const number = Number(id);
  return /^\d{1,10}$/.test(id) && number > 0 && number <= 0x7fff_ffff ? number : undefined;
}

/** What of the administrator's lists writing an item of this kind needs. */
export async function listsFor({ kind, connection }: Scope, signal: AbortSignal): Promise<Outcome<Lists>> {
  if (!mappingOf(kind).usesPriorities) return success({ priorities: [] });
  const priorities = await connection.lists.priorities(signal);
  return priorities.ok ? success({ priorities: priorities.value }) : priorities;
}

export type OwnedRow =
  | { readonly kind: 'found'; readonly entity: AppointmentEntity; readonly item: Item }
  | { readonly kind: 'missing' };

/** Reads a row of the scope's owner and kind; one of another owner, or that became another kind, is `missing`. */
export async function readOwned(
  scope: Scope,
  id: number,
  foreignKeys: boolean,
  signal: AbortSignal,
): Promise<Outcome<OwnedRow>> {
  const own = await scope.connection.ownAssociateId(signal);
  if (!own.ok) return own;
  const found = await scope.connection.appointments.get(id, foreignKeys, signal);
  if (!found.ok) return found;
  if (found.value.kind === 'missing') return success({ kind: 'missing' });
  const { entity } = found.value;
  if (entity.Associate?.AssociateId !== scope.link.associateId) return success({ kind: 'missing' });
  if ((kindOfRow(entity) ?? scope.kind) !== scope.kind) return success({ kind: 'missing' });
  const read = readItem(scope.kind, entity, { zone: scope.link.zone, ownAssociateId: own.value });
  return read.ok ? success({ kind: 'found', entity, item: read.value }) : read;
}

/** The same with the stamp of ours that the row bears, whatever mailbox it names. */
export async function readStamped(
  context: OperationContext,
  scope: Scope,
  id: number,
  signal: AbortSignal,
): Promise<Outcome<Item | undefined>> {
  const row = await readOwned(scope, id, true, signal);
  if (!row.ok) return row;
  if (row.value.kind === 'missing') return success(undefined);
  const { entity, item } = row.value;
  const stamp = await stampOf(context, scope, id, entity, signal);
  if (!stamp.ok) return stamp;
  return success(stamp.value === undefined ? item : { ...item, stamp: stamp.value });
}

/** Names no mailbox: a key says whose it is only to who asks for it by that mailbox. */
const anotherMailbox = '';

/** Extra fields show a key but not whose it is: that is asked once for each link. */
async function stampOf(
  context: OperationContext,
  scope: Scope,
  id: number,
  entity: AppointmentEntity,
  signal: AbortSignal,
): Promise<Outcome<Stamp | undefined>> {
  const shown = entity.ExtraFields?.[foreignKeyField];
  if (typeof shown !== 'string' || shown === '') return success(undefined);
  const { mailbox } = scope.link;
  const linkId = shown as LinkId;
  if (context.stamps.mailboxOf(linkId) === mailbox) return success({ linkId, mailbox });
  const own = await scope.connection.foreignKeys.linkOn(id, mailbox, signal);
  if (!own.ok) return own;
  if (own.value === undefined) return success({ linkId, mailbox: anotherMailbox });
  context.stamps.remember(own.value, mailbox);
  return success({ linkId: own.value, mailbox });
}
