import { expect, test } from 'vitest';
import type { RecurrenceRuleRow } from '../store/rows.ts';
import { expand, maxOccurrences } from './recurrence.ts';
import { defaultRule } from './recurrence-entity.ts';

const rule = (start: string, change: Partial<RecurrenceRuleRow>): RecurrenceRuleRow => ({
  ...defaultRule(`${start}T09:00:00`),
  endType: 'Counter',
  counter: 4,
  ...change,
});

test('daily: every third day, and workdays only', () => {
  expect(expand(rule('2026-11-12', { pattern: 'Daily', dayCycle: 3 }))).toEqual([
    '2026-11-12',
    '2026-11-15',
    '2026-11-18',
    '2026-11-21',
  ]);
  expect(expand(rule('2026-11-12', { pattern: 'Daily', dayPattern: 'EveryWorkday' }))).toEqual([
    '2026-11-12',
    '2026-11-13',
    '2026-11-16',
    '2026-11-17',
  ]);
});

test('weekly: Monday and Friday of every second week, not before the start', () => {
  const found = expand(rule('2026-11-12', { pattern: 'Weekly', weekdays: 1 + 16, weekCycle: 2 }));
  expect(found).toEqual(['2026-11-13', '2026-11-23', '2026-11-27', '2026-12-07']);
});

test('monthly: the 31st becomes the last day of shorter months', () => {
  const { month } = defaultRule('2026-01-31T09:00:00');
  expect(expand(rule('2026-01-31', { pattern: 'Monthly', month }))).toEqual([
    '2026-01-31',
    '2026-02-28',
    '2026-03-31',
    '2026-04-30',
  ]);
});

test('monthly and yearly by weekday: the last Friday, the second Thursday of November', () => {
  const last = { kind: 'WeekdayOfMonth', cycle: 1, day: 1, weekdays: 16, week: 'Last' } as const;
  expect(expand(rule('2026-11-01', { pattern: 'Monthly', month: last, counter: 2 }))).toEqual([
    '2026-11-27',
    '2026-12-25',
  ]);
  const second = { kind: 'WeekdayOfMonth', cycle: 11, day: 1, weekdays: 8, week: 'Second' } as const;
  expect(expand(rule('2026-11-13', { pattern: 'Yearly', year: second, counter: 2 }))).toEqual([
    '2027-11-11',
    '2028-11-09',
  ]);
});

test('the end date is included, and nothing goes on for ever', () => {
  expect(expand(rule('2026-11-12', { pattern: 'Daily', endType: 'EndDate', endDate: '2026-11-13' }))).toEqual([
    '2026-11-12',
    '2026-11-13',
  ]);
  expect(expand(rule('2026-11-12', { pattern: 'Daily', endType: 'Unknown' }))).toHaveLength(maxOccurrences);
});

test('the defaults of a single appointment stay within the calendar', () => {
  expect(defaultRule('9999-06-01T09:00:00').endDate).toBe('9999-06-01');
  expect(defaultRule('2028-02-29T09:00:00').endDate).toBe('2029-02-28');
});
