// RecurrenceInfo as the product writes it. All four sub-patterns are always filled, even for a single appointment;
// only `IsRecurrence` says whether they mean anything. Its dates are plain days and are never shifted between zones.
import type { Dates } from './dates.ts';
import type { Wall } from './rows.ts';

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
const weeksOfMonth = ['First', 'Second', 'Third', 'Fourth', 'Last'] as const;

/** What a single appointment shows: the defaults that a user would start from if he made a series of it. */
export function singleRecurrence(start: Wall, dates: Dates): unknown {
  const day = start.slice(0, 10);
  const date = new Date(`${day === '' ? '2000-01-01' : day}T00:00:00Z`);
  const nextYear = day === '' ? '' : `${Number(day.slice(0, 4)) + 1}${day.slice(4).replace('-02-29', '-02-28')}`;
  const weekday = weekdays[date.getUTCDay()];
  const week = weeksOfMonth[Math.floor((date.getUTCDate() - 1) / 7)];
  return {
    RecurrenceId: 0,
    StartDate: dates.day(day),
    EndDate: dates.day(nextYear),
    RecurrenceCounter: 1,
    RecurrenceEndType: 'EndDate',
    Pattern: 'Weekly',
    DayPattern: { Pattern: 'EveryCyclicDay', Cycle: 1 },
    WeekPattern: { Weekdays: weekday, Cycle: 1 },
    MonthPattern: { Pattern: 'DayOfMonth', Cycle: 1, Day: date.getUTCDate(), Weekday: weekday, WeekOfMonth: week },
    YearPattern: {
      Pattern: 'DayOfMonth',
      Cycle: date.getUTCMonth() + 1,
      Day: date.getUTCDate(),
      Weekday: weekday,
      WeekOfMonth: week,
    },
    Dates: day === '' ? [] : [recurrenceDate(day, dates)],
    IsRecurrence: false,
  };
}

export const recurrenceDate = (day: string, dates: Dates): unknown => ({
  Date: dates.day(day),
  IsConflict: false,
  Description: null,
  DescriptionStyleHint: '',
  Tooltip: null,
});
