// What a plain task says: an Exchange task, a SuperOffice to-do. Dates are dates: neither side means a time of day.
import { Type } from 'typebox';
import { type Data, DateOnly } from '../shape.ts';
import { ItemText } from './text.ts';

/** `waiting` and `deferred` exist at Exchange alone. */
export const knownTaskStatuses = ['not-started', 'in-progress', 'completed', 'waiting', 'deferred'] as const;
export const knownTaskPriorities = ['low', 'normal', 'high'] as const;

/** What a task says, whole. A date that is not set is null, so that a change can take it away. */
export const TaskContent = Type.Object({
  title: Type.String(),
  startDate: Type.Union([DateOnly, Type.Null()]),
  dueDate: Type.Union([DateOnly, Type.Null()]),
  /** One of `knownTaskStatuses`, or an unknown value as the side wrote it. */
  status: Type.String(),
  /** One of `knownTaskPriorities`, or an unknown value as the side wrote it. */
  priority: Type.String(),
  text: ItemText,
  /** One of `knownPrivacies` of an appointment, or an unknown value as the side wrote it. */
  privacy: Type.String(),
});
export type TaskContent = Data<typeof TaskContent>;

/** Only the fields to write; what is absent stays as it is. */
export const TaskChanges = Type.Partial(TaskContent);
export type TaskChanges = Data<typeof TaskChanges>;
