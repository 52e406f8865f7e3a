// The administrator's lists that an appointment refers to: follow-up types and priorities. Fixed, because nothing in
// the synchronization changes them.
import type { taskTypes } from './enums.ts';

export interface TaskListItem {
  readonly id: number;
  readonly value: string;
  readonly type: keyof typeof taskTypes;
  readonly direction: 'Unknown' | 'Incoming' | 'Outgoing';
  readonly intentId: number;
}

export const taskList: readonly TaskListItem[] = [
  { id: 1, value: 'Phone call', type: 'Phone', direction: 'Outgoing', intentId: 1 },
  { id: 2, value: 'Meeting', type: 'Appointment', direction: 'Unknown', intentId: 2 },
  { id: 3, value: 'To-do', type: 'ToDo', direction: 'Unknown', intentId: 1 },
  { id: 4, value: 'Internal meeting', type: 'Appointment', direction: 'Unknown', intentId: 1 },
  { id: 5, value: 'Private', type: 'Appointment', direction: 'Unknown', intentId: 3 },
  { id: 6, value: 'Vacation', type: 'Appointment', direction: 'Unknown', intentId: 3 },
];

export const priorityList: readonly { readonly id: number; readonly value: string }[] = [
  { id: 1, value: 'Low' },
  { id: 2, value: 'Medium' },
  { id: 3, value: 'High' },
];

const noRight = { TableRight: null, FieldProperties: {} };

export function taskEntity(id: number): unknown {
  const item = taskList.find((task) => task.id === id);
  if (item === undefined) return null;
  return {
    TaskListItemId: item.id,
    Value: item.value,
    Direction: item.direction,
    Type: item.type,
    Tooltip: '',
    Deleted: false,
    IntentId: item.intentId,
    Rank: taskList.indexOf(item) + 1,
    IsDefaultAlldayEvent: false,
    IsDefaultFree: false,
    IsDefaultPublished: false,
    ColorIndex: 'LightBlue',
    DefaultVideomeetingStatus: 'NoChange',
    ...noRight,
  };
}

export function priorityEntity(id: number): unknown {
  const item = priorityList.find((priority) => priority.id === id);
  return item === undefined ? null : { Id: item.id, Value: item.value, Tooltip: '', ...noRight };
}

/** One entry of `GET /api/v1/MDOList/{name}`. */
export function listItem(id: number, name: string, type: string, rank: number, fullName: string | null): unknown {
  return {
    Id: id,
    Name: name,
    ToolTip: name,
    Deleted: false,
    Rank: rank,
    Type: type,
    ColorBlock: 0,
    IconHint: type,
    Selected: false,
    LastChanged: '0001-01-01T00:00:00',
    ChildItems: [],
    ExtraInfo: '',
    StyleHint: '',
    Hidden: false,
    FullName: fullName,
    ...noRight,
  };
}
