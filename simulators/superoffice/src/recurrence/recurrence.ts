// Which days a recurrence rule means. Pure. A day that a month does not have (31 in April) becomes its last day.
// Expansion always ends: a series has at most `maxOccurrences` days.
import type { MonthRule, RecurrenceRuleRow } from '../store/rows.ts';

export const maxOccurrences = 1000;

const dayMs = 86_400_000;
const maxSteps = 20_000;

/** The days of the rule, oldest first, each `YYYY-MM-DD`. Without an end it stops at `maxOccurrences`. */
export function expand(rule: RecurrenceRuleRow): readonly string[] {
  if (rule.pattern === 'Custom') return [...new Set(rule.dates)].toSorted().slice(0, maxOccurrences);
  const limit = rule.endType === 'Counter' ? Math.min(rule.counter, maxOccurrences) : maxOccurrences;
  const last = rule.endType === 'EndDate' && rule.endDate !== '' ? rule.endDate : '9999-12-31';
  const days: string[] = [];
  let steps = 0;
  for (const day of candidates(rule)) {
    if (days.length >= limit || day > last || day.startsWith('+') || ++steps > maxSteps) break;
    if (day >= rule.startDate) days.push(day);
  }
  return days;
}

function candidates(rule: RecurrenceRuleRow): Iterable<string> {
  switch (rule.pattern) {
    case 'Daily':
      return daily(rule);
    case 'Weekly':
      return weekly(rule);
    case 'Monthly':
      return monthly(rule.month, rule.startDate, Math.max(rule.month.cycle, 1));
    case 'Yearly':
      return monthly(rule.year, `${rule.startDate.slice(0, 4)}-${String(rule.year.cycle).padStart(2, '0')}-01`, 12);
    default:
      return [rule.startDate];
  }
}

function* daily(rule: RecurrenceRuleRow): Generator<string> {
  const step = rule.dayPattern === 'EveryCyclicDay' ? Math.max(rule.dayCycle, 1) : 1;
  for (let at = dayNumber(rule.startDate); ; at += step) {
    const workday = weekdayFlag(at) < 32;
    if (rule.dayPattern !== 'EveryWorkday' || workday) yield dayText(at);
  }
}

function* weekly(rule: RecurrenceRuleRow): Generator<string> {
  const start = dayNumber(rule.startDate);
  const monday = start - Math.log2(weekdayFlag(start));
  const flags = rule.weekdays === 0 ? weekdayFlag(start) : rule.weekdays;
  for (let week = monday; ; week += 7 * Math.max(rule.weekCycle, 1)) {
    for (let day = 0; day < 7; day++) if (flags & (1 << day)) yield dayText(week + day);
  }
}

function* monthly(rule: MonthRule, start: string, stepMonths: number): Generator<string> {
  const year = Number(start.slice(0, 4));
  const month = Number(start.slice(5, 7)) - 1;
  for (let at = month; ; at += stepMonths) {
    const found = rule.kind === 'DayOfMonth' ? dayOfMonth(year, at, rule.day) : weekdayOfMonth(year, at, rule);
    if (found !== undefined) yield dayText(found);
  }
}

function dayOfMonth(year: number, month: number, day: number): number {
  const days = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(Math.max(day, 1), days)) / dayMs;
}

function weekdayOfMonth(year: number, month: number, rule: MonthRule): number | undefined {
  const first = Date.UTC(year, month, 1) / dayMs;
  const end = Date.UTC(year, month + 1, 1) / dayMs;
  const matching: number[] = [];
  for (let day = first; day < end; day++) if (rule.weekdays & weekdayFlag(day)) matching.push(day);
  const index = { First: 0, Second: 1, Third: 2, Fourth: 3, Last: -1 }[rule.week];
  return matching.at(index);
}

const dayNumber = (day: string): number => Date.parse(`${day}T00:00:00Z`) / dayMs;

const dayText = (number: number): string => new Date(number * dayMs).toISOString().slice(0, 10);

/** Monday 1 … Sunday 64. The epoch's day 0 was a Thursday. */
export const weekdayFlag = (day: number): number => 1 << ((((day + 3) % 7) + 7) % 7);

export const weekdayFlagOf = (day: string): number => weekdayFlag(dayNumber(day));
