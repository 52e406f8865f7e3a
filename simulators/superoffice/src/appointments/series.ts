// Series as the product keeps them: a rule row and one appointment row per day. "This and forward" rewrites the later
// rows; another pattern ends the old rule and begins a new one, so rule and row ids change under the reader.

import type { UpdateMode } from '../entities/enums.ts';
import { ruleBroken } from '../input/error.ts';
import { expand, maxOccurrences } from '../recurrence/recurrence.ts';
import type { Database } from '../store/database.ts';
import type { AppointmentRow, AssociateRow, RecurrenceRuleRow, Wall } from '../store/rows.ts';
import { wallOf } from '../time/time-zone.ts';
import type { AppointmentChange } from './appointment-input.ts';
import type { Meetings } from './meetings.ts';

export class Series {
  readonly #database: Database;
  readonly #meetings: Meetings;

  constructor(database: Database, meetings: Meetings) {
    this.#database = database;
    this.#meetings = meetings;
  }

  /** Creates all rows; the first is returned. */
  insert(
    blank: AppointmentRow,
    change: AppointmentChange,
    rule: RecurrenceRuleRow,
    actor: AssociateRow,
  ): AppointmentRow {
    const days = daysOf(rule);
    const ruleId = this.#addRule(rule, days);
    const rows = days.map((day) => this.#meetings.insert(blank, onDay(change, blank, day, ruleId), actor));
    const [first] = rows;
    if (first === undefined) throw ruleBroken('The recurrence has no dates');
    return first;
  }

  /** @param rule the recurrence that the client wants from here on; undefined = none. */
  update(
    row: AppointmentRow,
    change: AppointmentChange,
    rule: RecurrenceRuleRow | undefined,
    recurrenceChanged: boolean,
    mode: UpdateMode,
    actor: AssociateRow,
  ): AppointmentRow {
    if (row.recurrenceRuleId === 0) {
      if (rule === undefined) return this.#meetings.update(row, change, actor);
      return this.#startAt(row, change, rule, actor);
    }
    if (mode === 'StopRecurrence' || (recurrenceChanged && rule === undefined)) {
      this.stop(row, actor);
      return this.#updateOne(this.#again(row), change, actor);
    }
    if (mode !== 'ThisAndForward') return this.#updateOne(row, change, actor);
    if (recurrenceChanged && rule !== undefined) return this.#split(row, change, rule, actor);
    return this.#forward(row, change, actor);
  }

  delete(row: AppointmentRow, mode: UpdateMode, actor: AssociateRow): void {
    if (row.recurrenceRuleId === 0 || mode === 'OnlyThis' || mode === 'Unknown') {
      this.#meetings.delete(row, actor);
      return;
    }
    this.stop(row, actor);
    if (mode === 'ThisAndForward') this.#meetings.delete(this.#again(row), actor);
  }

  /** Deletes all later rows and ends the rule here. */
  stop(row: AppointmentRow, actor: AssociateRow): void {
    for (const later of this.#later(row)) this.#meetings.delete(later, actor);
    this.#endRule(row.recurrenceRuleId, row.do_by.slice(0, 10));
  }

  /** Later rows of the same series that lead their meeting; children follow their mothers. */
  #later(row: AppointmentRow): readonly AppointmentRow[] {
    return this.#database.appointments
      .ofRule(row.recurrenceRuleId)
      .filter((other) => other.mother_id === 0 || other.mother_id === other.appointment_id)
      .filter((other) => other.appointment_id !== row.appointment_id && other.do_by > row.do_by)
      .toSorted((a, b) => (a.do_by < b.do_by ? -1 : 1));
  }

  /** An exception: the rule stays as it is, the row remembers which slot it had. */
  #updateOne(row: AppointmentRow, change: AppointmentChange, actor: AssociateRow): AppointmentRow {
    const moved = change.columns.do_by !== undefined && change.columns.do_by !== row.do_by;
    const slot = moved && row.original_start_date === '' ? { original_start_date: row.do_by } : {};
    return this.#meetings.update(row, { ...change, columns: { ...change.columns, ...slot } }, actor);
  }

