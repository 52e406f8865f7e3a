// The named archive providers: FindAppointment (behind GET /Appointment) and AllUsers. Each column says what it reads
// from a row; `runArchive` does the rest.

import { mayRead } from '../access/read-right.ts';
import type { AppointmentEntities } from '../appointments/appointment-entity.ts';
import { associateFullName, contactFullName, fullName } from '../entities/brief-entity.ts';
import { appointmentTypes, rowStatus } from '../entities/enums.ts';
import { priorityList, taskList } from '../entities/lists.ts';
import { enumName } from '../input/json-input.ts';
import type { Database } from '../store/database.ts';
import type { AppointmentRow, AssociateRow } from '../store/rows.ts';
import type { Archive, Column, ColumnKind, Raw, Test } from './archive-query.ts';

export type ColumnList<Row> = readonly (readonly [string, ColumnKind, (row: Row) => Raw, ((row: Row) => string)?])[];

/** Columns by lower-case name. */
export function columnMap<Row>(list: ColumnList<Row>): ReadonlyMap<string, Column<Row>> {
  return new Map(
    list.map(([name, kind, value, display]) => [
      name.toLowerCase(),
      display === undefined ? { kind, value } : { kind, value, display },
    ]),
  );
}

/** Associate ids that a row must have to match, when the filter says so at its top level. */
export function associatesOf(conjuncts: readonly Test[], column: string): readonly number[] | undefined {
  for (const { column: name, operator, values } of conjuncts) {
    if (name.toLowerCase() !== column.toLowerCase()) continue;
    if (!/^(=|eq|associateIsOneOf|oneOf|in)$/i.test(operator)) continue;
    if (values.every((value) => typeof value === 'number')) return [...new Set(values)];
  }
  return undefined;
}

export function findAppointmentArchive(database: Database, entities: AppointmentEntities): Archive<AppointmentRow> {
  const text = (row: AppointmentRow) => database.texts.get(row.text_id)?.title ?? '';
  const person = (row: AppointmentRow) => database.persons.get(row.person_id);
  const contact = (row: AppointmentRow) => database.contacts.get(row.contact_id);
  const name = (id: number) => database.associates.get(id)?.name ?? '';
  const columns: ColumnList<AppointmentRow> = [
    ['appointmentId', 'int', (row) => row.appointment_id],
    ['date', 'wall', (row) => row.do_by],
    ['endDate', 'wall', (row) => row.endDate],
    ['type', 'text', (row) => taskList.find((task) => task.id === row.task_idx)?.value ?? ''],
    ['recordType', 'int', (row) => row.type],
    ['recordTypeText', 'text', (row) => enumName(row.type, appointmentTypes)],
    ['text', 'text', text],
    ['associateId', 'associate', (row) => row.associate_id, (row) => name(row.associate_id)],
    ['contactId', 'int', (row) => row.contact_id],
    ['personId', 'int', (row) => row.person_id],
    ['projectId', 'int', (row) => row.project_id],
    ['saleId', 'int', (row) => row.sale_id],
    ['updatedBy', 'associate', (row) => row.updated_associate_id, (row) => name(row.updated_associate_id)],
    ['updatedDate', 'instant', (row) => row.updated],
    ['registeredBy', 'associate', (row) => row.registered_associate_id, (row) => name(row.registered_associate_id)],
    ['registeredDate', 'instant', (row) => row.registered],
    ['completed', 'bool', (row) => row.status === rowStatus.completed],
    ['completedDate', 'wall', (row) => row.done],
    ['priority', 'text', (row) => priorityList.find((item) => item.id === row.priority_idx)?.value ?? ''],
    ['alarm', 'bool', (row) => row.hasAlarm === 1],
    ['recurring', 'bool', (row) => row.recurrenceRuleId !== 0],
    ['booking', 'bool', (row) => row.mother_id !== 0],
    ['intention', 'int', (row) => taskList.find((task) => task.id === row.task_idx)?.intentId ?? 0],
    ['location', 'text', (row) => row.location],
    ['recurrenceRuleId', 'int', (row) => row.recurrenceRuleId],
    ['rawType', 'int', (row) => row.type],
    ['rawStatus', 'int', (row) => row.status],
    ['cautionWarning', 'int', (row) => row.cautionWarning],
    [
      'visibleInDiary',
      'bool',
      (row) => row.type === appointmentTypes.inDiary || row.type === appointmentTypes.BookingForDiary,
    ],
    ['invitedPersonId', 'int', (row) => row.invitedPersonId],
    ['joinVideomeetUrl', 'text', (row) => row.join_videomeet_url],
    [
      'visibleFor',
      'text',
      (row) =>
        entities
          .visibleFor(row)
          .map((item) => item.visibility)
          .join(', '),
    ],
    ['userGroup', 'int', (row) => row.group_idx],
    ['contact/contactId', 'int', (row) => row.contact_id],
    ['contact/name', 'text', (row) => contact(row)?.name ?? ''],
    ['contact/department', 'text', (row) => contact(row)?.department ?? ''],
    ['contact/nameDepartment', 'text', (row) => nameOf(contact(row), contactFullName)],
    ['person/personId', 'int', (row) => row.person_id],
    ['person/fullName', 'text', (row) => nameOf(person(row), fullName)],
    ['person/firstName', 'text', (row) => person(row)?.firstname ?? ''],
    ['person/lastName', 'text', (row) => person(row)?.lastname ?? ''],
  ];
  return {
    entity: 'appointment',
    primaryKey: (row) => row.appointment_id,
    columns: columnMap(columns),
    rows: (conjuncts) => {
      const associates = associatesOf(conjuncts, 'associateId');
      if (associates === undefined) return database.appointments.values();
      return associates.flatMap((id) => database.appointments.ofAssociate(id));
    },
    switches: new Set(['getallrows', 'getnorows', 'skiptentativeandrejectedrestriction']),
    readable: (row, { associateId }) => mayRead(row, database.associates.get(associateId), database),
    hiddenUnless: {
      switch: 'skiptentativeandrejectedrestriction',
      hidden: (row) => row.status >= rowStatus.booking && row.status <= rowStatus.bookingDeleted,
    },
  };
}

