// REST resource /Appointment. It knows no update mode: on a row of a series it means that row alone.

import { foreignKeyEntity, foreignKeyPath } from '../foreign-keys/foreign-keys.ts';
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
} from '../http/call.ts';
import { readObject } from '../input/json-input.ts';
import type { Database } from '../store/database.ts';
import type { AppointmentRow } from '../store/rows.ts';
import { appointmentLinks } from './appointment-entity.ts';
import type { Appointments } from './appointments.ts';
import { simpleAppointment } from './simple-appointment.ts';

const stampOf = (row: AppointmentRow): number => row.updated || row.registered;

export function addAppointmentRoutes(add: AddRoute, appointments: Appointments, database: Database): void {
  const answer = (row: AppointmentRow, call: Call): Answer =>
    ok(
      { ...appointments.entities.entity(row, call.dates), ...appointmentLinks(row, call.apiUrl) },
      lastModified(stampOf(row)),
    );

  const byPath = (call: Call) => appointments.get(idParam(call, 'id', 'Appointment'), call.actor);

  add('GET', '/Appointment/default', (call) =>
    ok(appointments.entities.entity(appointments.blank(call.actor, 2), call.dates)),
  );
  add('POST', '/Appointment', (call) => answer(appointments.create(call.body, call.actor, call.dates), call));
  add('GET', '/Appointment/:id', (call) => {
    const row = byPath(call);
    if (notModifiedSince(call, stampOf(row))) return { status: 304, headers: lastModified(stampOf(row)) };
    const whole = answer(row, call);
    return { ...whole, body: selected(withForeignKeys(whole.body, row, call, database), call) };
  });
  add('PUT', '/Appointment/:id', (call) => {
    const row = byPath(call);
    checkUnmodified(call, stampOf(row));
    return answer(appointments.replace(row, call.body, call, 'OnlyThis'), call);
  });
  add('PATCH', '/Appointment/:id', (call) => {
    const row = byPath(call);
    checkUnmodified(call, stampOf(row));
    return answer(appointments.patch(row, call.body, call), call);
  });
  add('DELETE', '/Appointment/:id', (call) => {
    const row = byPath(call);
    checkUnmodified(call, stampOf(row));
    appointments.meetings.delete(row, call.actor);
    return noContent;
  });
  add('GET', '/Appointment/:id/ForeignKey', (call) => {
    const row = byPath(call);
    const keys = database.foreignKeys.ofRecord('appointment', row.appointment_id);
    return ok(keys.map((key) => foreignKeyEntity(key, database, call.dates)));
  });
  add('GET', '/Appointment/:id/Simple', (call) => ok(simpleAppointment(byPath(call), database, call.dates)));
  add('GET', '/Appointment/:id/Participants', (call) => {
    const { Participants } = appointments.entities.entity(byPath(call), call.dates);
    return ok({ 'odata.metadata': `${call.apiUrl}/Archive/$metadata`, 'odata.nextLink': null, value: Participants });
  });
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
  const keys = database.foreignKeys.ofRecord('appointment', row.appointment_id);
  const fields = Object.fromEntries(keys.map((key) => [foreignKeyPath(key, database), key.value]));
  return { ...readObject(body, 'entity'), ExtraFields: fields };
}
