// The appointment as both sides and the bus speak of it: neither SOAP nor SuperOffice shines through.
// Enumerations are plain text, since a side may know more values than we do; an unknown one is kept and never written back.
import { Type } from 'typebox';
import { type Data, DateOnly, Instant, ZoneName } from './shape.ts';

/** Exact times. `zone` is where it was planned; absent where the side does not keep it. */
export const TimedSpan = Type.Object({
  kind: Type.Literal('timed'),
  start: Instant,
  end: Instant,
  zone: Type.Optional(ZoneName),
});

/** Whole days, both inclusive, in `zone`. A one-day event has `firstDate` equal to `lastDate`. */
export const AllDaySpan = Type.Object({
  kind: Type.Literal('all-day'),
  firstDate: DateOnly,
  lastDate: DateOnly,
  zone: Type.Optional(ZoneName),
});

export const AppointmentTime = Type.Union([TimedSpan, AllDaySpan]);
export type AppointmentTime = Data<typeof AppointmentTime>;

/** `truncated`: the true text was too long for a message; such a text is never written over the original. */
export const AppointmentText = Type.Object({
  format: Type.Union([Type.Literal('plain'), Type.Literal('html')]),
  content: Type.String(),
  truncated: Type.Optional(Type.Boolean()),
});
export type AppointmentText = Data<typeof AppointmentText>;

export const knownBusyStates = ['free', 'tentative', 'busy', 'out-of-office', 'elsewhere'] as const;
export const knownPrivacies = ['normal', 'personal', 'private', 'confidential'] as const;

/** What an appointment says, whole. */
export const AppointmentContent = Type.Object({
  title: Type.String(),
  time: AppointmentTime,
  location: Type.String(),
  text: AppointmentText,
  /** One of `knownBusyStates`, or an unknown value as the side wrote it. */
  busy: Type.String(),
  /** One of `knownPrivacies`, or an unknown value as the side wrote it. */
  privacy: Type.String(),
});
export type AppointmentContent = Data<typeof AppointmentContent>;

/** Only the fields to write; what is absent stays as it is. */
export const AppointmentChanges = Type.Partial(AppointmentContent);
export type AppointmentChanges = Data<typeof AppointmentChanges>;

/** What a row is besides its content; anything but `single` is not synchronized yet and parks the item. */
export const AppointmentShape = Type.Union([
  Type.Literal('single'),
  Type.Literal('series'),
  Type.Literal('occurrence'),
  Type.Literal('meeting'),
  Type.Literal('other'),
]);
export type AppointmentShape = Data<typeof AppointmentShape>;

/** The mark that we leave on an item of either side: whose link it belongs to. It counts only in its own mailbox. */
export const Stamp = Type.Object({ linkId: Type.String(), mailbox: Type.String() });
export type Stamp = Data<typeof Stamp>;

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

/** What a conditional write came to. `conflict`: somebody changed it since `version` was read; read and merge again. */
export const WriteResult = Type.Union([
  Type.Object({ kind: Type.Literal('written'), id: Type.String(), version: Type.String() }),
  Type.Object({ kind: Type.Literal('conflict') }),
  Type.Object({ kind: Type.Literal('missing') }),
]);
export type WriteResult = Data<typeof WriteResult>;

export const DeleteResult = Type.Union([
  Type.Object({ kind: Type.Literal('deleted') }),
  Type.Object({ kind: Type.Literal('conflict') }),
  Type.Object({ kind: Type.Literal('missing') }),
]);
export type DeleteResult = Data<typeof DeleteResult>;
