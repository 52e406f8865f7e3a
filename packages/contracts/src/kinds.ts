// The kinds of item that Lockstep synchronizes: one line each. What a kind says is in content/<kind>.ts, what it means in
// packages/items/src/<kind>/, how a side holds it in that side's mapping/<kind>.ts. Nothing else names a kind.
import { type TObject, type TProperties, Type } from 'typebox';
import { AppointmentContent } from './content/appointment.ts';
import { TaskContent } from './content/task.ts';

/** A folder of a mailbox that is watched, by its well-known name. */
export const FolderName = Type.Union([Type.Literal('calendar'), Type.Literal('tasks'), Type.Literal('contacts')]);
export type FolderName = 'calendar' | 'tasks' | 'contacts';
export const folderNames: readonly FolderName[] = ['calendar', 'tasks', 'contacts'];

interface KindDeclaration {
  readonly content: TObject<TProperties>;
  /** Where Exchange keeps the items of this kind. */
  readonly folder: FolderName;
  /** Its field groups, which are merged as wholes, in the order in which they are shown. */
  readonly groups: readonly string[];
  /** The sync settings that hold its direction, and its conflict rule for each field group. */
  readonly setting: 'appointments' | 'tasks';
  readonly rules: 'conflictRules' | 'taskConflictRules';
}

export const kinds = {
  appointment: {
    content: AppointmentContent,
    folder: 'calendar',
    groups: ['title', 'time', 'text', 'place', 'busy', 'privacy'],
    setting: 'appointments',
    rules: 'conflictRules',
  },
  task: {
    content: TaskContent,
    folder: 'tasks',
    groups: ['title', 'dates', 'status', 'priority', 'text', 'privacy'],
    setting: 'tasks',
    rules: 'taskConflictRules',
  },
} as const satisfies Record<string, KindDeclaration>;

export type ItemKind = keyof typeof kinds;
export const itemKinds = Object.keys(kinds) as readonly ItemKind[];
export const ItemKind = Type.Unsafe<ItemKind>(Type.Union(itemKinds.map((kind) => Type.Literal(kind))));

/** Links and changes of the first release bear no kind: all of them are appointments. */
export const firstKind: ItemKind = 'appointment';

/** True when this release knows the kind; a change of another one is parked with that reason, never dropped. */
export function isItemKind(kind: string): kind is ItemKind {
  return Object.hasOwn(kinds, kind);
}

/** The kind whose items Exchange keeps in this folder, undefined when this release synchronizes none of them. */
export function kindInFolder(folder: FolderName): ItemKind | undefined {
  return itemKinds.find((kind) => kinds[kind].folder === folder);
}
