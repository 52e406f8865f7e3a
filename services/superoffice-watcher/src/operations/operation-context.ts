// What every operation works with, and the steps that they share. One operation is one file; each is registered in serve.ts.
import type { RequestContext } from '@lockstep/bus';
import {
  type Appointment,
  failure,
  type MailboxKey,
  type Outcome,
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
import { readAppointment } from '../mapping/read.ts';
import type { StampCache } from './stamp-cache.ts';

export interface OperationContext {
  readonly tenant: Tenant;
  readonly directory: UserDirectory;
  readonly index: RowIndex;
  readonly stamps: StampCache;
}

export type Handler<Q, R> = (request: Q, call: RequestContext) => Promise<Outcome<R>>;

/** Whose calendar an operation is about, and the way to SuperOffice. */
export interface Scope {
  readonly connection: Connection;
  readonly link: UserLink;
}

export async function scopeOf(context: OperationContext, mailbox: MailboxKey): Promise<Outcome<Scope>> {
  const link = context.directory.link(mailbox);
  if (link === undefined) return failure('mailbox-not-linked');
  const connection = await context.tenant.connection();
  return connection.ok ? success({ connection: connection.value, link }) : connection;
}

/** SuperOffice's ids are positive 32-bit numbers; anything else names no row. */
export function rowId(id: string): number | undefined {
  const number = Number(id);
  return /^\d{1,10}$/.test(id) && number > 0 && number <= 0x7fff_ffff ? number : undefined;
}

export type OwnedRow =
  | { readonly kind: 'found'; readonly entity: AppointmentEntity; readonly appointment: Appointment }
  | { readonly kind: 'missing' };

/** Reads a row of the scope's owner; another owner's row is `missing`. */
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
  const read = readAppointment(entity, { zone: scope.link.zone, ownAssociateId: own.value });
  return read.ok ? success({ kind: 'found', entity, appointment: read.value }) : read;
}

/** The same with the stamp of this mailbox, where the row bears one. */
export async function readStamped(
  context: OperationContext,
  scope: Scope,
  id: number,
  signal: AbortSignal,
): Promise<Outcome<Appointment | undefined>> {
  const row = await readOwned(scope, id, true, signal);
  if (!row.ok) return row;
  if (row.value.kind === 'missing') return success(undefined);
  const { entity, appointment } = row.value;
  const stamp = await stampOf(context, scope, id, entity, signal);
  if (!stamp.ok) return stamp;
  return success(stamp.value === undefined ? appointment : { ...appointment, stamp: stamp.value });
}

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
  if (context.stamps.mailboxOf(shown) === mailbox) return success({ linkId: shown, mailbox });
  const own = await scope.connection.foreignKeys.linkOn(id, mailbox, signal);
  if (!own.ok) return own;
  if (own.value === undefined) return success(undefined);
  context.stamps.remember(own.value, mailbox);
  return success({ linkId: own.value, mailbox });
}
