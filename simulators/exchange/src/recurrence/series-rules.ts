// What Exchange checks and adjusts when a series is saved.

import { EwsError } from '../soap/ews-error.ts';
import { zoneOf } from '../store/item-zone.ts';
import type { PropertyValue } from '../store/values.ts';
import { wallClockOf } from '../time/zone-arithmetic.ts';
import { readRecurrence } from './pattern.ts';
import { originalStarts, recurrenceTree } from './series.ts';

type Values = Record<string, PropertyValue>;

/** The start moves to the first occurrence. @throws EwsError when there is none, or they would overlap */
export function withSeriesRules(values: Values): Values {
  if (recurrenceTree(values) === undefined) return values;
  const starts = originalStarts(values);
  const first = starts.next().value;
  const second = starts.next().value;
  if (first === undefined) throw new EwsError('ErrorRecurrenceHasNoOccurrence', 'The recurrence has no occurrence.');
  const length = Number(values['End']) - Number(values['Start']);
  if (second !== undefined && length > second - first) {
    throw new EwsError('ErrorOccurrenceTimeSpanTooBig', 'The occurrence is longer than the time to the next one.');
  }
  return { ...values, Start: first, End: first + length };
}

/** Whether two versions of an item take place at the same times: if not, changed occurrences are given up. */
export function sameTimes(a: Readonly<Values>, b: Readonly<Values>): boolean {
  const [before, after] = [recurrenceTree(a), recurrenceTree(b)];
  if (before === undefined || after === undefined) return before === after;
  return JSON.stringify([readRecurrence(before), timesOf(a)]) === JSON.stringify([readRecurrence(after), timesOf(b)]);
}

function timesOf(values: Readonly<Values>): readonly unknown[] {
  const zone = zoneOf(values);
  return [zone, wallClockOf(Number(values['Start']), zone), Number(values['End']) - Number(values['Start'])];
}
