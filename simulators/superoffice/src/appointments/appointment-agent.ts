// The Appointment agent. Agents never say 404: what is missing is 200 and null. They know no preconditions, but they
// are the only way to say how far a change of a series reaches.

import { activityStatuses, appointmentTypes, taskTypes, type UpdateMode, updateModes } from '../entities/enums.ts';
import { taskList } from '../entities/lists.ts';
import { type AddRoute, type Answer, type Call, ok } from '../http/call.ts';
import { badArgument, ruleBroken } from '../input/error.ts';
import { enumName, type Json, readEnum, readInteger, readObject, readText } from '../input/json-input.ts';
import { expand } from '../recurrence/recurrence.ts';
import { readRecurrence, recurrenceDate, recurrenceEntity } from '../recurrence/recurrence-entity.ts';
import type { Database } from '../store/database.ts';
import type { AppointmentRow } from '../store/rows.ts';
import { wallOf } from '../time/time-zone.ts';
import { appointmentNames } from './appointment-input.ts';
import type { Appointments } from './appointments.ts';
import { simpleAppointment } from './simple-appointment.ts';

type Operation = (argument: Json, call: Call) => Answer;

export function addAppointmentAgent(add: AddRoute, appointments: Appointments, database: Database): void {
  const operation = (name: string, run: Operation) =>
    add('POST', `/Agents/Appointment/${name}`, (call) => run(argumentOf(call), call));
  const entity = (row: AppointmentRow | undefined, call: Call): Answer =>
    ok(row === undefined ? null : appointments.entities.entity(row, call.dates));
  const find = (argument: Json, name: string, call: Call) =>
    appointments.find(readInteger(argument[name], name), call.actor);

  addTemplates(operation, appointments, entity);
  operation('GetAppointmentEntity', (argument, call) => entity(find(argument, 'AppointmentEntityId', call), call));
  operation('SaveAppointmentEntity', (argument, call) => entity(save(appointments, argument, 'OnlyThis', call), call));
  operation('Save', (argument, call) =>
    entity(save(appointments, argument['AppointmentEntity'], modeOf(argument), call), call),
  );
  operation('DeleteAppointmentEntity', (argument, call) => {
    const row = find(argument, 'AppointmentEntityId', call);
    if (row !== undefined) appointments.meetings.delete(row, call.actor);
    return ok(null);
  });
  operation('Delete', (argument, call) => {
    const row = find(argument, 'AppointmentId', call);
    if (row !== undefined) appointments.series.delete(row, modeOf(argument), call.actor);
    return ok(null);
  });
  operation('Move', (argument, call) => entity(move(appointments, argument, call), call));
  operation('CalculateDays', (argument, call) => ok(calculateDays(argument, call)));
  operation('ValidateDays', ({ Dates }, call) => {
    const days = Array.isArray(Dates) ? Dates.map((day) => call.dates.parseDay(day, 'Dates')) : [];
    return ok(days.map((day) => recurrenceDate(day, call.dates)));
  });
  addInvitations(operation, appointments);
  addUids(operation, appointments, database, entity);
  addDiaries(operation, database);
}

function addTemplates(
  operation: (name: string, run: Operation) => void,
  appointments: Appointments,
  entity: (row: AppointmentRow, call: Call) => Answer,
): void {
  const template: Operation = ({ Type, AssociateId }, call) => {
    const type = enumName(readEnum(Type, 'Type', taskTypes), taskTypes);
    const task = taskList.find((item) => item.type === type);
    const associate = appointments.associate(readInteger(AssociateId, 'AssociateId')) ?? call.actor;
    const blank = appointments.blank(associate, task?.id ?? 2);
    return entity(type === 'ToDo' ? { ...blank, type: appointmentTypes.inChecklist } : blank, call);
  };
  operation('CreateDefaultAppointmentEntity', template);
  operation('CreateDefaultAppointmentEntityByType', template);
  operation('CreateDefaultAppointmentEntityByTypeAndAssociate', template);
}

function addInvitations(operation: (name: string, run: Operation) => void, appointments: Appointments): void {
  const each = (
    argument: Json,
    call: Call,
    change: (row: AppointmentRow) => AppointmentRow,
  ): AppointmentRow | undefined => {
    const row = appointments.find(readInteger(argument['AppointmentId'], 'AppointmentId'), call.actor);
    if (row === undefined) return undefined;
    const rows = modeOf(argument) === 'ThisAndForward' ? appointments.fromHere(row) : [row];
    return rows.map(change)[0];
  };
  operation('Accept', (argument, call) => {
    each(argument, call, (row) => appointments.meetings.accept(row, call.actor));
    return ok(null);
  });
  operation('Reject', (argument, call) => {
    const reason = readText(argument['RejectReason'], 'RejectReason', 254);
    each(argument, call, (row) => appointments.meetings.reject(row, reason, call.actor));
    return ok(null);
  });
  operation('SetSeen', (argument, call) => {
    each(argument, call, (row) => appointments.meetings.setSeen(row, call.actor));
    return ok(null);
  });
  operation('SetActivityStatus', (argument, call) => {
    const status = readEnum(argument['ActivityStatus'], 'ActivityStatus', activityStatuses);
    for (const id of integers(argument['ActivityIdentifier'])) {
      const row = appointments.find(id, call.actor);
      if (row !== undefined) appointments.meetings.update(row, { columns: { status } }, call.actor);
    }
    return ok(null);
  });
}

