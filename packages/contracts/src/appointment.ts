// Appointments on the bus as the first operations speak of them; `side-operations.ts` replaces them.
import { Type } from 'typebox';
import { AppointmentContent } from './content/appointment.ts';
import { Stamp } from './item.ts';
import { type Data, Instant } from './shape.ts';

/** What a row is besides its content; anything but `single` is not synchronized yet and parks the item. */
export const AppointmentShape = Type.Union([
  Type.Literal('single'),
  Type.Literal('series'),
  Type.Literal('occurrence'),
  Type.Literal('meeting'),
  Type.Literal('other'),
]);
export type AppointmentShape = Data<typeof AppointmentShape>;

/** An appointment as one side holds it now. `modifiedAt` serves the conflict rule only; `version` is compared for equality. */
export const Appointment = Type.Object({
  id: Type.String(),
  version: Type.String(),
  shape: AppointmentShape,
  content: AppointmentContent,
  stamp: Type.Optional(Stamp),
  /** The iCalendar UID where the side has one. */
  uid: Type.Optional(Type.String()),
  createdAt: Type.Optional(Instant),
  modifiedAt: Type.Optional(Instant),
  /** True when our own account made the last change, as far as the side tells. */
  modifiedByUs: Type.Optional(Type.Boolean()),
});
export type Appointment = Data<typeof Appointment>;

/** One row of a listing: enough to pair items without reading them. */
export const AppointmentRow = Type.Object({
  id: Type.String(),
  /** Absent where the listing cannot give the version as a read would. */
  version: Type.Optional(Type.String()),
  shape: AppointmentShape,
  start: Type.Optional(Instant),
  stamp: Type.Optional(Stamp),
  uid: Type.Optional(Type.String()),
});
export type AppointmentRow = Data<typeof AppointmentRow>;

/** What reading one id came to. `missing` says only that the side does not show it: it proves no delete. */
export const ReadResult = Type.Union([
  Type.Object({ kind: Type.Literal('found'), item: Appointment }),
  Type.Object({ kind: Type.Literal('missing'), id: Type.String() }),
  Type.Object({
    kind: Type.Literal('failed'),
    id: Type.String(),
    code: Type.String(),
    detail: Type.Optional(Type.String()),
  }),
]);
export type ReadResult = Data<typeof ReadResult>;
