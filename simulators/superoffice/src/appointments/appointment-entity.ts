// Writes an AppointmentEntity from its row and side tables. The entity has no `Status`, `FreeBusy` or `UpdatedCount`:
// those exist in the table only, and a client that wants them must read the dynamic archive.

import { briefAssociate, briefContact, briefPerson } from '../entities/brief-entity.ts';
import {
  appointmentTypes,
  assignmentStatuses,
  bookingTypes,
  cautionWarnings,
  externalOwners,
  invitationStatuses,
  privacies,
  rowStatus,
} from '../entities/enums.ts';
import { priorityEntity, taskEntity } from '../entities/lists.ts';
import { enumName, type Json, timeSpan } from '../input/json-input.ts';
import { expand } from '../recurrence/recurrence.ts';
import { defaultRule, recurrenceEntity } from '../recurrence/recurrence-entity.ts';
import type { Database } from '../store/database.ts';
import type { AppointmentRow, ParticipantRow, VisibleForRow } from '../store/rows.ts';
import type { Dates } from '../time/dates.ts';
import { appointmentFieldProperties } from './appointment-fields.ts';

const noRight = { TableRight: null, FieldProperties: {} };

export class AppointmentEntities {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  entity(row: AppointmentRow, dates: Dates): Json {
    const database = this.#database;
    const text = database.texts.get(row.text_id);
    return {
      Associate: briefAssociate(database, row.associate_id),
      Contact: briefContact(database, row.contact_id),
      CreatedBy: briefAssociate(database, row.registered_associate_id),
      UpdatedBy: briefAssociate(database, row.updated_associate_id),
      CreatedDate: dates.instant(row.registered),
      AppointmentId: row.appointment_id,
      Title: text?.title ?? '',
      Description: text?.text ?? '',
      Agenda: database.texts.get(row.agenda_text_id)?.text ?? '',
      InternalNotes: database.texts.get(row.internal_notes_text_id)?.text ?? '',
      StartDate: dates.wall(row.do_by),
      EndDate: dates.wall(row.endDate),
      ActiveDate: dates.wall(row.activeDate),
      InvitedPerson: briefPerson(database, row.invitedPersonId),
      Person: briefPerson(database, row.person_id),
      MotherId: row.mother_id,
      Priority: priorityEntity(row.priority_idx),
      Private: enumName(row.private, privacies),
      Project: null,
      Sale: null,
      Type: enumName(row.type, appointmentTypes),
      UpdatedDate: dates.instant(row.updated),
      Completed: completedName(row.status),
      ActiveLinks: 0,
      Links: [],
      AlarmLeadTime: timeSpan(row.alarm),
      HasAlarm: row.hasAlarm === 1,
      ColorIndex: row.color_index,
      IsFree: row.freeBusy === 1,
      IsAlldayEvent: row.alldayEvent === 1,
      LagTime: timeSpan(row.lagTime),
      LeadTime: timeSpan(row.leadtime),
      Location: row.location,
      RejectCounter: row.rejectCounter,
      RejectReason: row.rejectReason,
      Recurrence: this.recurrence(row, dates),
      Participants: this.participants(row).map((participant) => this.#participant(participant, row)),
      AssignmentStatus: assignmentName(row.status),
      InvitationStatus: invitationName(row.status),
      BookingType: bookingName(row),
      HasConflict: false,
      AssignedBy: briefAssociate(database, row.assignedBy),
      MotherAssociate: briefAssociate(database, row.mother_associate_id),
      Task: taskEntity(row.task_idx),
      PreferredTZLocation: row.preferredTZLocation,
      PreferredTZLocationData: null,
      SuggestedAppointmentId: 0,
      IsMileStone: row.isMilestone === 1,
      CautionWarning: enumName(row.cautionWarning, cautionWarnings),
      OwnedExternally: enumName(row.owned_externally, externalOwners),
      JoinVideomeetUrl: row.join_videomeet_url,
      CentralserviceVideomeetId: row.centralservice_videomeet_id,
      ...this.#customFields(row),
      PublishEventDate: dates.wall(''),
      PublishTo: dates.endOfTime(),
      PublishFrom: dates.wall(''),
      IsPublished: false,
      VisibleFor: this.visibleFor(row).map(visibleForEntity),
      TableRight: { Mask: 'Select, Update, Insert, Delete', Reason: '' },
      FieldProperties: appointmentFieldProperties,
    };
  }

  /** The rule of a series with all its days; for a single row the defaults and its own day. */
  recurrence(row: AppointmentRow, dates: Dates): Json {
    const rule = this.#database.recurrenceRules.get(row.recurrenceRuleId);
    if (rule !== undefined) return recurrenceEntity(rule, rule.dates.length > 0 ? rule.dates : expand(rule), dates);
    return recurrenceEntity(defaultRule(row.do_by), row.do_by === '' ? [] : [row.do_by.slice(0, 10)], dates);
  }

