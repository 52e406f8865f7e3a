// A calendar item of Exchange as an appointment of ours: which properties, how they are read (appointment/from-item.ts) and written
// (appointment/to-item.ts).
import {
  AppointmentSchema,
  BasePropertySet,
  Appointment as CalendarItem,
  DateTime,
  ItemSchema,
  LogicalOperator,
  PropertySet,
  SearchFilter,
} from 'ews-javascript-api';
import { textOf, type XmlElement } from '../soap/xml-reader.ts';
import { contentOf, shapeOf } from './appointment/from-item.ts';
import { writeOnto, writesAnything } from './appointment/to-item.ts';
import type { KindMapping, Range } from './kind-mapping.ts';
import { instantOf } from './values.ts';

export const appointmentMapping: KindMapping = {
  properties: () =>
    new PropertySet(BasePropertySet.IdOnly, [
      ItemSchema.Subject,
      ItemSchema.Sensitivity,
      ItemSchema.Body,
      AppointmentSchema.ICalUid,
      AppointmentSchema.Start,
      AppointmentSchema.End,
      AppointmentSchema.IsAllDayEvent,
      AppointmentSchema.LegacyFreeBusyStatus,
      AppointmentSchema.Location,
      AppointmentSchema.IsMeeting,
      AppointmentSchema.AppointmentType,
      AppointmentSchema.StartTimeZone,
    ]),
  // The end is for the page's range.
  rowProperties: () =>
    new PropertySet(BasePropertySet.IdOnly, [
      AppointmentSchema.ICalUid,
      AppointmentSchema.Start,
      AppointmentSchema.End,
      AppointmentSchema.IsMeeting,
      AppointmentSchema.AppointmentType,
    ]),
  shapeOf,
  contentOf,
  startOf: (item) => instantOf(textOf(item, 'Start')),
  order: () => AppointmentSchema.Start,
  touching,
  touches,
  blank: (service) => new CalendarItem(service),
  write: writeOnto,
  writesAnything,
};

function touching({ from, to }: Range): SearchFilter {
  return new SearchFilter.SearchFilterCollection(LogicalOperator.And, [
    new SearchFilter.IsGreaterThanOrEqualTo(AppointmentSchema.End, new DateTime(from)),
    new SearchFilter.IsLessThan(AppointmentSchema.Start, new DateTime(to)),
  ]);
}

/** The restriction lets items through that end exactly at `from`; only one without duration touches the range then. */
function touches(item: XmlElement, { from }: Range): boolean {
  const start = instantOf(textOf(item, 'Start'));
  const end = instantOf(textOf(item, 'End'));
  return end === undefined || end > from || start === end;
}
