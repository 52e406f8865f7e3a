// The schema of a series: a pattern, then a range. Tasks have four patterns more.
import { type ElementType, one, optional, sequence, text } from '../schema/schema.ts';
import { date, integer, listOf, oneOf } from '../schema/simple-types.ts';

const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday Day Weekday WeekendDay';
const months = 'January February March April May June July August September October November December';

const interval = one({ 't:Interval': text(integer(1)) });
const dayList = one({ 't:DaysOfWeek': text(listOf(days)) });
const oneDay = one({ 't:DaysOfWeek': text(oneOf(days)) });
const which = one({ 't:DayOfWeekIndex': text(oneOf('First Second Third Fourth Last')) });
const dayOfMonth = one({ 't:DayOfMonth': text(integer(1, 31)) });
const month = one({ 't:Month': text(oneOf(months)) });
const startDate = one({ 't:StartDate': text(date) });
const regeneration = sequence([interval]);

const patterns = {
  't:RelativeYearlyRecurrence': sequence([oneDay, which, month]),
  't:AbsoluteYearlyRecurrence': sequence([dayOfMonth, month]),
  't:RelativeMonthlyRecurrence': sequence([interval, oneDay, which]),
  't:AbsoluteMonthlyRecurrence': sequence([interval, dayOfMonth]),
  't:WeeklyRecurrence': sequence([interval, dayList, optional({ 't:FirstDayOfWeek': text(oneOf(days)) })]),
  't:DailyRecurrence': sequence([interval]),
};
const ranges = {
  't:NoEndRecurrence': sequence([startDate]),
  't:EndDateRecurrence': sequence([startDate, one({ 't:EndDate': text(date) })]),
  't:NumberedRecurrence': sequence([startDate, one({ 't:NumberOfOccurrences': text(integer(1)) })]),
};

export const recurrence: ElementType = sequence([one(patterns), one(ranges)]);
export const taskRecurrence: ElementType = sequence([
  one({
    ...patterns,
    't:DailyRegeneration': regeneration,
    't:WeeklyRegeneration': regeneration,
    't:MonthlyRegeneration': regeneration,
    't:YearlyRegeneration': regeneration,
  }),
  one(ranges),
]);
