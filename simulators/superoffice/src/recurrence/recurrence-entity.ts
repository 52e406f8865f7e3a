// RecurrenceInfo on the wire. All four sub-patterns are always filled, even for a single appointment; only
// `IsRecurrence` says whether they mean anything. Its dates are plain days and are never shifted between zones.

import { invalidRequest } from '../input/error.ts';
import { isObject, type Json, readBoolean, readInteger, readObject } from '../input/json-input.ts';
import type { MonthRule, RecurrenceRuleRow, Wall } from '../store/rows.ts';
import type { Dates } from '../time/dates.ts';
import { maxOccurrences, weekdayFlagOf } from './recurrence.ts';

const weekdayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
const weeks = ['First', 'Second', 'Third', 'Fourth', 'Last'] as const;
const patterns = ['Unknown', 'Daily', 'Weekly', 'Monthly', 'Yearly', 'Custom'] as const;
const dayPatterns = ['Unknown', 'EveryWorkday', 'EveryWeekday', 'EveryCyclicDay'] as const;
const monthKinds = ['Unknown', 'DayOfMonth', 'WeekdayOfMonth'] as const;
const endTypes = ['Unknown', 'EndDate', 'Counter'] as const;

/** What a single appointment shows: the defaults that a user would start from if he made a series of it. */
export function defaultRule(start: Wall): RecurrenceRuleRow {
  const day = start === '' ? '2000-01-01' : start.slice(0, 10);
  const dayOfMonth = Number(day.slice(8));
  const weekdays = weekdayFlagOf(day);
  const week = weeks[Math.floor((dayOfMonth - 1) / 7)] ?? 'Last';
  const month: MonthRule = { kind: 'DayOfMonth', cycle: 1, day: dayOfMonth, weekdays, week };
  return {
    recurrenceRuleId: 0,
    pattern: 'Weekly',
    dayPattern: 'EveryCyclicDay',
    dayCycle: 1,
    weekdays,
    weekCycle: 1,
    month,
    year: { ...month, cycle: Number(day.slice(5, 7)) },
    startDate: day,
    endDate: yearLater(day),
    endType: 'EndDate',
    counter: 1,
    dates: [],
  };
}

function yearLater(day: string): string {
  const year = Math.min(Number(day.slice(0, 4)) + 1, 9999);
  return `${String(year).padStart(4, '0')}${day.slice(4).replace('-02-29', '-02-28')}`;
}

export function recurrenceEntity(rule: RecurrenceRuleRow, days: readonly string[], dates: Dates): Json {
  const month = ({ kind, cycle, day, weekdays, week }: MonthRule) => ({
    Pattern: kind,
    Cycle: cycle,
    Day: day,
    Weekday: weekdayText(weekdays),
    WeekOfMonth: week,
  });
  return {
    RecurrenceId: rule.recurrenceRuleId,
    StartDate: dates.day(rule.startDate),
    EndDate: dates.day(rule.endDate),
    RecurrenceCounter: rule.counter,
    RecurrenceEndType: rule.endType,
    Pattern: rule.pattern,
    DayPattern: { Pattern: rule.dayPattern, Cycle: rule.dayCycle },
    WeekPattern: { Weekdays: weekdayText(rule.weekdays), Cycle: rule.weekCycle },
    MonthPattern: month(rule.month),
    YearPattern: month(rule.year),
    Dates: days.map((day) => recurrenceDate(day, dates)),
    IsRecurrence: rule.recurrenceRuleId !== 0,
  };
}

export const recurrenceDate = (day: string, dates: Dates): Json => ({
  Date: dates.day(day),
  IsConflict: false,
  Description: null,
  DescriptionStyleHint: '',
  Tooltip: null,
});

