// A series and its occurrences: each is the master with another start and end, unless it was changed or deleted.

import { EwsError } from '../soap/ews-error.ts';
import type { ItemView } from '../store/item-view.ts';
import { zoneOf } from '../store/item-zone.ts';
import { instantOf, wallClockOf } from '../time/zone-arithmetic.ts';
import type { Tree } from '../xml/tree.ts';
import { daysOf } from './days.ts';
import { readRecurrence } from './pattern.ts';

const dayMs = 86_400_000;
/** An index beyond this is out of range whatever the pattern says. */
const maxIndex = 20_000;

/** The recurrence of a stored item, as XML. */
export function recurrenceTree(values: ItemView['values']): Tree | undefined {
  const tree = values['Recurrence'];
  return typeof tree === 'object' && 'name' in tree ? tree : undefined;
}

/**
 * Original starts of all occurrences, deleted ones included, in order.
 * @param fromMs earlier ones need not be given; years of them are passed over quickly
 */
export function* originalStarts(values: ItemView['values'], fromMs = Number.NEGATIVE_INFINITY): Generator<number> {
  const tree = recurrenceTree(values);
  if (tree === undefined) return;
  const zone = zoneOf(values);
  const startWall = wallClockOf(Number(values['Start']), zone);
  const timeOfDay = ((startWall % dayMs) + dayMs) % dayMs;
  for (const day of daysOf(readRecurrence(tree))) {
    if (day + 3 * dayMs < fromMs) continue; // no zone is that far from UTC
    yield instantOf(day + timeOfDay, zone);
  }
}

/** The occurrence with that original start, which must be one of the series. */
export function occurrenceAt(master: ItemView, originalStartMs: number): ItemView {
  const { item } = master;
  const exception = item.exceptions?.find((each) => each.originalStartMs === originalStartMs);
  const { Recurrence: _none, ...values } = master.values;
  const zone = zoneOf(master.values);
  const length = wallClockOf(Number(values['End']), zone) - wallClockOf(Number(values['Start']), zone);
  const end = instantOf(wallClockOf(originalStartMs, zone) + length, zone);
  return {
    mailbox: master.mailbox,
    item,
    values: { ...values, Start: originalStartMs, End: end, ...exception?.values },
    extended: exception?.extended ?? master.extended,
    calendarType: exception === undefined ? 'Occurrence' : 'Exception',
    originalStartMs,
  };
}

/** @param index from 1; deleted occurrences keep their place. @throws EwsError */
export function occurrenceByIndex(master: ItemView, index: number): ItemView {
  let place = 0;
  for (const start of originalStarts(master.values)) {
    place += 1;
    if (place > maxIndex || index < 1) break;
    if (place < index) continue;
    if (isDeleted(master, start)) throw new EwsError('ErrorCalendarOccurrenceIsDeletedFromRecurrence');
    return occurrenceAt(master, start);
  }
  throw new EwsError('ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange');
}

/** @throws EwsError when the series has no such occurrence, or no more */
export function occurrenceByStart(master: ItemView, originalStartMs: number): ItemView {
  for (const start of originalStarts(master.values, originalStartMs)) {
    if (start > originalStartMs) break;
    if (start === originalStartMs && !isDeleted(master, start)) return occurrenceAt(master, start);
  }
  throw new EwsError('ErrorItemNotFound');
}

/** The occurrences that may overlap the span, exceptions that were moved into it included. */
export function occurrencesBetween(master: ItemView, fromMs: number, toMs: number): readonly ItemView[] {
  const length = Number(master.values['End']) - Number(master.values['Start']);
  const moved = new Set((master.item.exceptions ?? []).map((each) => each.originalStartMs));
  const found = [...moved].map((start) => occurrenceAt(master, start));
  for (const start of originalStarts(master.values, fromMs - length - dayMs)) {
    if (start >= toMs) break;
    if (start + length + dayMs < fromMs || moved.has(start) || isDeleted(master, start)) continue;
    found.push(occurrenceAt(master, start));
  }
  return found;
}

/** The occurrences before and after one, as they are now. */
export function neighboursOf(
  master: ItemView,
  originalStartMs: number,
): { readonly before: ItemView | undefined; readonly after: ItemView | undefined } {
  let before: number | undefined;
  for (const start of originalStarts(master.values)) {
    if (isDeleted(master, start) || start === originalStartMs) continue;
    if (start > originalStartMs) return { before: at(master, before), after: occurrenceAt(master, start) };
    before = start;
  }
  return { before: at(master, before), after: undefined };
}

function at(master: ItemView, start: number | undefined): ItemView | undefined {
  return start === undefined ? undefined : occurrenceAt(master, start);
}

/** The first and the last occurrence that are left; no last one for a series without end. */
export function endsOf(master: ItemView): {
  readonly first: ItemView | undefined;
  readonly last: ItemView | undefined;
} {
  const tree = recurrenceTree(master.values);
  if (tree === undefined) return { first: undefined, last: undefined };
  const { lastDay, count } = readRecurrence(tree);
  const endless = lastDay === undefined && count === undefined;
  let first: number | undefined;
  let last: number | undefined;
  for (const start of originalStarts(master.values)) {
    if (isDeleted(master, start)) continue;
    first ??= start;
    last = start;
    if (endless) break;
  }
  return { first: at(master, first), last: endless ? undefined : at(master, last) };
}

function isDeleted(master: ItemView, start: number): boolean {
  return master.item.deletions?.includes(start) === true;
}
