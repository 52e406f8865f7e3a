// A page of a list, as the request's view asks for it.
import { EwsError } from '../soap/ews-error.ts';
import type { XmlElement } from '../xml/element.ts';
import type { Attributes } from '../xml/writer.ts';

export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
  /** Where the next page begins. */
  readonly next: number;
  readonly last: boolean;
  readonly denominator: number | undefined;
}

/** @param maximum the most that the server gives at once */
export function pageOf<T>(all: readonly T[], view: XmlElement | undefined, maximum = 1000): Page<T> {
  const asked = Number(view?.attributes['MaxEntriesReturned'] ?? maximum);
  if (asked < 1) throw new EwsError('ErrorInvalidPagingMaxRows', 'MaxEntriesReturned must be greater than zero.');
  const size = Math.min(asked, maximum);
  if (view?.attributes['BasePoint'] === 'End') return pageFromEnd(all, Number(view.attributes['Offset']), size);
  const start = startOf(all.length, view);
  const items = all.slice(start, start + size);
  const next = start + items.length;
  const fractional = view?.name.startsWith('Fractional') === true;
  return { items, total: all.length, next, last: next >= all.length, denominator: fractional ? all.length : undefined };
}

function startOf(total: number, view: XmlElement | undefined): number {
  if (view === undefined) return 0;
  if (!view.name.startsWith('Fractional')) {
    const offset = Number(view.attributes['Offset'] ?? 0);
    if (offset < 0) throw new EwsError('ErrorInvalidIndexedPagingParameters', 'The offset is invalid.');
    return Math.min(offset, total);
  }
  const numerator = Number(view.attributes['Numerator']);
  const denominator = Number(view.attributes['Denominator']);
  if (denominator < 1 || numerator < 0 || numerator > denominator) {
    throw new EwsError('ErrorInvalidFractionalPagingParameters', 'The fraction is invalid.');
  }
  return Math.floor((total * numerator) / denominator);
}

function pageFromEnd<T>(all: readonly T[], offset: number, size: number): Page<T> {
  const end = Math.max(0, all.length - offset);
  const start = Math.max(0, end - size);
  const items = all.slice(start, end);
  return { items, total: all.length, next: offset + items.length, last: start === 0, denominator: undefined };
}

/** The attributes of `m:RootFolder`. */
export function pagingAttributes(page: Page<unknown>): Attributes {
  const position =
    page.denominator === undefined
      ? { IndexedPagingOffset: page.next }
      : { NumeratorOffset: page.next, AbsoluteDenominator: page.denominator };
  return { ...position, TotalItemsInView: page.total, IncludesLastItemInRange: page.last };
}