/** iCalendar UIDs, one for each meeting: what ties an appointment to the same one in another calendar. */
function addUids(
  operation: (name: string, run: Operation) => void,
  appointments: Appointments,
  database: Database,
  entity: (row: AppointmentRow | undefined, call: Call) => Answer,
): void {
  const byUid = (uid: string) => [...database.invitations.values()].find((row) => row.uid === uid);
  operation('CreateAppointmentForUID', (argument, call) => {
    const uid = readText(argument['Uid'], 'Uid', 1000);
    if (uid === '') throw badArgument('uid is missing');
    if (byUid(uid) !== undefined) return ok(null);
    const row = appointments.create(argument['AppointmentEntity'], call.actor, call.dates);
    const id = database.invitations.takeId();
    database.invitations.set(id, { id, uid, appointmentId: row.appointment_id });
    return entity(row, call);
  });
  operation('GetAppointmentFromUID', (argument, call) => {
    const found = byUid(readText(argument['Uid'], 'Uid', 1000));
    return entity(found && appointments.find(found.appointmentId, call.actor), call);
  });
  operation('GetUIDFromAppointmentId', (argument, call) => {
    const id = readInteger(argument['AppointmentId'], 'AppointmentId');
    const wanted = argument['UseMotherId'] === true ? (appointments.find(id, call.actor)?.mother_id ?? 0) || id : id;
    const found = [...database.invitations.values()].find((row) => row.appointmentId === wanted);
    return ok(found?.uid ?? null);
  });
}

function addDiaries(operation: (name: string, run: Operation) => void, database: Database): void {
  const simple = (rows: readonly AppointmentRow[], call: Call) =>
    ok(
      rows.toSorted((a, b) => (a.do_by < b.do_by ? -1 : 1)).map((row) => simpleAppointment(row, database, call.dates)),
    );
  operation('GetAppointmentRecords', ({ MotherId, RecurrenceRuleId }, call) => {
    const rule = readInteger(RecurrenceRuleId, 'RecurrenceRuleId');
    const mother = readInteger(MotherId, 'MotherId');
    const table = database.appointments;
    return simple(rule === 0 ? table.ofMother(mother) : table.ofRule(rule), call);
  });
  const diary = (associates: readonly number[], argument: Json, call: Call) => {
    const start = call.dates.parseWall(argument['StartTime'], 'StartTime');
    const end = call.dates.parseWall(argument['EndTime'], 'EndTime') || '9999-12-31T23:59:59';
    const rows = associates.flatMap((id) => database.appointments.ofAssociate(id));
    return rows.filter((row) => row.type !== appointmentTypes.inChecklist && row.do_by < end && row.endDate >= start);
  };
  operation('GetAssociateDiary', (argument, call) => {
    const count = readInteger(argument['Count'], 'Count');
    const rows = diary([readInteger(argument['AssociateId'], 'AssociateId')], argument, call);
    return simple(count > 0 ? rows.slice(0, count) : rows, call);
  });
  operation('GetAssociatesDiary', (argument, call) =>
    simple(diary(integers(argument['AssociateIds']), argument, call), call),
  );
}

function save(appointments: Appointments, body: unknown, mode: UpdateMode, call: Call): AppointmentRow {
  const entity = readObject(body, 'AppointmentEntity');
  const id = readInteger(entity['AppointmentId'], 'AppointmentId');
  if (id === 0) return appointments.create(entity, call.actor, call.dates);
  const row = appointments.find(id, call.actor);
  if (row === undefined) throw ruleBroken(`Appointment id ${id} not found`);
  return appointments.replace(row, entity, call, mode);
}

/** Keeps the length and moves the start. */
function move(appointments: Appointments, argument: Json, call: Call): AppointmentRow | undefined {
  const row = appointments.find(readInteger(argument['AppointmentId'], 'AppointmentId'), call.actor);
  if (row === undefined) return undefined;
  const start = call.dates.parseWall(argument['NewStartTime'], 'NewStartTime');
  if (start === '') throw badArgument('newStartTime is missing');
  const lengthMs = Date.parse(`${row.endDate}Z`) - Date.parse(`${row.do_by}Z`);
  const endDate = wallOf(Date.parse(`${start}Z`) + lengthMs);
  const change = { columns: { do_by: start, activeDate: start, endDate } };
  return appointments.series.update(row, change, undefined, false, modeOf(argument), call.actor);
}

/** Fills in the dates that a rule means; the client puts the answer back into the entity and saves. */
function calculateDays(argument: Json, call: Call): Json {
  const entity = readObject(argument['AppointmentEntity'], 'AppointmentEntity');
  const start = call.dates.parseWall(entity['StartDate'], 'StartDate');
  const rule = readRecurrence(entity['Recurrence'], start, call.dates);
  if (rule === undefined) throw badArgument('The appointment has no recurrence');
  const days = rule.pattern === 'Custom' ? rule.dates : expand({ ...rule, dates: [] });
  return { ...recurrenceEntity(rule, days, call.dates), IsRecurrence: true };
}

const modeOf = (argument: Json): UpdateMode =>
  enumName(readEnum(argument['UpdateMode'], 'UpdateMode', updateModes), updateModes) as UpdateMode;

const integers = (value: unknown): readonly number[] =>
  Array.isArray(value) ? value.map((item) => readInteger(item, 'id')) : [];

/** Arguments stand in the body or, for single ids, in the address; their names are taken in any case. */
function argumentOf(call: Call): Json {
  const query = Object.fromEntries([...call.query].map(([name, value]) => [appointmentNames.canonical(name), value]));
  if (call.body === null) return query;
  return { ...query, ...readObject(appointmentNames.read(call.body), 'The argument') };
}
