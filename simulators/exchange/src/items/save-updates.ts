// Stores the outcome of an update: in the item, or, for one occurrence of a series, as a difference in its master.
import { neighboursOf, occurrenceAt } from '../recurrence/series.ts';
import { sameTimes } from '../recurrence/series-rules.ts';
import { EwsError } from '../soap/ews-error.ts';
import { type ItemView, viewOf } from '../store/item-view.ts';
import { zoneOf } from '../store/item-zone.ts';
import { wallClockOf } from '../time/zone-arithmetic.ts';
import type { Updates } from './item-updates.ts';
import { completeOccurrence } from './recurring-tasks.ts';

const dayMs = 86_400_000;

/** @returns the item as it is now. @throws EwsError when an occurrence would cross its neighbour */
export function saveUpdates(view: ItemView, updates: Updates, author: string): ItemView {
  const { mailbox, item, originalStartMs } = view;
  if (originalStartMs !== undefined) return saveOccurrence(view, originalStartMs, updates, author);
  const completed = completeOccurrence(view, updates, author);
  if (completed !== undefined) return completed;
  const kept = item.kind !== 'CalendarItem' || sameTimes(item.values, updates.values);
  mailbox.change(item, kept ? updates : { ...updates, exceptions: [], deletions: [] }, author);
  return viewOf(mailbox, item);
}

function saveOccurrence(view: ItemView, originalStartMs: number, updates: Updates, author: string): ItemView {
  const { mailbox, item } = view;
  if (updates.touched.includes('Recurrence') && updates.values['Recurrence'] !== undefined) {
    throw new EwsError('ErrorInvalidPropertySet', "Set action is invalid for property 'calendar:Recurrence'.");
  }
  const master = viewOf(mailbox, item);
  refuseCrossing(master, originalStartMs, updates);
  const known = item.exceptions?.find((each) => each.originalStartMs === originalStartMs);
  const touched = updates.touched.filter((name) => updates.values[name] !== undefined);
  const changed = Object.fromEntries(touched.map((name) => [name, updates.values[name] ?? '']));
  const times = { Start: updates.values['Start'] ?? 0, End: updates.values['End'] ?? 0 };
  const exception = {
    ...known,
    originalStartMs,
    values: { ...known?.values, ...changed, ...times },
    extended: updates.extended,
  };
  const exceptions = [...(item.exceptions ?? []).filter((each) => each !== known), exception];
  exceptions.sort((a, b) => a.originalStartMs - b.originalStartMs);
  const { values, extended } = item;
  mailbox.change(item, { values, extended, exceptions, touched: ['ModifiedOccurrences'] }, author);
  return occurrenceAt(viewOf(mailbox, item), originalStartMs);
}

/** Occurrences neither pass each other nor share a day. */
function refuseCrossing(master: ItemView, originalStartMs: number, updates: Updates): void {
  const { before, after } = neighboursOf(master, originalStartMs);
  const tooEarly = before !== undefined && Number(updates.values['Start']) < Number(before.values['End']);
  const tooLate = after !== undefined && Number(updates.values['End']) > Number(after.values['Start']);
  const zone = zoneOf(master.values);
  const dayOf = (values: ItemView['values'] | undefined): number =>
    Math.floor(wallClockOf(Number(values?.['Start']), zone) / dayMs);
  const sameDay = [before, after].some((each) => dayOf(each?.values) === dayOf(updates.values));
  if (tooEarly || tooLate || sameDay) throw new EwsError('ErrorOccurrenceCrossingBoundary');
}
