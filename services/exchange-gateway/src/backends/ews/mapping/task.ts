// A task of Exchange as a plain task of ours. Its dates are dates: Exchange keeps a midnight and drops the time of day, in the zone
// of the request (ours is UTC), so that midnights of UTC are written; other clients leave midnights of their own zone.
import type { DateOnly, Instant, ItemContent, TaskChanges, TaskContent, ZoneName } from '@lockstep/contracts';
import { dateIn } from '@lockstep/items';
import {
  BasePropertySet,
  DateTime,
  type ExchangeService,
  Task as ExchangeTask,
  Importance,
  type Item,
  ItemSchema,
  PropertySet,
  TaskSchema,
  TaskStatus,
} from 'ews-javascript-api';
import { childOf, textOf, type XmlElement } from '../soap/xml-reader.ts';
import type { KindMapping } from './kind-mapping.ts';
import { bodyFor, instantOf, isWritable, itemTextOf } from './values.ts';
import { oursFor, privacyWords, valueFor, type Word } from './words.ts';

const statusWords: readonly Word<TaskStatus>[] = [
  { exchange: 'NotStarted', ours: 'not-started', value: TaskStatus.NotStarted },
  { exchange: 'InProgress', ours: 'in-progress', value: TaskStatus.InProgress },
  { exchange: 'Completed', ours: 'completed', value: TaskStatus.Completed },
  { exchange: 'WaitingOnOthers', ours: 'waiting', value: TaskStatus.WaitingOnOthers },
  { exchange: 'Deferred', ours: 'deferred', value: TaskStatus.Deferred },
];

const priorityWords: readonly Word<Importance>[] = [
  { exchange: 'Low', ours: 'low', value: Importance.Low },
  { exchange: 'Normal', ours: 'normal', value: Importance.Normal },
  { exchange: 'High', ours: 'high', value: Importance.High },
];

export const taskMapping: KindMapping = {
  properties: () =>
    new PropertySet(BasePropertySet.IdOnly, [
      ItemSchema.Subject,
      ItemSchema.Sensitivity,
      ItemSchema.Body,
      ItemSchema.Importance,
      TaskSchema.StartDate,
      TaskSchema.DueDate,
      TaskSchema.Status,
      TaskSchema.IsRecurring,
      TaskSchema.Recurrence,
    ]),
  // No recurrence: lists do not give it, and IsRecurring says enough.
  rowProperties: () => new PropertySet(BasePropertySet.IdOnly, [TaskSchema.IsRecurring]),
  shapeOf,
  contentOf,
  startOf: () => undefined,
  order: () => ItemSchema.DateTimeCreated,
  // A task is open until it is done, whatever its dates: all of them touch every range.
  touching: () => undefined,
  touches: () => true,
  blank: (service: ExchangeService) => new ExchangeTask(service),
  write,
  writesAnything,
};

/** Recurring and regenerating tasks name their next one; that is more than a plain task. */
function shapeOf(item: XmlElement): string {
  if (item.name !== 'Task') return 'other';
  const recurs = textOf(item, 'IsRecurring') === 'true' || childOf(item, 'Recurrence') !== undefined;
  return recurs ? 'series' : 'single';
}

function contentOf(item: XmlElement, ownerZone: ZoneName): ItemContent {
  const content: TaskContent = {
    title: textOf(item, 'Subject') ?? '',
    startDate: dateOf(instantOf(textOf(item, 'StartDate')), ownerZone),
    dueDate: dateOf(instantOf(textOf(item, 'DueDate')), ownerZone),
    status: oursFor(statusWords, textOf(item, 'Status') ?? 'NotStarted'),
    priority: oursFor(priorityWords, textOf(item, 'Importance') ?? 'Normal'),
    text: itemTextOf(childOf(item, 'Body')),
    privacy: oursFor(privacyWords, textOf(item, 'Sensitivity') ?? 'Normal'),
  };
  return content;
}

/** A midnight of UTC is a bare date; anything else is a moment of the owner's day. */
function dateOf(instant: Instant | undefined, ownerZone: ZoneName): DateOnly | null {
  if (instant === undefined) return null;
  return instant.endsWith('T00:00:00.000Z') ? instant.slice(0, 10) : dateIn(instant, ownerZone);
}

function write(item: Item, content: ItemContent): void {
  if (!(item instanceof ExchangeTask)) throw new TypeError('not a task of the library');
  const { title, startDate, dueDate, status, priority, text, privacy } = content as TaskChanges;
  if (title !== undefined) item.Subject = title;
  const sensitivity = valueFor(privacyWords, privacy);
  if (sensitivity !== undefined) item.Sensitivity = sensitivity;
  if (text !== undefined && isWritable(text)) item.Body = bodyFor(text);
  const importance = valueFor(priorityWords, priority);
  if (importance !== undefined) item.Importance = importance;
  if (startDate !== undefined) item.StartDate = midnight(startDate);
  if (dueDate !== undefined) item.DueDate = midnight(dueDate);
  // The percentage and the date of completion follow the status at Exchange.
  const known = valueFor(statusWords, status);
  if (known !== undefined) item.Status = known;
}

/** The library deletes a property that is set to null; its types do not say so. */
function midnight(date: DateOnly | null): DateTime {
  return date === null ? (null as never) : new DateTime(`${date}T00:00:00.000Z`);
}

function writesAnything(content: ItemContent): boolean {
  const { title, startDate, dueDate, status, priority, text, privacy } = content as TaskChanges;
  return (
    [title, startDate, dueDate].some((value) => value !== undefined) ||
    (text !== undefined && isWritable(text)) ||
    valueFor(statusWords, status) !== undefined ||
    valueFor(priorityWords, priority) !== undefined ||
    valueFor(privacyWords, privacy) !== undefined
  );
}
