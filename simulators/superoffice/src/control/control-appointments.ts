// Appointments as the control API shows and changes them: instants in UTC, plain words, and the full truth including
// what no entity shows. Changes are made as a user in the web client: with events, log and stamps.

import type { People } from '../access/people.ts';
import { bookingName, completedName } from '../appointments/appointment-entity.ts';
import type { AppointmentChange } from '../appointments/appointment-input.ts';
import { emptyRow } from '../appointments/appointments.ts';
import type { Diary } from '../appointments/diary.ts';
import type { Meetings } from '../appointments/meetings.ts';
import { activityStatuses, appointmentTypes, privacies } from '../entities/enums.ts';
import { foreignKeyPath } from '../foreign-keys/foreign-keys.ts';
import { badArgument, notFound } from '../input/error.ts';
import { enumName, type Json, readBoolean, readEnum, readInteger, readText } from '../input/json-input.ts';
import type { Database } from '../store/database.ts';
import type { AppointmentRow, AssociateRow, Wall } from '../store/rows.ts';
import type { TimeZone } from '../time/time-zone.ts';

/** The working hours that the web client gives an all-day appointment. */
const dayBegins = '08:00:00';
const dayEnds = '16:00:00';

export interface ControlParts {
  readonly database: Database;
  readonly diary: Diary;
  readonly meetings: Meetings;
  readonly people: People;
  readonly base: TimeZone;
}

export class ControlAppointments {
  readonly #database: Database;
  readonly #diary: Diary;
  readonly #meetings: Meetings;
  readonly #people: People;
  readonly #base: TimeZone;

  constructor(parts: ControlParts) {
    this.#database = parts.database;
    this.#diary = parts.diary;
    this.#meetings = parts.meetings;
    this.#people = parts.people;
    this.#base = parts.base;
  }

