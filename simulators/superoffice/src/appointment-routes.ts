// REST resource /Appointment and the Appointment agent. Agents never say 404: what is missing is 200 and null, and
// they know no preconditions.
import { appointmentLinks } from './appointment-entity.ts';
import { appointmentNames } from './appointment-input.ts';
import type { Appointments } from './appointments.ts';
import {
  type AddRoute,
  type Answer,
  type Call,
  checkUnmodified,
  idParam,
  lastModified,
  noContent,
  notModifiedSince,
  ok,
} from './call.ts';
import type { Database } from './database.ts';
import { taskTypes } from './enums.ts';
import { foreignKeyEntity, foreignKeyPath } from './foreign-keys.ts';
import { enumName, readEnum, readInteger, readObject } from './json-input.ts';
import { taskList } from './lists.ts';
import type { AppointmentRow } from './rows.ts';

const stampOf = (row: AppointmentRow): number => row.updated || row.registered;

export function addAppointmentRoutes(add: AddRoute, appointments: Appointments, database: Database): void {
  const answer = (row: AppointmentRow, call: Call): Answer =>
    ok(
      { ...appointments.entities.entity(row, call.dates), ...appointmentLinks(row, call.apiUrl) },
      lastModified(stampOf(row)),
    );

  add('GET', '/Appointment/default', (call) =>
    ok(appointments.entities.entity(appointments.blank(call.actor, 2), call.dates)),
  );
  add('POST', '/Appointment', (call) => answer(appointments.create(call.body, call.actor, call.dates), call));
  add('GET', '/Appointment/:id', (call) => {
    const row = appointments.get(idParam(call, 'id', 'Appointment'));
    if (notModifiedSince(call, stampOf(row))) return { status: 304, headers: lastModified(stampOf(row)) };
    const whole = answer(row, call);
    return { ...whole, body: selected(withForeignKeys(whole.body, row, call, database), call) };
  });
  add('PUT', '/Appointment/:id', (call) => {
    const row = appointments.get(idParam(call, 'id', 'Appointment'));
    checkUnmodified(call, stampOf(row));
    return answer(appointments.replace(row, call.body, call.actor, call.dates), call);
  });
  add('PATCH', '/Appointment/:id', (call) => {
    const row = appointments.get(idParam(call, 'id', 'Appointment'));
    checkUnmodified(call, stampOf(row));
    return answer(appointments.patch(row, call.body, call.actor, call.dates), call);
  });
  add('DELETE', '/Appointment/:id', (call) => {
    const row = appointments.get(idParam(call, 'id', 'Appointment'));
    checkUnmodified(call, stampOf(row));
    appointments.delete(row, call.actor);
    return noContent;
  });
  add('GET', '/Appointment/:id/ForeignKey', (call) => {
    const row = appointments.get(idParam(call, 'id', 'Appointment'));
    const keys = [...database.foreignKeys.values()].filter(
      (key) => key.tableName === 'appointment' && key.recordId === row.appointment_id,
    );
    return ok(keys.map((key) => foreignKeyEntity(key, database, call.dates)));
  });
  addAgent(add, appointments);
}

function addAgent(add: AddRoute, appointments: Appointments): void {
  const agent = '/Agents/Appointment';
  const entity = (row: AppointmentRow | undefined, call: Call) =>
    ok(row === undefined ? null : appointments.entities.entity(row, call.dates));
  const argument = (call: Call) => readObject(appointmentNames.read(call.body), 'The argument');

  add('POST', `${agent}/CreateDefaultAppointmentEntity`, (call) => entity(appointments.blank(call.actor, 2), call));
  add('POST', `${agent}/CreateDefaultAppointmentEntityByTypeAndAssociate`, (call) => {
    const { Type, AssociateId } = argument(call);
    const type = enumName(readEnum(Type, 'Type', taskTypes), taskTypes);
    const task = taskList.find((item) => item.type === type);
    const associate = appointments.associate(readInteger(AssociateId, 'AssociateId')) ?? call.actor;
    const blank = appointments.blank(associate, task?.id ?? 2);
    return entity(type === 'ToDo' ? { ...blank, type: 2 } : blank, call);
  });
  add('POST', `${agent}/GetAppointmentEntity`, (call) =>
    entity(appointments.find(readInteger(call.query.get('appointmentEntityId'), 'appointmentEntityId')), call),
  );
  add('POST', `${agent}/SaveAppointmentEntity`, (call) => entity(save(appointments, call.body, call), call));
  add('POST', `${agent}/Save`, (call) => entity(save(appointments, argument(call)['AppointmentEntity'], call), call));
  add('POST', `${agent}/DeleteAppointmentEntity`, (call) => {
    const row = appointments.find(readInteger(call.query.get('appointmentEntityId'), 'appointmentEntityId'));
    if (row !== undefined) appointments.delete(row, call.actor);
    return ok(null);
  });
  add('POST', `${agent}/Delete`, (call) => {
    const row = appointments.find(readInteger(argument(call)['AppointmentId'], 'AppointmentId'));
    if (row !== undefined) appointments.delete(row, call.actor);
    return ok(null);
  });
}

function save(appointments: Appointments, body: unknown, call: Call): AppointmentRow {
  const entity = readObject(appointmentNames.read(body), 'AppointmentEntity');
  const id = readInteger(entity['AppointmentId'], 'AppointmentId');
  if (id === 0) return appointments.create(entity, call.actor, call.dates);
  return appointments.replace(appointments.get(id), entity, call.actor, call.dates);
}

/** `$select` leaves every other property null. */
function selected(body: unknown, call: Call): unknown {
  const select = call.query.get('$select');
  if (select === null) return body;
  const wanted = new Set(select.split(',').map((name) => name.trim().toLowerCase()));
  const entries = Object.entries(readObject(body, 'entity'));
  return Object.fromEntries(
    entries.map(([name, value]) => [name, wanted.has(name.toLowerCase()) || name === '_Links' ? value : null]),
  );
}

/** `?fk=true` shows foreign keys as extra fields `app.device.key`. */
function withForeignKeys(body: unknown, row: AppointmentRow, call: Call, database: Database): unknown {
  if (call.query.get('fk')?.toLowerCase() !== 'true') return body;
  const keys = [...database.foreignKeys.values()].filter(
    (key) => key.tableName === 'appointment' && key.recordId === row.appointment_id,
  );
  const fields = Object.fromEntries(keys.map((key) => [foreignKeyPath(key, database), key.value]));
  return { ...readObject(body, 'entity'), ExtraFields: fields };
}
