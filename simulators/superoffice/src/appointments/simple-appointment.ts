// The flat `Appointment` carrier: what diary and record lists of the agent return instead of whole entities.

import { associateFullName, contactFullName, fullName } from '../entities/brief-entity.ts';
import { appointmentTypes, cautionWarnings, externalOwners, privacies } from '../entities/enums.ts';
import { priorityList, taskList } from '../entities/lists.ts';
import { enumName, type Json, timeSpan } from '../input/json-input.ts';
import type { Database } from '../store/database.ts';
import type { AppointmentRow } from '../store/rows.ts';
import type { Dates } from '../time/dates.ts';
import { bookingName, completedName, invitationName } from './appointment-entity.ts';

export function simpleAppointment(row: AppointmentRow, database: Database, dates: Dates): Json {
  const text = database.texts.get(row.text_id);
  const task = taskList.find((item) => item.id === row.task_idx);
  const contact = database.contacts.get(row.contact_id);
  const person = database.persons.get(row.person_id);
  const rule = database.recurrenceRules.get(row.recurrenceRuleId);
  return {
    AppointmentId: row.appointment_id,
    StartDate: dates.wall(row.do_by),
    EndDate: dates.wall(row.endDate),
    Type: enumName(row.type, appointmentTypes),
    Task: task?.value ?? '',
    AssociateFullName: associateFullName(database, row.associate_id),
    ContactName: contact === undefined ? '' : contactFullName(contact),
    Description: text?.text ?? '',
    PersonFullName: person === undefined ? '' : fullName(person),
    PersonId: row.person_id,
    ContactId: row.contact_id,
    ProjectId: row.project_id,
    ProjectName: '',
    IsPublished: false,
    AssociateId: row.associate_id,
    ColorIndex: row.color_index,
    IsFree: row.freeBusy === 1,
    HasAlarm: row.hasAlarm === 1,
    IsAlldayEvent: row.alldayEvent === 1,
    Private: enumName(row.private, privacies),
    PriorityId: row.priority_idx,
    PriorityName: priorityList.find((item) => item.id === row.priority_idx)?.value ?? '',
    TaskType: task?.type ?? 'Unknown',
    IsBookingMain: row.mother_id !== 0 && row.mother_id === row.appointment_id,
    IsRecurrence: rule !== undefined,
    IsBooking: row.mother_id !== 0,
    ActiveDate: dates.wall(row.activeDate),
    AssignmentStatus: 'None',
    InvitationStatus: invitationName(row.status),
    BookingType: bookingName(row),
    Completed: completedName(row.status),
    RecurringPattern: rule?.pattern ?? 'Unknown',
    RecurringStartDate: dates.day(rule?.startDate ?? ''),
    RecurringEndDate: dates.day(rule?.endDate ?? ''),
    MotherId: row.mother_id,
    AssignedBy: row.assignedBy,
    AssignedByFullName: associateFullName(database, row.assignedBy),
    RejectReason: row.rejectReason,
    Location: row.location,
    AlarmLeadTime: timeSpan(row.alarm),
    SaleId: row.sale_id,
    SaleName: '',
    AssociateName: database.associates.get(row.associate_id)?.name ?? '',
    CreatedDate: dates.instant(row.registered),
    CreatedBy: database.associates.get(row.registered_associate_id)?.name ?? '',
    CreatedByFullName: associateFullName(database, row.registered_associate_id),
    CreatedByAssociateId: row.registered_associate_id,
    CautionWarning: enumName(row.cautionWarning, cautionWarnings),
    OwnedExternally: enumName(row.owned_externally, externalOwners),
    MotherAssociateId: row.mother_associate_id,
    JoinVideomeetUrl: row.join_videomeet_url,
    PreferredTZLocation: row.preferredTZLocation,
    Title: text?.title ?? '',
    Agenda: database.texts.get(row.agenda_text_id)?.text ?? '',
    InternalNotes: database.texts.get(row.internal_notes_text_id)?.text ?? '',
    TaskId: row.task_idx,
    TableRight: null,
    FieldProperties: {},
  };
}
