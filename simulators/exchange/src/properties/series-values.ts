// Properties that only the master of a series has: its first and last occurrence, the changed and the deleted ones.
import type { ItemView } from '../store/item-view.ts';
import type { Computed } from './computed-values.ts';

/** By element name. */
export const seriesValues: Readonly<Record<string, (view: ItemView) => Computed | undefined>> = {};
