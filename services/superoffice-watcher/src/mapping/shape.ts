// What makes a row more than one plain item. A series is one row an occurrence with a common rule; a meeting is one row a
// participant with a common mother.
import type { AppointmentEntity } from '../client/entities.ts';

/** @param plainType the AppointmentType of a row that nobody was invited to */
export function shapeOf(entity: AppointmentEntity, plainType: string): string {
  const { Recurrence: recurrence } = entity;
  if (recurrence?.IsRecurrence === true || (recurrence?.RecurrenceId ?? 0) !== 0) return 'series';
  if ((entity.MotherId ?? 0) !== 0) return 'meeting';
  return entity.Type === plainType ? 'single' : 'other';
}
