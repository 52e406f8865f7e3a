// The days on which a recurrence takes place, one after the other. For one without end they are very many: take what you need.
import { latestDay, type Pattern, type Recurrence } from './pattern.ts';

const dayMs = 86_400_000;
const weekMs = 7 * dayMs;
/** The last place of a relative pattern: `Last` instead of the fifth. */
const last = 4;
/** A pattern that gives no day for so many periods never will again. */
const maxEmptyPeriods = 5_000;

/** Wall-clock midnights in UTC form, in order. */
export function* daysOf(recurrence: Recurrence): Generator<number> {
  const { pattern, firstDay, lastDay = latestDay, count = Number.POSITIVE_INFINITY } = recurrence;
  let given = 0;
  let emptyPeriods = 0;
  for (let period = 0; given < count && emptyPeriods < maxEmptyPeriods; period += 1) {
    emptyPeriods += 1;
    for (const day of daysInPeriod(pattern, firstDay, period)) {
      if (day < firstDay) continue;
      if (day > lastDay || given >= count) return;
      emptyPeriods = 0;
      given += 1;
      yield day;
    }
  }
}

/** The days of the n-th day, week, month or year of the pattern. */
function daysInPeriod(pattern: Pattern, firstDay: number, period: number): readonly number[] {
  const start = new Date(firstDay);
  switch (pattern.kind) {
    case 'daily':
      return [firstDay + period * pattern.interval * dayMs];
    case 'weekly': {
      const sinceFirst = (start.getUTCDay() - pattern.firstDay + 7) % 7;
      const week = firstDay - sinceFirst * dayMs + period * pattern.interval * weekMs;
      const offsets = pattern.days.map((day) => (day - pattern.firstDay + 7) % 7).sort((a, b) => a - b);
      return offsets.map((offset) => week + offset * dayMs);
    }
    case 'monthly':
      return [dayInMonth(start.getUTCFullYear(), start.getUTCMonth() + period * pattern.interval, pattern.dayOfMonth)];
    case 'yearly':
      return [dayInMonth(start.getUTCFullYear() + period, pattern.month, pattern.dayOfMonth)];
    case 'relative': {
      const month = (pattern.month ?? start.getUTCMonth()) + period * pattern.interval;
      return relativeDay(start.getUTCFullYear(), month, pattern.days, pattern.place);
    }
  }
}

/** In a month that is too short, its last day. */
function dayInMonth(year: number, month: number, day: number): number {
  const length = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(day, length));
}

function relativeDay(year: number, month: number, days: readonly number[], place: number): readonly number[] {
  const length = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const fitting: number[] = [];
  for (let day = 1; day <= length; day += 1) {
    const at = Date.UTC(year, month, day);
    if (days.includes(new Date(at).getUTCDay())) fitting.push(at);
  }
  const found = place === last ? fitting.at(-1) : fitting[place];
  return found === undefined ? [] : [found];
}
