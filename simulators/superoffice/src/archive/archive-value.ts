// A value of a column as archives compare it, and what is known when they do.
import type { Dates } from '../time/dates.ts';

export type ColumnKind = 'int' | 'text' | 'bool' | 'wall' | 'instant' | 'local' | 'associate';

/** A stored value: number, text, wall time or instant by the column's kind. */
export type Raw = number | string | boolean;

/** What an operator works with: who asks, and how dates in literals are read. */
export interface QueryContext {
  readonly dates: Dates;
  readonly associateId: number;
}
