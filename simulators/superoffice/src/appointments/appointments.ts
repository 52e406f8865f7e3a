// Reads and saves whole appointment entities: what REST and agents have in common. It decides which rows a save
// touches; the rows themselves are written by the diary.

import { isDeepStrictEqual } from 'node:util';
import { mayRead } from '../access/read-right.ts';
import { appointmentTypes, rowStatus, type UpdateMode } from '../entities/enums.ts';
import { notFound } from '../input/error.ts';
import { type Json, readObject } from '../input/json-input.ts';
import { patchEntity } from '../input/patch.ts';
import { readRecurrence } from '../recurrence/recurrence-entity.ts';
import type { Database } from '../store/database.ts';
import type { AppointmentRow, AssociateRow } from '../store/rows.ts';
import type { Clock } from '../time/clock.ts';
import type { Dates } from '../time/dates.ts';
import type { TimeZone } from '../time/time-zone.ts';
import { AppointmentEntities } from './appointment-entity.ts';
import { appointmentNames, readAppointment } from './appointment-input.ts';
import type { Diary } from './diary.ts';
import { Meetings } from './meetings.ts';
import { Series } from './series.ts';

const hourMs = 3_600_000;

export class Appointments {
  readonly entities: AppointmentEntities;
  readonly meetings: Meetings;
  readonly series: Series;
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #base: TimeZone;

  constructor(database: Database, diary: Diary, clock: Clock, base: TimeZone) {
    this.#database = database;
    this.#clock = clock;
    this.#base = base;
    this.entities = new AppointmentEntities(database);
    this.meetings = new Meetings(database, diary);
    this.series = new Series(database, this.meetings);
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

  /** The row, if the reader may see it. */
  find(id: number, reader: AssociateRow): AppointmentRow | undefined {
    const row = this.#database.appointments.get(id);
    return row !== undefined && mayRead(row, reader, this.#database) ? row : undefined;
  }

  /** @throws 404 */
  get(id: number, reader: AssociateRow): AppointmentRow {
    const row = this.find(id, reader);
    if (row === undefined) throw notFound('Appointment', id);
    return row;
  }

  create(entity: unknown, actor: AssociateRow, dates: Dates): AppointmentRow {
    const blank: AppointmentRow = { ...emptyRow, associate_id: actor.associate_id, task_idx: 2 };
    const after = readObject(appointmentNames.read(entity), 'AppointmentEntity');
    const seen = this.entities.entity(blank, dates);
    const filled = { ...seen, ...after, ...(after['Associate'] == null ? { Associate: seen['Associate'] } : {}) };
    const change = readAppointment(seen, filled, blank, dates);
    const rule = readRecurrence(after['Recurrence'], change.columns.do_by ?? '', dates);
    return rule === undefined
      ? this.meetings.insert(blank, change, actor)
      : this.series.insert(blank, change, rule, actor);
  }

  /** The row and, in a series, those of the same associate after it. */
  fromHere(row: AppointmentRow): readonly AppointmentRow[] {
    const rows = this.#database.appointments.ofRule(row.recurrenceRuleId);
    const later = rows.filter((other) => other.associate_id === row.associate_id && other.do_by > row.do_by);
    return [row, ...later];
  }

  /** Full replace: what the entity leaves out is erased. REST knows no mode and changes the one row. */
  replace(row: AppointmentRow, entity: unknown, caller: Caller, mode: UpdateMode): AppointmentRow {
    const after = readObject(appointmentNames.read(entity), 'AppointmentEntity');
    return this.#save(row, this.entities.entity(row, caller.dates), after, caller, mode);
  }

  patch(row: AppointmentRow, patch: unknown, caller: Caller): AppointmentRow {
    const { dates } = caller;
    const before = this.entities.entity(row, dates);
    const after = patchEntity(before, patch, appointmentNames, (actual, expected) => sameDate(actual, expected, dates));
    return this.#save(row, before, after, caller, 'OnlyThis');
  }

  #save(row: AppointmentRow, before: Json, after: Json, { actor, dates }: Caller, mode: UpdateMode): AppointmentRow {
    const change = readAppointment(before, after, row, dates);
    const seen = readRecurrence(before['Recurrence'], row.do_by, dates);
    const rule = readRecurrence(after['Recurrence'], row.do_by, dates);
    // Compared by meaning: clients write flags as numbers and add empty fields on the way.
    const changed = !isDeepStrictEqual(seen, rule);
    return this.series.update(row, change, rule, changed, mode, actor);
  }
}

/** Who saves, and how he writes dates. */
export interface Caller {
  readonly actor: AssociateRow;
  readonly dates: Dates;
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
