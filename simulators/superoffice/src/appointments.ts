// Reads and saves whole appointment entities: what REST and agents have in common. It decides which rows a save
// touches; the rows themselves are written by the diary.

import { AppointmentEntities } from './appointment-entity.ts';
import { type AppointmentChange, appointmentNames, readAppointment } from './appointment-input.ts';
import type { Clock } from './clock.ts';
import type { Database } from './database.ts';
import type { Dates } from './dates.ts';
import type { Diary } from './diary.ts';
import { appointmentTypes, rowStatus } from './enums.ts';
import { notFound } from './error.ts';
import { type Json, readObject } from './json-input.ts';
import { patchEntity } from './patch.ts';
import type { AppointmentRow, AssociateRow } from './rows.ts';
import type { TimeZone } from './time-zone.ts';

const hourMs = 3_600_000;

export class Appointments {
  readonly entities: AppointmentEntities;
  readonly #database: Database;
  readonly #diary: Diary;
  readonly #clock: Clock;
  readonly #base: TimeZone;

  constructor(database: Database, diary: Diary, clock: Clock, base: TimeZone) {
    this.#database = database;
    this.#diary = diary;
    this.#clock = clock;
    this.#base = base;
    this.entities = new AppointmentEntities(database);
  }

  /** The template that creates start from: a meeting of one hour, at the next full hour. */
  blank(associate: AssociateRow, taskIdx: number): AppointmentRow {
    const startMs = Math.ceil(this.#clock.nowMs() / hourMs) * hourMs;
    const start = this.#base.toWall(startMs);
    return {
      ...emptyRow,
      associate_id: associate.associate_id,
      mother_associate_id: associate.associate_id,
      group_idx: associate.group_idx,
      invitedPersonId: associate.person_id,
      task_idx: taskIdx,
      do_by: start,
      endDate: this.#base.toWall(startMs + hourMs),
      activeDate: start,
    };
  }

  associate(id: number): AssociateRow | undefined {
    return this.#database.associates.get(id);
  }

  find(id: number): AppointmentRow | undefined {
    return this.#database.appointments.get(id);
  }

  /** @throws 404 */
  get(id: number): AppointmentRow {
    const row = this.find(id);
    if (row === undefined) throw notFound('Appointment', id);
    return row;
  }

  create(entity: unknown, actor: AssociateRow, dates: Dates): AppointmentRow {
    const blank: AppointmentRow = { ...emptyRow, associate_id: actor.associate_id, task_idx: 2 };
    const after = readObject(appointmentNames.read(entity), 'AppointmentEntity');
    const seen = this.entities.entity(blank, dates);
    const filled = { ...seen, ...after, ...(after['Associate'] == null ? { Associate: seen['Associate'] } : {}) };
    return this.#diary.insert(blank, readAppointment(seen, filled, blank, dates), actor);
  }

  /** Full replace: what the entity leaves out is erased. */
  replace(row: AppointmentRow, entity: unknown, actor: AssociateRow, dates: Dates): AppointmentRow {
    const after = readObject(appointmentNames.read(entity), 'AppointmentEntity');
    return this.#save(row, this.entities.entity(row, dates), after, actor, dates);
  }

  patch(row: AppointmentRow, patch: unknown, actor: AssociateRow, dates: Dates): AppointmentRow {
    const before = this.entities.entity(row, dates);
    const after = patchEntity(before, patch, appointmentNames, (actual, expected) => sameDate(actual, expected, dates));
    return this.#save(row, before, after, actor, dates);
  }

  delete(row: AppointmentRow, actor: AssociateRow): void {
    this.#diary.delete(row, actor);
  }

  #save(row: AppointmentRow, before: Json, after: Json, actor: AssociateRow, dates: Dates): AppointmentRow {
    const change: AppointmentChange = readAppointment(before, after, row, dates);
    return this.#diary.update(row, change, actor);
  }
}

/** `2026-11-12T08:00:00.000Z` and `2026-11-12T09:00:00+01:00` are one instant. */
function sameDate(actual: unknown, expected: unknown, dates: Dates): boolean {
  const looksLikeDate = (value: unknown) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value);
  if (!looksLikeDate(actual) || !looksLikeDate(expected)) return false;
  return dates.parseInstant(actual, 'test') === dates.parseInstant(expected, 'test');
}

export const emptyRow: AppointmentRow = {
  appointment_id: 0,
  contact_id: 0,
  person_id: 0,
  associate_id: 0,
  group_idx: 0,
  registered: 0,
  registered_associate_id: 0,
  updated: 0,
  updated_associate_id: 0,
  updatedCount: 0,
  done: '',
  do_by: '',
  endDate: '',
  activeDate: '',
  leadtime: 0,
  lagTime: 0,
  alarm: 0,
  hasAlarm: 0,
  task_idx: 0,
  priority_idx: 0,
  type: appointmentTypes.inDiary,
  status: rowStatus.notStarted,
  private: 0,
  text_id: 0,
  agenda_text_id: 0,
  internal_notes_text_id: 0,
  project_id: 0,
  sale_id: 0,
  document_id: 0,
  mother_id: 0,
  mother_associate_id: 0,
  invitedPersonId: 0,
  recurrenceRuleId: 0,
  original_start_date: '',
  location: '',
  alldayEvent: 0,
  freeBusy: 0,
  rejectCounter: 0,
  rejectReason: '',
  emailId: 0,
  SendEmail: 0,
  assignedBy: 0,
  preferredTZLocation: 0,
  isMilestone: 0,
  source: 0,
  userdef_id: 0,
  userdef2_id: 0,
  join_videomeet_url: '',
  centralservice_videomeet_id: '',
  cautionWarning: 0,
  owned_externally: 0,
  color_index: 0,
};
