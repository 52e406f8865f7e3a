// A text as the bus speaks of it, shared by every kind that has one.
import { Type } from 'typebox';
import type { Data } from '../shape.ts';

/** `truncated`: the true text was too long for a message; such a text is never written over the original. */
export const ItemText = Type.Object({
  format: Type.Union([Type.Literal('plain'), Type.Literal('html')]),
  content: Type.String(),
  truncated: Type.Optional(Type.Boolean()),
});
export type ItemText = Data<typeof ItemText>;
