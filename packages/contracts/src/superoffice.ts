// The operations of the superoffice-watcher. Rows are named by the mailbox key of their owner and their numeric id as text.
// A version is `<UpdatedDate or CreatedDate>/<updatedCount or ->/<content hash>`: compared for equality only (design §7).
import { Type } from 'typebox';
import { AppointmentRow, ReadResult } from './appointment.ts';
import { AppointmentChanges, AppointmentContent } from './content/appointment.ts';
import { DeleteResult, Stamp, WriteResult } from './item.ts';
import { MailboxKey } from './mailbox.ts';
import { operation } from './operation.ts';
import { Instant } from './shape.ts';

const call = { mailbox: MailboxKey };

/** Reads appointments by id. A row that another associate owns is `missing` for this mailbox. */
export const getAppointments = operation(
  'superoffice.get-appointments',
  Type.Object({ ...call, ids: Type.Array(Type.String(), { minItems: 1, maxItems: 25 }) }),
  Type.Object({ results: Type.Array(ReadResult) }),
);

/** One page of the owner's appointments that touch `[from, to)`, by ascending id after `afterId`. */
export const listAppointments = operation(
  'superoffice.list-appointments',
  Type.Object({
    ...call,
    from: Instant,
    to: Instant,
    afterId: Type.Union([Type.String(), Type.Null()]),
    maxItems: Type.Integer({ minimum: 1, maximum: 250 }),
  }),
  Type.Object({ items: Type.Array(AppointmentRow), nextAfterId: Type.Union([Type.String(), Type.Null()]) }),
);

/**
 * Creates the row, then its foreign key (two calls of SuperOffice). Error `superoffice-unknown-outcome`: look with
 * `findByForeignKey` and `findOwnUnstamped` before trying again.
 */
export const createAppointment = operation(
  'superoffice.create-appointment',
  Type.Object({ ...call, content: AppointmentContent, stamp: Stamp }),
  Type.Object({ id: Type.String(), version: Type.String() }),
);

/** Puts the foreign key of a link on a row, replacing an older one of ours. */
export const stampAppointment = operation(
  'superoffice.stamp-appointment',
  Type.Object({ ...call, id: Type.String(), stamp: Stamp }),
  Type.Object({}),
);

/**
 * Writes the given fields if the row still has `version`: JSON Patch with one `test` a replaced field, plus
 * If-Unmodified-Since. A row that changed in between is `conflict`.
 */
export const updateAppointment = operation(
  'superoffice.update-appointment',
  Type.Object({ ...call, id: Type.String(), version: Type.String(), changes: AppointmentChanges }),
  WriteResult,
);

/** Deletes for good (SuperOffice has no bin for appointments), if the row still has `version`. */
export const deleteAppointment = operation(
  'superoffice.delete-appointment',
  Type.Object({ ...call, id: Type.String(), version: Type.String() }),
  DeleteResult,
);

/** The rows of this owner that bear the foreign key of this link, at most ten. */
export const findByForeignKey = operation(
  'superoffice.find-by-foreign-key',
  Type.Object({ ...call, stamp: Stamp }),
  Type.Object({ items: Type.Array(AppointmentRow) }),
);

/** Rows of this owner that our own associate registered at or after `since` and that bear no key of ours, whole, at most 50. */
export const findOwnUnstamped = operation(
  'superoffice.find-own-unstamped',
  Type.Object({ ...call, since: Instant }),
  Type.Object({ results: Type.Array(ReadResult) }),
);

/** Evidence for a delete: our own principal can be read, and what the transaction log says of the row. */
export const getDeleteEvidence = operation(
  'superoffice.get-delete-evidence',
  Type.Object({ ...call, id: Type.String() }),
  Type.Object({
    principalRead: Type.Boolean(),
    deleteRecord: Type.Union([Type.Literal('found'), Type.Literal('none'), Type.Literal('unreadable')]),
  }),
);

export const SuperOfficeAssociate = Type.Object({
  associateId: Type.Integer(),
  name: Type.String(),
  fullName: Type.String(),
  email: Type.Optional(Type.String()),
  active: Type.Boolean(),
});

/** The people who can be linked, by ascending associate id. */
export const listAssociates = operation(
  'superoffice.list-associates',
  Type.Object({ afterAssociateId: Type.Integer({ minimum: 0 }), maxItems: Type.Integer({ minimum: 1, maximum: 500 }) }),
  Type.Object({ associates: Type.Array(SuperOfficeAssociate), more: Type.Boolean() }),
);
