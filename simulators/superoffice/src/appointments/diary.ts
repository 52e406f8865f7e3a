// Every write to an appointment row goes through here, whoever makes it: it keeps the stamps, the transaction log, the
// side tables and the webhook events together. One row is one event: a series of fifty is fifty of them.

import type { EventSink } from '../changes/change-event.ts';
import type { TransactionLog } from '../changes/transaction-log.ts';
import { privacies, rowStatus } from '../entities/enums.ts';
import { priorityList, taskList } from '../entities/lists.ts';
import { ruleBroken } from '../input/error.ts';
import type { Database } from '../store/database.ts';
import type { AppointmentRow, AssociateRow, VisibleForRow } from '../store/rows.ts';
import type { Clock } from '../time/clock.ts';
import type { TimeZone } from '../time/time-zone.ts';
import type { AppointmentChange } from './appointment-input.ts';

export interface DiaryParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly base: TimeZone;
  readonly log: TransactionLog;
  readonly emit: EventSink;
}

export class Diary {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #base: TimeZone;
  readonly #log: TransactionLog;
  readonly #emit: EventSink;

  constructor(parts: DiaryParts) {
    this.#database = parts.database;
    this.#clock = parts.clock;
    this.#base = parts.base;
    this.#log = parts.log;
    this.#emit = parts.emit;
  }

