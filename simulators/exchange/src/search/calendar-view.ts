// CalendarView: what takes place between two instants, in order of start.

import { occurrencesBetween } from '../recurrence/series.ts';
import { EwsError } from '../soap/ews-error.ts';
import type { ItemView } from '../store/item-view.ts';
import { readDateTime } from '../time/date-time.ts';
import type { XmlElement } from '../xml/element.ts';
import type { Page } from './paging.ts';

const twoYearsMs = 2 * 366 * 86_400_000;

/** Ends before the span and starts at its end or after do not count. @throws EwsError for a span over two years */
export function calendarViewOf(views: readonly ItemView[], view: XmlElement): Page<ItemView> {
  const from = readDateTime(view.attributes['StartDate'] ?? '', 'UTC');
  const to = readDateTime(view.attributes['EndDate'] ?? '', 'UTC');
  if (from === undefined || to === undefined || to < from) {
    throw new EwsError('ErrorCalendarEndDateIsEarlierThanStartDate');
  }
  if (to - from > twoYearsMs) throw new EwsError('ErrorCalendarViewRangeTooBig');
  const shown = takingPlace(views, from, to);
  const maximum = Number(view.attributes['MaxEntriesReturned'] ?? 1000);
  const items = shown.slice(0, maximum);
  return {
    items,
    total: shown.length,
    next: items.length,
    last: items.length === shown.length,
    denominator: undefined,
  };
}

/** Single appointments and occurrences that overlap the span, in order of start. */
export function takingPlace(views: readonly ItemView[], from: number, to: number): readonly ItemView[] {
  return views
    .flatMap((each) => (each.calendarType === 'RecurringMaster' ? occurrencesBetween(each, from, to) : [each]))
    .filter((each) => overlaps(each, from, to))
    .toSorted((a, b) => Number(a.values['Start']) - Number(b.values['Start']));
}

function overlaps(view: ItemView, from: number, to: number): boolean {
  const start = Number(view.values['Start']);
  const end = Number(view.values['End']);
  return start < to && (end > from || (start === end && start >= from));
}