/** A recurrence that a client sent, or undefined when it says that there is none. @throws 400 */
export function readRecurrence(value: unknown, start: Wall, dates: Dates): RecurrenceRuleRow | undefined {
  if (!isObject(value)) return undefined;
  const pattern = member(value['Pattern'], 'Recurrence.Pattern', patterns);
  if (!readBoolean(value['IsRecurrence'], 'IsRecurrence') || pattern === 'Unknown') return undefined;
  const fallback = defaultRule(start);
  const day = readSub(value['DayPattern']);
  const week = readSub(value['WeekPattern']);
  const dayPattern = member(day['Pattern'], 'DayPattern.Pattern', dayPatterns);
  return {
    recurrenceRuleId: 0,
    pattern,
    dayPattern: dayPattern === 'Unknown' ? 'EveryCyclicDay' : dayPattern,
    dayCycle: positive(day['Cycle'], 'DayPattern.Cycle'),
    weekdays: readWeekdays(week['Weekdays'], 'WeekPattern.Weekdays'),
    weekCycle: positive(week['Cycle'], 'WeekPattern.Cycle'),
    month: readMonth(value['MonthPattern'], 'MonthPattern', fallback.month),
    year: readMonth(value['YearPattern'], 'YearPattern', fallback.year),
    startDate: dates.parseDay(value['StartDate'], 'Recurrence.StartDate') || fallback.startDate,
    endDate: dates.parseDay(value['EndDate'], 'Recurrence.EndDate'),
    endType: member(value['RecurrenceEndType'], 'RecurrenceEndType', endTypes),
    counter: readInteger(value['RecurrenceCounter'], 'RecurrenceCounter'),
    dates: readDays(value['Dates'], dates),
  };
}

function readDays(value: unknown, dates: Dates): readonly string[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value) || value.length > maxOccurrences) throw invalidRequest('Recurrence.Dates is not a list.');
  return value
    .map((item) => dates.parseDay(readObject(item, 'Dates')['Date'], 'Dates.Date'))
    .filter((day) => day !== '');
}

function readMonth(value: unknown, name: string, fallback: MonthRule): MonthRule {
  if (!isObject(value)) return fallback;
  const kind = member(value['Pattern'], `${name}.Pattern`, monthKinds);
  const week = value['WeekOfMonth'];
  return {
    kind: kind === 'Unknown' ? 'DayOfMonth' : kind,
    cycle: positive(value['Cycle'], `${name}.Cycle`),
    day: positive(value['Day'] ?? fallback.day, `${name}.Day`),
    weekdays: readWeekdays(value['Weekday'], `${name}.Weekday`) || fallback.weekdays,
    week: week === null || week === undefined || week === 'Unknown' || week === 0 ? fallback.week : weekOf(week, name),
  };
}

/** Numbered from 1 in the enumeration. */
function weekOf(value: unknown, name: string): MonthRule['week'] {
  if (typeof value === 'number') return member(value - 1, `${name}.WeekOfMonth`, weeks);
  return member(value, `${name}.WeekOfMonth`, weeks);
}

/** Flags as `Monday, Wednesday` or as their sum. */
function readWeekdays(value: unknown, field: string): number {
  if (value === null || value === undefined || value === 'Unknown' || value === '') return 0;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 128) return value;
  if (typeof value !== 'string') throw invalidRequest(`The value of '${field}' is not a list of weekdays.`);
  let flags = 0;
  for (const name of value.split(',')) {
    const index = weekdayNames.findIndex((weekday) => weekday.toLowerCase() === name.trim().toLowerCase());
    if (index < 0) throw invalidRequest(`The value of '${field}' is not a list of weekdays.`);
    flags |= 1 << index;
  }
  return flags;
}

const weekdayText = (flags: number): string =>
  weekdayNames.filter((_name, index) => flags & (1 << index)).join(', ') || 'Unknown';

const readSub = (value: unknown): Json => (isObject(value) ? value : {});

function positive(value: unknown, field: string): number {
  const number = Math.max(readInteger(value, field), 1);
  if (number > 999) throw invalidRequest(`The value of '${field}' is too large.`);
  return number;
}

function member<T extends string>(value: unknown, field: string, names: readonly [T, ...T[]]): T {
  if (value === null || value === undefined) return names[0];
  const found = names.find((name, index) => index === value || name.toLowerCase() === String(value).toLowerCase());
  if (found === undefined) throw invalidRequest(`The value of '${field}' is not one of its enumeration.`);
  return found;
}