  /** The participants of the whole meeting: a child shows its mother's list, a plain row its owner. */
  participants(row: AppointmentRow): readonly ParticipantRow[] {
    const holder = row.mother_id === 0 ? row.appointment_id : row.mother_id;
    const stored = this.#database.participants.get(holder);
    if (stored !== undefined) return stored;
    const associate = this.#database.associates.get(row.associate_id);
    const person = this.#database.persons.get(row.invitedPersonId || (associate?.person_id ?? 0));
    return [
      {
        associateId: row.associate_id,
        personId: person?.person_id ?? 0,
        contactId: person?.contact_id ?? 0,
        emailId: 0,
        sendEmail: false,
        emailAddress: person?.elements.Emails[0]?.value ?? '',
      },
    ];
  }

  visibleFor(row: AppointmentRow): readonly VisibleForRow[] {
    return this.#database.visibleFor.get(row.appointment_id) ?? [{ visibleId: 0, visibility: 'All' }];
  }

  #participant(participant: ParticipantRow, row: AppointmentRow): Json {
    return {
      AssociateId: participant.associateId,
      PersonId: participant.personId,
      ContactId: participant.contactId,
      EmailId: participant.emailId,
      SendEmail: participant.sendEmail,
      InvitationStatus: invitationName(this.#statusOf(participant, row)),
      EmailAddress: participant.emailAddress,
      Description: '',
    };
  }

  #statusOf(participant: ParticipantRow, row: AppointmentRow): number {
    if (row.mother_id === 0 || participant.associateId === row.associate_id) return row.status;
    for (const sibling of this.#database.appointments.ofMother(row.mother_id)) {
      const same = participant.associateId !== 0 && sibling.associate_id === participant.associateId;
      if (same || (participant.associateId === 0 && sibling.invitedPersonId === participant.personId)) {
        return sibling.status;
      }
    }
    return row.status;
  }

  #customFields(row: AppointmentRow): Json {
    const stored = this.#database.customFields.get(row.appointment_id) ?? {};
    const custom = { ...emptyCustomFields, ...stored };
    const echoes = Object.fromEntries(Object.entries(custom).map(([name, value]) => [`${name}:org`, value]));
    return { UserDefinedFields: custom, ExtraFields: {}, CustomFields: { ...custom, ...echoes } };
  }
}

/** The tenant's two user-defined appointment fields: a short text and a number. */
export const emptyCustomFields: Readonly<Record<string, string>> = { 'SuperOffice:1': '', 'SuperOffice:3': '[I:0]' };

export const visibleForEntity = (row: VisibleForRow): Json => ({
  VisibleId: row.visibleId,
  Visibility: row.visibility,
  DisplayValue: row.visibility === 'All' ? '[SR_VFC_ALL]' : String(row.visibleId),
  ...noRight,
});

export function completedName(status: number): string {
  if (status === rowStatus.started) return 'Started';
  return status === rowStatus.completed ? 'Completed' : 'NotStarted';
}

/** Row status 4 to 10 is the invitation's own state; a plain row counts as accepted. */
export const invitationName = (status: number): string =>
  status >= rowStatus.hidden && status <= rowStatus.bookingDeleted ? enumName(status, invitationStatuses) : 'Accepted';

const assignmentName = (status: number): string =>
  enumName(status >= rowStatus.assignment ? status - rowStatus.assignment + 2 : 1, assignmentStatuses);

export function bookingName(row: AppointmentRow): string {
  if (row.mother_id === 0) return enumName(bookingTypes.None, bookingTypes);
  return enumName(row.mother_id === row.appointment_id ? bookingTypes.Owner : bookingTypes.Participant, bookingTypes);
}

/** The REST-only block of addresses. @param api `http://host/Cust00001/api/v1` */
export function appointmentLinks(row: AppointmentRow, api: string): Json {
  const self = `${api}/Appointment/${row.appointment_id}`;
  const list = (name: string) => `${api}/MDOList/${name}`;
  return {
    _Links: {
      Self: self,
      'Self.Simple': `${self}/Simple`,
      UdefLayout: `${api}/Appointment/UdefLayout/Published`,
      'Associate.List': list('associate'),
      ...(row.contact_id === 0 ? {} : { Contact: `${api}/Contact/${row.contact_id}` }),
      'Contact.List': list('contact_new'),
      ...(row.person_id === 0 ? {} : { Person: `${api}/Person/${row.person_id}` }),
      'Person.List': list('person'),
      'Priority.List': list('priority'),
      'Project.List': list('project'),
      'RejectReason.List': list('rejectReason'),
      'Task.List': list('task'),
      'Sale.List': list('sale'),
      Archive: `${api}/Appointment`,
      'Archive.Participants': `${self}/Participants`,
      'Archive.Links': `${self}/Links`,
    },
  };
}
