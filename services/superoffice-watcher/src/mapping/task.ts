// The kind `task`: a to-do in the checklist. One that somebody gave a time of day stands in the diary and is an appointment.
// Its dates are days of the owner's zone; the deadline is EndDate.
import type { DateOnly, TaskContent } from '@lockstep/contracts';
import type { AppointmentEntity } from '../client/entities.ts';
import { readDay, writeDay } from '../client/superoffice-date.ts';
import type { Fields, KindMapping, Lists, Owner } from './kind-mapping.ts';
import { priorityField, readPriority } from './priority.ts';
import { newPrivacy, readPrivacy, writePrivacy } from './privacy.ts';
import { shapeOf } from './shape.ts';
import { newTitleAndText, readTitleAndText, writeTitleAndText } from './title-and-text.ts';

const plain = 'inChecklist';
const followUpType = 'ToDo';
const checklistTypes: ReadonlySet<string> = new Set([plain, 'BookingForChecklist']);

/** ActivityStatus; what is not in here is kept as SuperOffice wrote it and never written. */
const statuses = [
  ['NotStarted', 'not-started'],
  ['Started', 'in-progress'],
  ['Completed', 'completed'],
] as const;

export const task: KindMapping<TaskContent> = {
  rowTypes: [2, 7],
  template: followUpType,
  usesPriorities: true,
  holds: (entity) => checklistTypes.has(entity.Type ?? '') && entity.Task?.Type === followUpType,
  shapeOf: (entity) => shapeOf(entity, plain),
  read(entity, zone) {
    const { title, text } = readTitleAndText(entity);
    return {
      title,
      ...readDates(entity, zone),
      status: readStatus(entity),
      priority: readPriority(entity),
      text: { format: 'plain', content: text },
      privacy: readPrivacy(entity),
    };
  },
  newRow(template, content, owner, lists) {
    return {
      ...template,
      ...newTitleAndText(template, content),
      ...newDates(content, owner),
      Completed: writeStatus(content.status) ?? 'NotStarted',
      ...priorityField(content.priority, lists),
      ...newPrivacy(content.privacy, owner.associateId),
      Type: plain,
      Associate: { AssociateId: owner.associateId },
      HasAlarm: false,
    };
  },
  fieldsFor(entity, changes, owner, lists) {
    return {
      ...writeTitleAndText(entity, changes),
      ...datesFor(entity, changes, owner),
      ...statusFor(entity, changes.status),
      ...priorityFor(entity, changes.priority, lists),
      ...writePrivacy(entity, changes.privacy, owner.associateId),
    };
  },
};

interface Dates {
  readonly startDate: DateOnly | null;
  readonly dueDate: DateOnly | null;
}

function readDates(entity: AppointmentEntity, zone: Owner['zone']): Dates {
  return {
    startDate: readDay(entity.StartDate, zone, 'StartDate') ?? null,
    dueDate: readDay(entity.EndDate, zone, 'EndDate') ?? null,
  };
}

/** A row needs a start to be shown: one that has none starts on the day on which it is due. */
function writeDates({ startDate, dueDate }: Dates, { zone }: Owner): Record<'StartDate' | 'EndDate', string> {
  return { StartDate: writeDay(startDate ?? dueDate, zone), EndDate: writeDay(dueDate, zone) };
}

/** SuperOffice refuses a row without a start: one that has no date at all starts when the template says, which is today. */
function newDates(content: TaskContent, owner: Owner): Fields {
  const { StartDate: start, EndDate: end } = writeDates(content, owner);
  const isDated = content.startDate !== null || content.dueDate !== null;
  return isDated ? { StartDate: start, EndDate: end, ActiveDate: start } : { EndDate: end };
}

function datesFor(entity: AppointmentEntity, changes: Partial<Dates>, owner: Owner) {
  const now = readDates(entity, owner.zone);
  const { startDate = now.startDate, dueDate = now.dueDate } = changes;
  // Where no date is left, the start stays: a row cannot be without.
  const wanted = { startDate: startDate ?? dueDate ?? now.startDate, dueDate };
  const same = wanted.startDate === now.startDate && wanted.dueDate === now.dueDate;
  return same ? {} : writeDates(wanted, owner);
}

function readStatus({ Completed: completed }: AppointmentEntity): string {
  const known = statuses.find(([theirs]) => theirs === completed);
  return known?.[1] ?? completed ?? 'not-started';
}

function writeStatus(status: string): string | undefined {
  return statuses.find(([, ours]) => ours === status)?.[0];
}

function statusFor(entity: AppointmentEntity, status: string | undefined) {
  const completed = status === undefined || status === readStatus(entity) ? undefined : writeStatus(status);
  return completed === undefined ? {} : { Completed: completed };
}

function priorityFor(entity: AppointmentEntity, priority: string | undefined, lists: Lists) {
  return priority === undefined || priority === readPriority(entity) ? {} : priorityField(priority, lists);
}
