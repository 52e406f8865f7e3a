// What an appointment says, as both sides and the bus speak of it: neither SOAP nor SuperOffice shines through.
// Enumerations are plain text, since a side may know more values than we do; an unknown one is kept and never written back.
import { Type } from 'typebox';
import { type Data, DateOnly, Instant, ZoneName } from '../shape.ts';
import { ItemText } from './text.ts';

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

export const knownBusyStates = ['free', 'tentative', 'busy', 'out-of-office', 'elsewhere'] as const;
export const knownPrivacies = ['normal', 'personal', 'private', 'confidential'] as const;

/** What an appointment says, whole. */
export const AppointmentContent = Type.Object({
  title: Type.String(),
  time: AppointmentTime,
  location: Type.String(),
  text: ItemText,
  /** One of `knownBusyStates`, or an unknown value as the side wrote it. */
  busy: Type.String(),
  /** One of `knownPrivacies`, or an unknown value as the side wrote it. */
  privacy: Type.String(),
});
export type AppointmentContent = Data<typeof AppointmentContent>;

/** Only the fields to write; what is absent stays as it is. */
export const AppointmentChanges = Type.Partial(AppointmentContent);
export type AppointmentChanges = Data<typeof AppointmentChanges>;