  #forward(row: AppointmentRow, change: AppointmentChange, actor: AssociateRow): AppointmentRow {
    const later = this.#later(row);
    const updated = this.#meetings.update(row, change, actor);
    const { do_by: _start, endDate: _end, activeDate: _active, ...columns } = change.columns;
    const shiftMs = localMs(updated.do_by) - localMs(row.do_by);
    const lengthMs = localMs(updated.endDate) - localMs(updated.do_by);
    const retimed = updated.do_by !== row.do_by || updated.endDate !== row.endDate;
    for (const other of later) {
      const start = wallOf(localMs(other.do_by) + shiftMs);
      const times = retimed ? { do_by: start, activeDate: start, endDate: wallOf(localMs(start) + lengthMs) } : {};
      this.#meetings.update(other, { ...change, columns: { ...columns, ...times } }, actor);
    }
    return updated;
  }

  /** Another pattern from here on. This row stays as the first of the new series, the later ones are made anew. */
  #split(row: AppointmentRow, change: AppointmentChange, rule: RecurrenceRuleRow, actor: AssociateRow): AppointmentRow {
    const from = (change.columns.do_by ?? row.do_by).slice(0, 10);
    this.stop(row, actor);
    this.#endRule(row.recurrenceRuleId, dayBefore(row.do_by.slice(0, 10)));
    const kept = { ...rule, startDate: [rule.startDate, from].toSorted().at(-1) ?? from };
    const future = { ...kept, dates: kept.dates.filter((day) => day >= from) };
    return this.#startAt(this.#again(row), change, future, actor);
  }

  #startAt(
    row: AppointmentRow,
    change: AppointmentChange,
    rule: RecurrenceRuleRow,
    actor: AssociateRow,
  ): AppointmentRow {
    const days = daysOf(rule);
    const [firstDay, ...others] = days;
    if (firstDay === undefined) throw ruleBroken('The recurrence has no dates');
    const ruleId = this.#addRule(rule, days);
    const first = this.#meetings.update(row, onDay(change, row, firstDay, ruleId), actor);
    const texts = this.#database.texts;
    const copy: AppointmentChange = {
      columns: {},
      title: texts.get(first.text_id)?.title ?? '',
      text: texts.get(first.text_id)?.text ?? '',
      agenda: texts.get(first.agenda_text_id)?.text ?? '',
      notes: texts.get(first.internal_notes_text_id)?.text ?? '',
      participants: this.#database.participants.get(first.mother_id) ?? [],
    };
    const blank = { ...first, mother_id: 0, original_start_date: '', rejectCounter: 0, rejectReason: '' };
    for (const day of others) this.#meetings.insert(blank, onDay(copy, first, day, ruleId), actor);
    return first;
  }

  #addRule(rule: RecurrenceRuleRow, days: readonly string[]): number {
    const id = this.#database.recurrenceRules.takeId();
    const regular = expand(rule);
    const same = regular.length === days.length && regular.every((day, index) => day === days[index]);
    const dates = same && rule.pattern !== 'Custom' ? [] : days;
    const [first = rule.startDate] = days;
    const endDate = rule.endType === 'EndDate' ? rule.endDate : (days.at(-1) ?? rule.endDate);
    this.#database.recurrenceRules.set(id, { ...rule, recurrenceRuleId: id, startDate: first, endDate, dates });
    return id;
  }

  #endRule(ruleId: number, lastDay: string): void {
    const rule = this.#database.recurrenceRules.get(ruleId);
    if (rule === undefined) return;
    const dates = rule.dates.filter((day) => day <= lastDay);
    this.#database.recurrenceRules.set(ruleId, { ...rule, endType: 'EndDate', endDate: lastDay, dates });
  }

  #again(row: AppointmentRow): AppointmentRow {
    return this.#database.appointments.get(row.appointment_id) ?? row;
  }
}

/** The days that the client sent win over the pattern: it may have taken some out. */
function daysOf(rule: RecurrenceRuleRow): readonly string[] {
  const days = rule.dates.length > 0 ? [...new Set(rule.dates)].toSorted() : expand(rule);
  if (rule.endType === 'Unknown' && rule.dates.length === 0 && rule.pattern !== 'Custom') {
    throw ruleBroken('A recurrence must have an end');
  }
  if (days.length > maxOccurrences) throw ruleBroken(`A recurrence has at most ${maxOccurrences} dates`);
  return days;
}

/** The same change on another day: wall-clock times stay, so a series keeps its hour over a change to summer time. */
function onDay(change: AppointmentChange, row: AppointmentRow, day: string, ruleId: number): AppointmentChange {
  const start = change.columns.do_by ?? row.do_by;
  const end = (change.columns.endDate ?? row.endDate) || start;
  const lengthMs = localMs(end) - localMs(start);
  const begins = `${day}${start.slice(10)}`;
  return {
    ...change,
    columns: {
      ...change.columns,
      do_by: begins,
      activeDate: begins,
      endDate: wallOf(localMs(begins) + lengthMs),
      recurrenceRuleId: ruleId,
    },
  };
}

const localMs = (wall: Wall): number => Date.parse(`${wall}Z`);

const dayBefore = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