  list(associate: string | null): readonly Json[] {
    const rows =
      associate === null
        ? [...this.#database.appointments.values()]
        : this.#database.appointments.ofAssociate(this.associate(associate).associate_id);
    return rows.map((row) => this.show(row));
  }

  get(id: number): AppointmentRow {
    const row = this.#database.appointments.get(id);
    if (row === undefined) throw notFound('Appointment', id);
    return row;
  }

  /** By login, e-mail address or id. @throws 404 */
  associate(name: unknown): AssociateRow {
    const found = typeof name === 'number' ? this.#database.associates.get(name) : undefined;
    const row = found ?? this.#people.findByLogin(String(name)) ?? this.#database.associates.get(Number(name));
    if (row === undefined) throw notFound('Associate', String(name));
    return row;
  }

  create(body: Json): Json {
    const owner = this.associate(body['associate']);
    const actor = body['as'] === undefined ? owner : this.associate(body['as']);
    if (body['start'] === undefined) throw badArgument('start is missing');
    const { columns, ...rest } = this.#change(body, emptyRow);
    const task = columns.type === appointmentTypes.inChecklist ? 3 : 2;
    const participants = this.#participants(owner, body['participants']);
    const change = {
      ...rest,
      ...participants,
      columns: { task_idx: task, ...columns, associate_id: owner.associate_id },
    };
    return this.show(this.#meetings.insert(emptyRow, change, actor));
  }

  update(id: number, body: Json): Json {
    const row = this.get(id);
    const actor = this.associate(body['as'] ?? row.associate_id);
    const change = this.#change(body, row);
    const owner =
      body['associate'] === undefined ? {} : { associate_id: this.associate(body['associate']).associate_id };
    return this.show(this.#meetings.update(row, { ...change, columns: { ...change.columns, ...owner } }, actor));
  }

  delete(id: number, as: string | null): void {
    const row = this.get(id);
    this.#meetings.delete(row, this.associate(as ?? row.associate_id));
  }

  /** Changes text or user-defined fields without stamp or event, as an edit of a side table does. */
  editSilently(body: Json): Json {
    const row = this.get(readInteger(body['appointmentId'], 'appointmentId'));
    const { columns, ...rest } = this.#change(body, row);
    if (Object.keys(columns).length > 0)
      throw badArgument('Only title, description, agenda, notes and customFields can be edited silently');
    this.#diary.editSilently(row, rest === undefined ? { columns: {} } : { columns: {}, ...rest });
    return this.show(this.get(row.appointment_id));
  }

  show(row: AppointmentRow): Json {
    const database = this.#database;
    const text = database.texts.get(row.text_id);
    const keys = database.foreignKeys.ofRecord('appointment', row.appointment_id);
    return {
      id: row.appointment_id,
      title: text?.title ?? '',
      description: text?.text ?? '',
      agenda: database.texts.get(row.agenda_text_id)?.text ?? '',
      notes: database.texts.get(row.internal_notes_text_id)?.text ?? '',
      start: this.#iso(row.do_by),
      end: this.#iso(row.endDate),
      isAllDay: row.alldayEvent === 1,
      isFree: row.freeBusy === 1,
      location: row.location,
      type: enumName(row.type, appointmentTypes),
      taskId: row.task_idx,
      status: row.status,
      associateId: row.associate_id,
      associate: database.associates.get(row.associate_id)?.name ?? '',
      personId: row.person_id,
      contactId: row.contact_id,
      motherId: row.mother_id,
      bookingType: bookingName(row),
      recurrenceId: row.recurrenceRuleId,
      originalStart: this.#iso(row.original_start_date),
      private: enumName(row.private, privacies),
      completed: completedName(row.status),
      hasAlarm: row.hasAlarm === 1,
      alarmMinutes: row.alarm,
      customFields: database.customFields.get(row.appointment_id) ?? {},
      updated: instant(row.updated),
      updatedBy: row.updated_associate_id,
      updatedCount: row.updatedCount,
      registered: instant(row.registered),
      registeredBy: row.registered_associate_id,
      foreignKeys: keys.map((key) => ({ name: foreignKeyPath(key, database), value: key.value })),
    };
  }

  /** Logins of the invited; the owner is the inviter and comes first. */
  #participants(owner: AssociateRow, invited: unknown): Pick<AppointmentChange, 'participants'> {
    if (!Array.isArray(invited) || invited.length === 0) return {};
    const associates = [owner, ...invited.map((name) => this.associate(name))];
    return {
      participants: associates.map((associate) => ({
        associateId: associate.associate_id,
        personId: associate.person_id,
        contactId: 0,
        emailId: 0,
        sendEmail: false,
        emailAddress: '',
      })),
    };
  }

  #iso(wall: Wall): string | null {
    return wall === '' ? null : new Date(this.#base.toInstantMs(wall)).toISOString();
  }

  #change(body: Json, row: AppointmentRow): AppointmentChange {
    const has = (name: string) => body[name] !== undefined;
    const text = (name: string) => (has(name) ? readText(body[name], name, 1_000_000) : undefined);
    const [title, description, agenda, notes] = ['title', 'description', 'agenda', 'notes'].map(text);
    const custom = has('customFields') ? (body['customFields'] as Readonly<Record<string, string>>) : undefined;
    return {
      columns: {
        ...this.#times(body, row),
        ...(has('isFree') ? { freeBusy: readBoolean(body['isFree'], 'isFree') ? 1 : 0 } : {}),
        ...(has('location') ? { location: readText(body['location'], 'location', 254) } : {}),
        ...(has('type') ? { type: readEnum(body['type'], 'type', appointmentTypes) } : {}),
        ...(has('taskId') ? { task_idx: readInteger(body['taskId'], 'taskId') } : {}),
        ...(has('personId') ? { person_id: readInteger(body['personId'], 'personId') } : {}),
        ...(has('contactId') ? { contact_id: readInteger(body['contactId'], 'contactId') } : {}),
        ...(has('private') ? { private: readEnum(body['private'], 'private', privacies) } : {}),
        ...(has('completed') ? { status: readEnum(body['completed'], 'completed', activityStatuses) } : {}),
        ...(has('hasAlarm') ? { hasAlarm: readBoolean(body['hasAlarm'], 'hasAlarm') ? 1 : 0 } : {}),
        ...(has('alarmMinutes') ? { alarm: readInteger(body['alarmMinutes'], 'alarmMinutes') } : {}),
      },
      ...(title === undefined ? {} : { title }),
      ...(description === undefined ? {} : { text: description }),
      ...(agenda === undefined ? {} : { agenda }),
      ...(notes === undefined ? {} : { notes }),
      ...(custom === undefined ? {} : { customFields: custom }),
    };
  }

  /** All-day appointments get working hours on their days; a date without time stands for a whole day. */
  #times(body: Json, row: AppointmentRow): Partial<AppointmentRow> {
    const allDay = body['isAllDay'] === undefined ? row.alldayEvent === 1 : readBoolean(body['isAllDay'], 'isAllDay');
    const flag = body['isAllDay'] === undefined ? {} : { alldayEvent: allDay ? 1 : 0 };
    const start = this.#wall(body['start'], 'start', row.do_by);
    const end = this.#wall(body['end'], 'end', row.endDate || start);
    const touched = body['start'] !== undefined || body['end'] !== undefined;
    if (allDay && (touched || row.alldayEvent === 0)) {
      const lastDay = lastDayOf(start, end, body['end']);
      const begins = `${start.slice(0, 10)}T${dayBegins}`;
      return { ...flag, do_by: begins, activeDate: begins, endDate: `${lastDay}T${dayEnds}` };
    }
    return touched ? { ...flag, do_by: start, activeDate: start, endDate: end } : flag;
  }

  #wall(value: unknown, name: string, absent: Wall): Wall {
    if (value === undefined) return absent;
    if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) throw badArgument(`${name} is not a date`);
    return /^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00` : this.#base.toWall(Date.parse(value));
  }
}

/** An end at midnight given as an instant belongs to the day before; a plain date is the last day itself. */
function lastDayOf(start: Wall, end: Wall, given: unknown): string {
  const plain = typeof given === 'string' && given.length === 10;
  const last = plain || !end.endsWith('T00:00:00') ? end.slice(0, 10) : dayBefore(end);
  return [start.slice(0, 10), last].toSorted().at(-1) ?? last;
}

const dayBefore = (wall: Wall): string => new Date(Date.parse(`${wall}Z`) - 1).toISOString().slice(0, 10);

const instant = (valueMs: number): string | null => (valueMs === 0 ? null : new Date(valueMs).toISOString());
