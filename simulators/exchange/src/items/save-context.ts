// What is known when an item is saved.
import type { PropertyValue } from '../store/values.ts';

export type Values = Record<string, PropertyValue>;

export interface SaveContext {
  /** The properties that this save wrote. */
  readonly touched: ReadonlySet<string>;
  /** Windows id for an item that names none. */
  readonly timeZone: string;
  readonly nowMs: number;
}
