// Turns an AppointmentEntity that a client sent into the columns that it changes. Only properties that differ from
// what the client saw (`before`) are read: a value that made the round trip through another time zone unchanged must
// not touch the row. A property that is missing in `after` counts as its empty value, as in the product: a full PUT by
// a client that does not know a field erases it.
import { isDeepStrictEqual } from 'node:util';
import {
  activityStatuses,
  appointmentTypes,
  cautionWarnings,
  externalOwners,
  privacies,
  rowStatus,
  visibilities,
} from '../entities/enums.ts';
import { invalidRequest } from '../input/error.ts';
import {
  enumName,
  type Json,
  PropertyNames,
  readBoolean,
  readEnum,
  readInteger,
  readMinutes,
  readObject,
  readText,
} from '../input/json-input.ts';
import type { AppointmentRow, ParticipantRow, VisibleForRow } from '../store/rows.ts';
import type { Dates } from '../time/dates.ts';

type Column = keyof AppointmentRow;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What a write changes: columns of the row, and what lives in side tables. */
export interface AppointmentChange {
  readonly columns: Partial<AppointmentRow>;
  readonly title?: string;
  readonly text?: string;
  readonly agenda?: string;
  readonly notes?: string;
  readonly customFields?: Readonly<Record<string, string>>;
  readonly visibleFor?: readonly VisibleForRow[];
  readonly participants?: readonly ParticipantRow[];
}

export const appointmentNames = new PropertyNames(
  `Associate AssociateId Contact ContactId Person PersonId Project ProjectId Sale SaleId Task TaskListItemId Priority Id
  AssignedBy MotherAssociate AppointmentId Title Description Agenda InternalNotes StartDate EndDate ActiveDate
  IsAlldayEvent IsFree Location Private VisibleFor VisibleId Visibility Type Completed AlarmLeadTime HasAlarm LeadTime
  LagTime Recurrence RecurrenceId IsRecurrence RecurrenceEndType RecurrenceCounter Pattern DayPattern WeekPattern
  Weekdays MonthPattern YearPattern Cycle Day Weekday WeekOfMonth Dates Date Participants EmailId SendEmail
  EmailAddress InvitationStatus MotherId BookingType AssignmentStatus InvitedPerson RejectCounter RejectReason
  OwnedExternally CautionWarning JoinVideomeetUrl CentralserviceVideomeetId PreferredTZLocation
  PreferredTZLocationData CreatedDate CreatedBy UpdatedDate UpdatedBy ColorIndex CustomFields UserDefinedFields
  ExtraFields Links ActiveLinks HasConflict IsMileStone SuggestedAppointmentId IsPublished PublishEventDate PublishTo
  PublishFrom TableRight FieldProperties AppointmentEntity UpdateMode SendEmailToParticipants
  SmtpEMailConnectionInfo ImapEMailConnectionInfo
  AppointmentEntityId RecurrenceRuleId StartTime EndTime AssociateIds NewStartTime ActivityIdentifier ActivityStatus
  Uid UseMotherId Count`.split(/\s+/),
);

type Reader = (value: unknown, field: string, dates: Dates) => number | string;
const text =
  (length: number): Reader =>
  (value, field) =>
    readText(value, field, length);
const flag: Reader = (value, field) => (readBoolean(value, field) ? 1 : 0);
const reference =
  (idName: string): Reader =>
  (value, field) =>
    value === null || value === undefined ? 0 : readInteger(readObject(value, field)[idName], `${field}.${idName}`);

const readers: Readonly<Record<string, readonly [Column, Reader]>> = {
  Associate: ['associate_id', reference('AssociateId')],
  Contact: ['contact_id', reference('ContactId')],
  Person: ['person_id', reference('PersonId')],
  Project: ['project_id', reference('ProjectId')],
  Sale: ['sale_id', reference('SaleId')],
  Task: ['task_idx', reference('TaskListItemId')],
  Priority: ['priority_idx', reference('Id')],
  StartDate: ['do_by', (value, field, dates) => dates.parseWall(value, field)],
  EndDate: ['endDate', (value, field, dates) => dates.parseWall(value, field)],
  IsAlldayEvent: ['alldayEvent', flag],
  IsFree: ['freeBusy', flag],
  HasAlarm: ['hasAlarm', flag],
  IsMileStone: ['isMilestone', flag],
  Location: ['location', text(254)],
  RejectReason: ['rejectReason', text(254)],
  JoinVideomeetUrl: ['join_videomeet_url', text(2000)],
  CentralserviceVideomeetId: ['centralservice_videomeet_id', text(100)],
  Private: ['private', (value, field) => readEnum(value, field, privacies)],
  Type: ['type', (value, field) => readEnum(value, field, appointmentTypes)],
  OwnedExternally: ['owned_externally', (value, field) => readEnum(value, field, externalOwners)],
  CautionWarning: ['cautionWarning', (value, field) => readEnum(value, field, cautionWarnings)],
  AlarmLeadTime: ['alarm', readMinutes],
  LeadTime: ['leadtime', readMinutes],
  LagTime: ['lagTime', readMinutes],
  PreferredTZLocation: ['preferredTZLocation', readInteger],
  ColorIndex: ['color_index', readInteger],
};

