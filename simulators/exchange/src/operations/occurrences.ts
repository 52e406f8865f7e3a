// One occurrence of a series: found by its place or by its original start.
import { EwsError } from '../soap/ews-error.ts';
import type { ItemView } from '../store/item-view.ts';

export type OccurrenceKey =
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'start'; readonly originalStartMs: number };

/** @throws EwsError when there is no such occurrence */
export function occurrenceView(_master: ItemView, _key: OccurrenceKey): ItemView {
  throw new EwsError('ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange');
}

/** The occurrences of a series that may overlap the span. */
export function occurrencesBetween(_master: ItemView, _fromMs: number, _toMs: number): readonly ItemView[] {
  return [];
}
