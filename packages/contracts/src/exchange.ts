// The operations of the exchange-gateway, in Exchange terms that a Graph backend could serve too: no SOAP, no EWS class.
// Every call names a mailbox by its key; the gateway alone knows the address, the account and how to reach the server.
import { Type } from 'typebox';
import { AppointmentRow, ReadResult } from './appointment.ts';
import { AppointmentChanges, AppointmentContent } from './content/appointment.ts';
import { DeleteResult, Stamp, WriteResult } from './item.ts';
import { FolderName } from './kinds.ts';
import { MailboxKey } from './mailbox.ts';
import { operation } from './operation.ts';
import { Priority } from './priority.ts';
import { type Data, Instant } from './shape.ts';

const call = { mailbox: MailboxKey, priority: Priority };
const inFolder = { ...call, folder: FolderName };

/** Reads a folder: that it is there and what we may do in it. Succeeding is part of the proof of a delete. */
export const getFolder = operation(
  'exchange.get-folder',
  Type.Object(inFolder),
  Type.Object({
    folderId: Type.String(),
    totalCount: Type.Integer(),
    rights: Type.Object({
      read: Type.Boolean(),
      create: Type.Boolean(),
      modify: Type.Boolean(),
      delete: Type.Boolean(),
    }),
  }),
);

export const ItemChange = Type.Object({
  kind: Type.Union([Type.Literal('created'), Type.Literal('updated'), Type.Literal('deleted')]),
  id: Type.String(),
  version: Type.Optional(Type.String()),
});
export type ItemChange = Data<typeof ItemChange>;

/**
 * Incremental change detection (EWS SyncFolderItems): what changed since the sync state; without one, every item is
 * `created` and none `deleted`. `more` means: ask again at once with the new state. A refused state is the error
 * `exchange-sync-state-invalid`.
 */
export const syncFolderItems = operation(
  'exchange.sync-folder-items',
  Type.Object({
    ...inFolder,
    syncState: Type.Union([Type.String(), Type.Null()]),
    maxChanges: Type.Integer({ minimum: 1, maximum: 512 }),
  }),
  Type.Object({ syncState: Type.String(), more: Type.Boolean(), changes: Type.Array(ItemChange) }),
);

export const getItems = operation(
  'exchange.get-items',
  Type.Object({ ...call, ids: Type.Array(Type.String(), { minItems: 1, maxItems: 25 }) }),
  Type.Object({ results: Type.Array(ReadResult) }),
);

/** One page of the single appointments that touch `[from, to)`, ordered by start. */
export const listItems = operation(
  'exchange.list-items',
  Type.Object({
    ...inFolder,
    from: Instant,
    to: Instant,
    offset: Type.Integer({ minimum: 0 }),
    maxItems: Type.Integer({ minimum: 1, maximum: 250 }),
  }),
  Type.Object({ items: Type.Array(AppointmentRow), nextOffset: Type.Union([Type.Integer(), Type.Null()]) }),
);

/** Creates with the stamp in the same call; nobody is invited. Error `exchange-unknown-outcome`: look by stamp. */
export const createItem = operation(
  'exchange.create-item',
  Type.Object({ ...inFolder, content: AppointmentContent, stamp: Stamp }),
  Type.Object({ id: Type.String(), version: Type.String() }),
);

/** Writes the given fields if the change key is still `version` (NeverOverwrite); nobody is notified. */
export const updateItem = operation(
  'exchange.update-item',
  Type.Object({
    ...call,
    id: Type.String(),
    version: Type.String(),
    changes: AppointmentChanges,
    stamp: Type.Optional(Stamp),
  }),
  WriteResult,
);

/** Moves to Deleted Items, after a read in the same operation showed that the change key is still `version`. */
export const deleteItem = operation(
  'exchange.delete-item',
  Type.Object({ ...call, id: Type.String(), version: Type.String() }),
  DeleteResult,
);

/** Every item in the folder that bears the stamp of this link for this mailbox, at most ten. */
export const findByStamp = operation(
  'exchange.find-by-stamp',
  Type.Object({ ...inFolder, stamp: Stamp }),
  Type.Object({ items: Type.Array(AppointmentRow) }),
);

export const TestStep = Type.Object({
  step: Type.String(),
  ok: Type.Boolean(),
  code: Type.Optional(Type.String()),
  detail: Type.Optional(Type.String()),
  tookMs: Type.Integer({ minimum: 0 }),
});

/** Tries the technical settings against the server, step by step, with one linked mailbox. */
export const testConnection = operation(
  'exchange.test-connection',
  Type.Object({ mailbox: Type.Optional(MailboxKey) }),
  Type.Object({ ok: Type.Boolean(), steps: Type.Array(TestStep) }),
);
