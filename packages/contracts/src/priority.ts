// Who waits for a call.
import { Type } from 'typebox';
import type { Data } from './shape.ts';

/**
 * The most urgent first: a person's own change, a change to carry over, the sweep, the first load. The governor grants in this
 * order and starves none.
 */
export const Priority = Type.Union([
  Type.Literal('person'),
  Type.Literal('change'),
  Type.Literal('sweep'),
  Type.Literal('first-load'),
]);
export type Priority = Data<typeof Priority>;