const nameOf = <Row>(row: Row | undefined, name: (row: Row) => string): string => (row === undefined ? '' : name(row));

const associateTypeNames = {
  InternalAssociate: 'Internal user',
  ResourceAssociate: 'Resource',
  SystemAssociate: 'System user',
} as const;

export function allUsersArchive(database: Database): Archive<AssociateRow> {
  const person = (row: AssociateRow) => database.persons.get(row.person_id);
  const resource = (row: AssociateRow) => row.type === 'ResourceAssociate';
  const columns: ColumnList<AssociateRow> = [
    ['associateDbId', 'int', (row) => row.associate_id],
    ['assocName', 'text', (row) => row.name],
    ['fullName', 'text', (row) => associateFullName(database, row.associate_id)],
    ['firstName', 'text', (row) => person(row)?.firstname ?? ''],
    ['lastName', 'text', (row) => person(row)?.lastname ?? ''],
    ['personId', 'int', (row) => row.person_id],
    ['contactId', 'int', (row) => person(row)?.contact_id ?? 0],
    ['personEmail', 'text', (row) => person(row)?.elements.Emails[0]?.value ?? ''],
    ['userName', 'text', (row) => row.userName],
    ['isActive', 'bool', (row) => !row.deleted],
    ['canLogin', 'bool', (row) => !row.deleted && !resource(row)],
    ['assocType', 'text', (row) => associateTypeNames[row.type]],
    ['usergroup', 'text', (row) => `Group ${row.group_idx}`],
    ['usergroupId', 'int', (row) => row.group_idx],
    ['otherGroups', 'text', () => ''],
    ['role', 'text', (row) => (row.type === 'SystemAssociate' ? 'System' : 'User')],
    ['isLocation', 'bool', resource],
    ['locationAddress', 'text', () => ''],
    ['superoffice_visible-for', 'bool', () => true],
  ];
  return {
    entity: 'all',
    primaryKey: (row) => row.associate_id,
    columns: columnMap(columns),
    rows: () => database.associates.values(),
    switches: new Set(['getallrows', 'getnorows']),
  };
}
