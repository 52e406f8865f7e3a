// Properties that only the master of a series has: its first and last occurrence, the changed and the deleted ones.
import { endsOf, occurrenceAt } from '../recurrence/series.ts';
import { type ItemView, idAttributesOf } from '../store/item-view.ts';
import { writeDateTime } from '../time/date-time.ts';
import { element, textElement } from '../xml/writer.ts';
import type { Computed } from './computed-values.ts';

function occurrenceInfo(view: ItemView | undefined): Computed | undefined {
  return view === undefined ? undefined : { kind: 'xml', content: writeInfo(view) };
}

function writeInfo(view: ItemView): string {
  return [
    element('t:ItemId', idAttributesOf(view), ''),
    textElement('t:Start', writeDateTime(Number(view.values['Start']))),
    textElement('t:End', writeDateTime(Number(view.values['End']))),
    textElement('t:OriginalStart', writeDateTime(view.originalStartMs ?? 0)),
  ].join('');
}

function modified(view: ItemView): Computed | undefined {
  const exceptions = view.calendarType === 'RecurringMaster' ? (view.item.exceptions ?? []) : [];
  const content = exceptions
    .map((each) => element('t:Occurrence', {}, writeInfo(occurrenceAt(view, each.originalStartMs))))
    .join('');
  return content === '' ? undefined : { kind: 'xml', content };
}

function deleted(view: ItemView): Computed | undefined {
  const deletions = view.calendarType === 'RecurringMaster' ? (view.item.deletions ?? []) : [];
  const content = deletions
    .map((start) => element('t:DeletedOccurrence', {}, textElement('t:Start', writeDateTime(start))))
    .join('');
  return content === '' ? undefined : { kind: 'xml', content };
}

const ofMaster =
  (compute: (view: ItemView) => Computed | undefined) =>
  (view: ItemView): Computed | undefined =>
    view.item.kind === 'CalendarItem' && view.calendarType === 'RecurringMaster' ? compute(view) : undefined;

/** By element name. */
export const seriesValues: Readonly<Record<string, (view: ItemView) => Computed | undefined>> = {
  FirstOccurrence: ofMaster((view) => occurrenceInfo(endsOf(view).first)),
  LastOccurrence: ofMaster((view) => occurrenceInfo(endsOf(view).last)),
  ModifiedOccurrences: ofMaster(modified),
  DeletedOccurrences: ofMaster(deleted),
};
