// Which rows of the appointment table are appointments of the kind that we synchronize. The table also holds tasks,
// notes and documents, and their webhooks are called `activity.*` too.
import type { AppointmentShape } from '@lockstep/contracts';
import type { AppointmentEntity } from '../client/entities.ts';

/** AppointmentType by number, as archives show it: 1 inDiary, 6 BookingForDiary. */
const diaryTypeNumbers = new Set([1, 6]);
const diaryTypes = new Set(['inDiary', 'BookingForDiary']);

/** True for rows that stand in a diary; all others are none of our business unless we knew them as such before. */
export function isDiaryRow(entity: AppointmentEntity): boolean {
  return diaryTypes.has(entity.Type ?? '');
}

/** The same for a listed row; one that does not tell its type is looked at. */
export function isDiaryType(type: number | undefined): boolean {
  return type === undefined || diaryTypeNumbers.has(type);
}

/** A series is one row an occurrence with a common rule; a meeting is one row a participant with a common mother. */
export function shapeOf(entity: AppointmentEntity): AppointmentShape {
  const { Recurrence: recurrence } = entity;
  if (recurrence?.IsRecurrence === true || (recurrence?.RecurrenceId ?? 0) !== 0) return 'series';
  if ((entity.MotherId ?? 0) !== 0) return 'meeting';
  return entity.Type === 'inDiary' ? 'single' : 'other';
}