/** @throws 400 when a changed property has the wrong kind of value. */
export function readAppointment(before: Json, after: Json, row: AppointmentRow, dates: Dates): AppointmentChange {
  const columns: Partial<Mutable<AppointmentRow>> = {};
  const differs = (name: string) => !isDeepStrictEqual(before[name] ?? null, after[name] ?? null);
  for (const [name, [column, read]] of Object.entries(readers)) {
    if (differs(name)) Object.assign(columns, { [column]: read(after[name], name, dates) });
  }
  if (columns.do_by !== undefined) columns.activeDate = columns.do_by;
  else if (differs('ActiveDate')) columns.activeDate = dates.parseWall(after['ActiveDate'], 'ActiveDate');
  if (differs('Completed')) Object.assign(columns, completion(after['Completed'], row));
  const visibleFor = differs('VisibleFor') ? readVisibleFor(after['VisibleFor']) : undefined;
  return {
    columns,
    ...(differs('Title') ? { title: readText(after['Title'], 'Title', 4000) } : {}),
    ...(differs('Description') ? { text: readText(after['Description'], 'Description', 1_000_000) } : {}),
    ...(differs('Agenda') ? { agenda: readText(after['Agenda'], 'Agenda', 1_000_000) } : {}),
    ...(differs('InternalNotes') ? { notes: readText(after['InternalNotes'], 'InternalNotes', 1_000_000) } : {}),
    ...(differs('CustomFields') ? { customFields: readCustomFields(after['CustomFields']) } : {}),
    ...(visibleFor === undefined ? {} : { visibleFor }),
    ...(differs('Participants') ? { participants: readParticipants(after['Participants']) } : {}),
  };
}

/** Completed lives in `status`, which an open invitation uses for its own state: then only Completed itself counts. */
function completion(value: unknown, row: AppointmentRow): Partial<AppointmentRow> {
  const wanted = readEnum(value, 'Completed', activityStatuses);
  if (row.status >= rowStatus.hidden && wanted !== activityStatuses.Completed) return {};
  return { status: wanted === activityStatuses.Unknown ? rowStatus.notStarted : wanted };
}

function readVisibleFor(value: unknown): readonly VisibleForRow[] {
  const rows = readArray(value, 'VisibleFor').map((item): VisibleForRow => {
    const entity = readObject(item, 'VisibleFor');
    const kind = enumName(readEnum(entity['Visibility'], 'Visibility', visibilities), visibilities);
    const visibility = kind === 'Associate' || kind === 'Group' ? kind : 'All';
    return { visibleId: visibility === 'All' ? 0 : readInteger(entity['VisibleId'], 'VisibleId'), visibility };
  });
  return rows.length === 0 ? [{ visibleId: 0, visibility: 'All' }] : rows;
}

function readParticipants(value: unknown): readonly ParticipantRow[] {
  return readArray(value, 'Participants').map((item) => {
    const entity = readObject(item, 'Participants');
    return {
      associateId: readInteger(entity['AssociateId'], 'AssociateId'),
      personId: readInteger(entity['PersonId'], 'PersonId'),
      contactId: readInteger(entity['ContactId'], 'ContactId'),
      emailId: readInteger(entity['EmailId'], 'EmailId'),
      sendEmail: readBoolean(entity['SendEmail'], 'SendEmail'),
      emailAddress: readText(entity['EmailAddress'], 'EmailAddress', 254),
    };
  });
}

/** Companion keys (`…:org`, `…:DisplayText`) are read-only echoes and are left out. */
function readCustomFields(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(value === null || value === undefined ? {} : readObject(value, 'CustomFields'));
  const own = entries.filter(([name]) => !/:(org|DisplayText|DisplayTooltip)$/.test(name));
  return Object.fromEntries(own.map(([name, item]) => [name, readText(item, `CustomFields.${name}`, 4000)]));
}

function readArray(value: unknown, field: string): readonly unknown[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw invalidRequest(`The value of '${field}' is not an array.`);
  return value;
}
