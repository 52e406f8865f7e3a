// The properties that make an appointment, named once for reading and for rows.
import { AppointmentSchema, BasePropertySet, ItemSchema, PropertySet } from 'ews-javascript-api';
import { stampProperty } from './stamp-property.ts';

/** Everything that `appointmentOf` reads. Exchange returns properties that are not asked for only with wider base shapes. */
export function wholeAppointment(): PropertySet {
  return new PropertySet(BasePropertySet.IdOnly, [
    ItemSchema.Subject,
    ItemSchema.Sensitivity,
    ItemSchema.Body,
    ItemSchema.DateTimeCreated,
    ItemSchema.LastModifiedTime,
    AppointmentSchema.ICalUid,
    AppointmentSchema.Start,
    AppointmentSchema.End,
    AppointmentSchema.IsAllDayEvent,
    AppointmentSchema.LegacyFreeBusyStatus,
    AppointmentSchema.Location,
    AppointmentSchema.IsMeeting,
    AppointmentSchema.AppointmentType,
    AppointmentSchema.StartTimeZone,
    stampProperty(),
  ]);
}

/** Everything that `rowOf` reads, and the end for the page's range. FindItem gives at most 255 characters of each. */
export function appointmentRow(): PropertySet {
  return new PropertySet(BasePropertySet.IdOnly, [
    AppointmentSchema.ICalUid,
    AppointmentSchema.Start,
    AppointmentSchema.End,
    AppointmentSchema.IsMeeting,
    AppointmentSchema.AppointmentType,
    stampProperty(),
  ]);
}

/** Only id and change key. */
export function idOnly(): PropertySet {
  return new PropertySet(BasePropertySet.IdOnly);
}
