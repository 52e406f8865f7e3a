// Local time by rules that are the same every year: what a client says of its zone without naming it.
// A wall clock is written as milliseconds as if it were UTC.

const dayMs = 86_400_000;

/** When one of the two halves of the year begins. */
export interface YearlyTurn {
  /** What is added to the bias of the zone while this half lasts. */
  readonly biasMs: number;
  /** 1 to 12; 0 in a zone that never turns its clocks. */
  readonly month: number;
  /** 0 for Sunday. */
  readonly weekday: number;
  /** The first to the fourth such day of the month, 5 for the last; the day itself when `fixedDay` is set. */
  readonly order: number;
  readonly fixedDay: boolean;
  /** On the clock as it stands before the turn. */
  readonly timeMs: number;
}

export interface YearlyRules {
  /** What is added to local time to get UTC. */
  readonly biasMs: number;
  readonly standard: YearlyTurn;
  readonly daylight: YearlyTurn;
}

/** The wall clock at an instant. */
export function wallByRules(instantMs: number, rules: YearlyRules): number {
  const { biasMs, standard, daylight } = rules;
  return instantMs - biasMs - (isDaylight(instantMs, rules) ? daylight : standard).biasMs;
}

/** The instant of a wall clock: the earlier one when there are two; in a gap, as much later as the gap is long. */
export function instantByRules(wallMs: number, rules: YearlyRules): number {
  const { biasMs, standard, daylight } = rules;
  const asDaylight = wallMs + biasMs + daylight.biasMs;
  return isDaylight(asDaylight, rules) ? asDaylight : wallMs + biasMs + standard.biasMs;
}

function isDaylight(instantMs: number, { biasMs, standard, daylight }: YearlyRules): boolean {
  if (standard.month === 0 || daylight.month === 0) return false;
  const year = new Date(instantMs - biasMs).getUTCFullYear();
  const from = turnIn(year, daylight) + biasMs + standard.biasMs;
  const until = turnIn(year, standard) + biasMs + daylight.biasMs;
  // South of the equator summer lasts over the new year.
  return from < until ? instantMs >= from && instantMs < until : instantMs >= from || instantMs < until;
}

/** On the wall clock. */
function turnIn(year: number, { month, weekday, order, fixedDay, timeMs }: YearlyTurn): number {
  if (fixedDay) return Date.UTC(year, month - 1, order) + timeMs;
  const first = Date.UTC(year, month - 1, 1);
  const length = (Date.UTC(year, month, 1) - first) / dayMs;
  let day = 1 + ((weekday - new Date(first).getUTCDay() + 7) % 7) + 7 * (order - 1);
  while (day > length) day -= 7;
  return first + (day - 1) * dayMs + timeMs;
}
