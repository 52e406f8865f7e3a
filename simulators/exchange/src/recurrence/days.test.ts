import { describe, expect, it } from 'vitest';
import type { Tree } from '../xml/tree.ts';
import { daysOf } from './days.ts';
import { readRecurrence } from './pattern.ts';

const leafs = (fields: Readonly<Record<string, string>>): readonly Tree[] =>
  Object.entries(fields).map(([name, text]) => ({ name, text }));

function days(
  pattern: string,
  fields: Readonly<Record<string, string>>,
  startDate: string,
  range: Readonly<Record<string, string>>,
): readonly string[] {
  const rangeName = 'EndDate' in range ? 'EndDateRecurrence' : 'NumberedRecurrence';
  const tree: Tree = {
    name: 'Recurrence',
    children: [
      { name: pattern, children: leafs(fields) },
      { name: rangeName, children: leafs({ StartDate: startDate, ...range }) },
    ],
  };
  return [...daysOf(readRecurrence(tree))].map((day) => new Date(day).toISOString().slice(0, 10));
}

describe('the days of a recurrence', () => {
  it('every third day, to the last day inclusive', () => {
    expect(days('DailyRecurrence', { Interval: '3' }, '2026-02-26', { EndDate: '2026-03-04' })).toEqual([
      '2026-02-26',
      '2026-03-01',
      '2026-03-04',
    ]);
  });

  it('every second week, the week beginning on the first day of week', () => {
    const fields = { Interval: '2', DaysOfWeek: 'Sunday Monday', FirstDayOfWeek: 'Monday' };
    expect(days('WeeklyRecurrence', fields, '2026-03-02', { NumberOfOccurrences: '4' })).toEqual([
      '2026-03-02',
      '2026-03-08',
      '2026-03-16',
      '2026-03-22',
    ]);
    const fromSunday = { ...fields, FirstDayOfWeek: 'Sunday' };
    expect(days('WeeklyRecurrence', fromSunday, '2026-03-02', { NumberOfOccurrences: '3' })).toEqual([
      '2026-03-02',
      '2026-03-15',
      '2026-03-16',
    ]);
  });

  it('on the 31st, or the last day of a shorter month', () => {
    expect(
      days('AbsoluteMonthlyRecurrence', { Interval: '1', DayOfMonth: '31' }, '2026-01-31', {
        NumberOfOccurrences: '4',
      }),
    ).toEqual(['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30']);
  });

  it('on the last weekday of each month, and the second Tuesday', () => {
    expect(
      days(
        'RelativeMonthlyRecurrence',
        { Interval: '1', DaysOfWeek: 'Weekday', DayOfWeekIndex: 'Last' },
        '2026-01-01',
        { NumberOfOccurrences: '3' },
      ),
    ).toEqual(['2026-01-30', '2026-02-27', '2026-03-31']);
    expect(
      days(
        'RelativeMonthlyRecurrence',
        { Interval: '2', DaysOfWeek: 'Tuesday', DayOfWeekIndex: 'Second' },
        '2026-01-20',
        { NumberOfOccurrences: '2' },
      ),
    ).toEqual(['2026-03-10', '2026-05-12']);
  });

  it('once a year, by date and by weekday', () => {
    expect(
      days('AbsoluteYearlyRecurrence', { DayOfMonth: '29', Month: 'February' }, '2026-01-01', {
        NumberOfOccurrences: '3',
      }),
    ).toEqual(['2026-02-28', '2027-02-28', '2028-02-29']);
    expect(
      days('RelativeYearlyRecurrence', { DaysOfWeek: 'Sunday', DayOfWeekIndex: 'Last', Month: 'March' }, '2026-04-01', {
        NumberOfOccurrences: '2',
      }),
    ).toEqual(['2027-03-28', '2028-03-26']);
  });
});
