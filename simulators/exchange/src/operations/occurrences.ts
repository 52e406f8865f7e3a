// One occurrence of a series, by its place or by its original start.
import { occurrenceByIndex, occurrenceByStart } from '../recurrence/series.ts';
import type { ItemView } from '../store/item-view.ts';

export type OccurrenceKey =
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'start'; readonly originalStartMs: number };

/** @throws EwsError when there is no such occurrence */
export function occurrenceView(master: ItemView, key: OccurrenceKey): ItemView {
  return key.kind === 'index' ? occurrenceByIndex(master, key.index) : occurrenceByStart(master, key.originalStartMs);
}
