// A recurrence as data: a pattern and a range, read from the XML that the item keeps.
// Days are wall-clock midnights in UTC form: a series lives in local time, else it would drift when the clocks change.
import { EwsError } from '../soap/ews-error.ts';
import { readDate } from '../time/date-time.ts';
import { branch, leaf, type Tree } from '../xml/tree.ts';

export type Pattern =
  | { readonly kind: 'daily'; readonly interval: number }
  | { readonly kind: 'weekly'; readonly interval: number; readonly days: readonly number[]; readonly firstDay: number }
  | { readonly kind: 'monthly'; readonly interval: number; readonly dayOfMonth: number }
  | {
      readonly kind: 'relative';
      readonly interval: number;
      readonly days: readonly number[];
      readonly place: number;
      readonly month: number | undefined;
    }
  | { readonly kind: 'yearly'; readonly month: number; readonly dayOfMonth: number };

export interface Recurrence {
  readonly pattern: Pattern;
  readonly firstDay: number;
  /** Last day on which it may take place. */
  readonly lastDay: number | undefined;
  readonly count: number | undefined;
}

const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const dayGroups: Readonly<Record<string, readonly number[]>> = {
  Day: [0, 1, 2, 3, 4, 5, 6],
  Weekday: [1, 2, 3, 4, 5],
  WeekendDay: [0, 6],
};
const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const places = ['First', 'Second', 'Third', 'Fourth', 'Last'];
const maxInterval = 999;
/** No series goes further, one without end neither; and none begins before the first year of a calendar. */
export const latestDay = Date.UTC(4500, 8, 1);
const earliestDay = Date.UTC(1601, 0, 1);

/** Reads a `t:Recurrence`. @throws EwsError when it makes no sense */
export function readRecurrence(tree: Tree): Recurrence {
  const [patternTree, range] = tree.children ?? [];
  const firstDay = readDate(leaf(range, 'StartDate') ?? '');
  if (patternTree === undefined || firstDay === undefined) throw new EwsError('ErrorCalendarInvalidRecurrence');
  if (firstDay < earliestDay || firstDay > latestDay) throw new EwsError('ErrorCalendarInvalidRecurrence');
  const end = leaf(range, 'EndDate');
  const lastDay = end === undefined ? undefined : readDate(end);
  if (end !== undefined && lastDay === undefined) throw new EwsError('ErrorCalendarInvalidRecurrence');
  if (lastDay !== undefined && lastDay > latestDay) throw new EwsError('ErrorRecurrenceEndDateTooBig');
  if (lastDay !== undefined && lastDay < firstDay) throw new EwsError('ErrorCalendarInvalidRecurrence');
  const count = leaf(range, 'NumberOfOccurrences');
  return {
    pattern: readPattern(patternTree),
    firstDay,
    lastDay,
    count: count === undefined ? undefined : Number(count),
  };
}

function readPattern(tree: Tree): Pattern {
  const interval = Number(leaf(tree, 'Interval') ?? 1);
  if (interval > maxInterval) throw new EwsError('ErrorCalendarInvalidRecurrence');
  const month = monthNames.indexOf(leaf(tree, 'Month') ?? '');
  const dayOfMonth = Number(leaf(tree, 'DayOfMonth') ?? 1);
  switch (tree.name) {
    case 'DailyRecurrence':
      return { kind: 'daily', interval };
    case 'WeeklyRecurrence': {
      const firstDay = dayNames.indexOf(leaf(tree, 'FirstDayOfWeek') ?? 'Sunday');
      return { kind: 'weekly', interval, days: readDays(tree), firstDay: Math.max(0, firstDay) };
    }
    case 'AbsoluteMonthlyRecurrence':
      return { kind: 'monthly', interval, dayOfMonth };
    case 'AbsoluteYearlyRecurrence':
      return { kind: 'yearly', month, dayOfMonth };
    case 'RelativeMonthlyRecurrence':
    case 'RelativeYearlyRecurrence': {
      const yearly = branch(tree, 'Month') !== undefined;
      const place = places.indexOf(leaf(tree, 'DayOfWeekIndex') ?? 'First');
      return {
        kind: 'relative',
        interval: yearly ? 12 : interval,
        days: readDays(tree),
        place,
        month: yearly ? month : undefined,
      };
    }
    default:
      throw new EwsError('ErrorUnsupportedRecurrence', 'The recurrence pattern is not supported.');
  }
}

function readDays(tree: Tree): readonly number[] {
  const names = (leaf(tree, 'DaysOfWeek') ?? '').trim().split(/\s+/);
  return [...new Set(names.flatMap((name) => dayGroups[name] ?? [dayNames.indexOf(name)]))].sort((a, b) => a - b);
}