  /** Inserts one row; a child of a meeting shares the texts of `blank`. @throws 500 when it refers to nothing or ends before it begins. */
  insert(blank: AppointmentRow, change: AppointmentChange, actor: AssociateRow, asMother = false): AppointmentRow {
    const database = this.#database;
    const draft = this.#complete({ ...blank, ...change.columns });
    this.#check(draft);
    const id = database.appointments.takeId();
    const privacy = this.#privacy(draft, change);
    const texts = draft.mother_id === 0 ? this.#newTexts(change) : {};
    const row: AppointmentRow = {
      ...draft,
      ...texts,
      appointment_id: id,
      mother_id: asMother ? id : draft.mother_id,
      private: privacy.level,
      registered: this.#clock.nowSecondMs(),
      registered_associate_id: actor.associate_id,
      updated: 0,
      updated_associate_id: 0,
      updatedCount: 0,
    };
    database.appointments.set(id, row);
    if (privacy.visibleFor !== undefined) database.visibleFor.set(id, privacy.visibleFor);
    if (change.customFields !== undefined) database.customFields.set(id, change.customFields);
    this.#log.add('insert', 'appointment', id, actor.associate_id);
    this.#emit({
      entity: 'activity',
      action: 'created',
      primaryKey: id,
      changes: Object.entries(row).flatMap(([column, value]) => (value === 0 || value === '' ? [] : [column])),
      fieldValues: this.#fieldValues(row),
      changedBy: actor.associate_id,
    });
    return row;
  }

  /**
   * Changes one row. A change that changes nothing leaves the stamps alone; an edit of user-defined fields only is
   * silent, because they live in a side table.
   */
  update(row: AppointmentRow, change: AppointmentChange, actor: AssociateRow): AppointmentRow {
    const database = this.#database;
    const privacy = this.#privacy({ ...row, ...change.columns }, change);
    const wanted = this.#complete({ ...row, ...change.columns, private: privacy.level });
    this.#check(wanted);
    const textChanged = this.#updateTexts(row, change);
    const withTexts: AppointmentRow = { ...wanted, ...textChanged.columns };
    if (change.customFields !== undefined) {
      const kept = database.customFields.get(row.appointment_id) ?? {};
      database.customFields.set(row.appointment_id, { ...kept, ...change.customFields });
    }
    if (privacy.visibleFor !== undefined) database.visibleFor.set(row.appointment_id, privacy.visibleFor);
    const columns = changedColumns(row, withTexts);
    const loud = columns.length > 0 || (textChanged.any && !database.switches.silentTextEdits);
    if (!loud) return row;
    const stamped: AppointmentRow = {
      ...withTexts,
      updated: this.#clock.nowSecondMs(),
      updated_associate_id: actor.associate_id,
      updatedCount: row.updatedCount + 1,
    };
    database.appointments.set(row.appointment_id, stamped);
    this.#log.add('update', 'appointment', row.appointment_id, actor.associate_id);
    if (stamped.associate_id !== row.associate_id) {
      this.#log.add('updateOwner', 'appointment', row.appointment_id, actor.associate_id, row.associate_id);
    }
    this.#emit({
      entity: 'activity',
      action: 'changed',
      primaryKey: row.appointment_id,
      changes: ['appointment_id', ...columns, 'updated', 'updated_associate_id', 'updatedCount'],
      fieldValues: this.#fieldValues(stamped),
      changedBy: actor.associate_id,
    });
    return stamped;
  }

  /** Removes one row for good, with its side tables and foreign keys. */
  delete(row: AppointmentRow, actor: AssociateRow): void {
    const database = this.#database;
    const id = row.appointment_id;
    database.appointments.delete(id);
    for (const textId of [row.text_id, row.agenda_text_id, row.internal_notes_text_id]) {
      if (!this.#textShared(textId, row)) database.texts.delete(textId);
    }
    for (const table of [database.customFields, database.visibleFor]) table.delete(id);
    if (row.mother_id !== 0 && database.appointments.ofMother(row.mother_id).length === 0) {
      database.participants.delete(row.mother_id);
    }
    database.deleteInvitations(id);
    database.deleteForeignKeys('appointment', id);
    this.#log.add('delete', 'appointment', id, actor.associate_id);
    this.#emit({
      entity: 'activity',
      action: 'deleted',
      primaryKey: id,
      changes: [],
      values: {
        appointment_id: id,
        contact_id: row.contact_id,
        person_id: row.person_id,
        project_id: row.project_id,
        sale_id: row.sale_id,
      },
      changedBy: actor.associate_id,
    });
  }

  /** An edit of the text behind the row's back: no event, no stamp, no log. */
  editSilently(row: AppointmentRow, change: AppointmentChange): void {
    this.#updateTexts(row, change);
    if (change.customFields !== undefined) {
      const kept = this.#database.customFields.get(row.appointment_id) ?? {};
      this.#database.customFields.set(row.appointment_id, { ...kept, ...change.customFields });
    }
  }

  #newTexts(change: AppointmentChange): Partial<AppointmentRow> {
    return {
      text_id: this.#storeText(0, change.title || change.text || '', change.text ?? ''),
      agenda_text_id: this.#storeText(0, '', change.agenda ?? ''),
      internal_notes_text_id: this.#storeText(0, '', change.notes ?? ''),
    };
  }

  #textShared(textId: number, row: AppointmentRow): boolean {
    if (textId === 0) return true;
    const family = this.#database.appointments.ofMother(row.mother_id);
    return family.some((other) => [other.text_id, other.agenda_text_id, other.internal_notes_text_id].includes(textId));
  }

  #complete(row: AppointmentRow): AppointmentRow {
    const associate = this.#database.associates.get(row.associate_id);
    const person = this.#database.persons.get(row.person_id);
    return {
      ...row,
      group_idx: associate?.group_idx ?? row.group_idx,
      contact_id: row.contact_id === 0 ? (person?.contact_id ?? 0) : row.contact_id,
      invitedPersonId: row.invitedPersonId === 0 ? (associate?.person_id ?? 0) : row.invitedPersonId,
      mother_associate_id: row.mother_id === 0 ? row.associate_id : row.mother_associate_id,
      done: row.status === rowStatus.completed ? row.done || this.#base.toWall(this.#clock.nowSecondMs()) : '',
    };
  }

  #check(row: AppointmentRow): void {
    const database = this.#database;
    const missing = (what: string, id: number, found: boolean) => {
      if (id !== 0 && !found) throw ruleBroken(`${what} id ${id} not found`);
    };
    missing('Associate', row.associate_id, database.associates.get(row.associate_id) !== undefined);
    missing('Contact', row.contact_id, database.contacts.get(row.contact_id) !== undefined);
    missing('Person', row.person_id, database.persons.get(row.person_id) !== undefined);
    missing(
      'Task',
      row.task_idx,
      taskList.some((item) => item.id === row.task_idx),
    );
    missing(
      'Priority',
      row.priority_idx,
      priorityList.some((item) => item.id === row.priority_idx),
    );
    missing('Project', row.project_id, false);
    missing('Sale', row.sale_id, false);
    const person = database.persons.get(row.person_id);
    if (person !== undefined && person.contact_id !== row.contact_id) {
      throw ruleBroken(`Person id ${row.person_id} does not belong to contact id ${row.contact_id}`);
    }
    if (row.do_by === '') throw ruleBroken('An appointment must have a StartDate');
    if (row.endDate !== '' && row.endDate < row.do_by) throw ruleBroken('EndDate is before StartDate');
  }

  /** `Private` and VisibleFor mirror each other; the one that the client changed leads. */
  #privacy(row: AppointmentRow, change: AppointmentChange): { level: number; visibleFor?: readonly VisibleForRow[] } {
    if (change.visibleFor !== undefined) {
      const kinds = new Set(change.visibleFor.map((item) => item.visibility));
      const level = kinds.has('All') ? 'Public' : kinds.has('Group') ? 'PrivateGroup' : 'PrivateUser';
      return { level: privacies[level], visibleFor: change.visibleFor };
    }
    if (change.columns.private === undefined) return { level: row.private };
    const visibleFor: Readonly<Record<number, VisibleForRow>> = {
      [privacies.Public]: { visibleId: 0, visibility: 'All' },
      [privacies.PrivateUser]: { visibleId: row.associate_id, visibility: 'Associate' },
      [privacies.PrivateGroup]: { visibleId: row.group_idx, visibility: 'Group' },
    };
    const mirrored = visibleFor[row.private];
    return mirrored === undefined ? { level: row.private } : { level: row.private, visibleFor: [mirrored] };
  }

  #storeText(textId: number, title: string, text: string): number {
    if (textId === 0 && title === '' && text === '') return 0;
    const id = textId === 0 ? this.#database.texts.takeId() : textId;
    this.#database.texts.set(id, { title, text });
    return id;
  }

  #updateTexts(row: AppointmentRow, change: AppointmentChange): { any: boolean; columns: Partial<AppointmentRow> } {
    const any = [change.title, change.text, change.agenda, change.notes].some((value) => value !== undefined);
    if (!any) return { any, columns: {} };
    const old = this.#database.texts.get(row.text_id);
    const columns = {
      text_id: this.#storeText(row.text_id, change.title ?? old?.title ?? '', change.text ?? old?.text ?? ''),
      agenda_text_id: this.#storeOther(row.agenda_text_id, change.agenda),
      internal_notes_text_id: this.#storeOther(row.internal_notes_text_id, change.notes),
    };
    return { any, columns };
  }

  #storeOther(textId: number, text: string | undefined): number {
    return text === undefined ? textId : this.#storeText(textId, '', text);
  }

  /** Times are local with an offset here, unlike anywhere else: clients are told to trust the integers only. */
  #fieldValues(row: AppointmentRow): Readonly<Record<string, unknown>> {
    const local = (wall: string) =>
      wall === '' ? '0001-01-01T00:00:00' : wall + this.#base.suffix(this.#base.toInstantMs(wall));
    return {
      activeDate: local(row.activeDate),
      associate_id: row.associate_id,
      contact_id: row.contact_id,
      do_by: local(row.do_by),
      document_id: row.document_id,
      endDate: local(row.endDate),
      modified_appointment_fields: 0,
      mother_id: row.mother_id,
      person_id: row.person_id,
      private: row.private,
      project_id: row.project_id,
      sale_id: row.sale_id,
      status: row.status,
      task_idx: row.task_idx,
      type: row.type,
      updated: row.updated === 0 ? '0001-01-01T00:00:00' : local(this.#base.toWall(row.updated)),
      userdef_id: row.userdef_id,
      userdef2_id: row.userdef2_id,
    };
  }
}

function changedColumns(before: AppointmentRow, after: AppointmentRow): readonly string[] {
  const old: Readonly<Record<string, unknown>> = { ...before };
  return Object.entries(after).flatMap(([column, value]) => (old[column] === value ? [] : [column]));
}
