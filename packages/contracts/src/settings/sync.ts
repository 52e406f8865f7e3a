// What is synchronized, in which direction, and who wins a conflict. Each kind of item has a direction and conflict rules of
// its own, whose names stand in kinds.ts; whoever acts on them asks by the kind.
import { Type } from 'typebox';
import { type ItemKind, itemKinds, kinds } from '../kinds.ts';
import type { Data } from '../shape.ts';
import { section } from './section.ts';
import { choice, setting, settingPerName } from './setting.ts';

const direction = choice('both', 'to-superoffice', 'to-exchange', 'off');
export type SyncDirection = 'both' | 'to-superoffice' | 'to-exchange' | 'off';

const rule = choice('newer', 'superoffice', 'exchange');
export type ConflictRule = 'newer' | 'superoffice' | 'exchange';

export const syncSection = section({
  name: 'sync',
  title: 'Synchronization settings',
  description: 'What is synchronized, in which direction, and who wins a conflict.',
  version: 1,
  settings: {
    appointments: setting(direction, {
      title: 'Diary',
      description: 'In which direction appointments are synchronized.',
      default: 'both',
      since: '0.1.0',
    }),
    tasks: setting(direction, {
      title: 'Tasks',
      description:
        'In which direction tasks are synchronized. Tasks are not finished yet: leave this off but to try them.',
      default: 'off',
      since: '0.2.0',
    }),
    windowBackDays: setting(Type.Integer({ minimum: 0, maximum: 3650 }), {
      title: 'Date range, days back',
      description: 'Items that ended earlier are left alone. Leaving the range neither deletes nor unlinks anything.',
      default: 30,
      since: '0.1.0',
    }),
    windowForwardDays: setting(Type.Integer({ minimum: 1, maximum: 3650 }), {
      title: 'Date range, days forward',
      description: 'Items that begin later are left alone until they come into the range.',
      default: 365,
      since: '0.1.0',
    }),
    conflictRules: settingPerName(kinds.appointment.groups, rule, {
      title: 'Conflict rules',
      description:
        'Which side wins when both changed the same field group of an appointment to different values. The losing value stays in the history.',
      default: 'newer',
      since: '0.1.0',
    }),
    taskConflictRules: settingPerName(kinds.task.groups, rule, {
      title: 'Conflict rules of tasks',
      description: 'Which side wins when both changed the same field group of a task to different values.',
      default: 'newer',
      since: '0.2.0',
    }),
  },
});

export const SyncSettings = syncSection.schema;
export type SyncSettings = Data<typeof SyncSettings>;
export const defaultSyncSettings: SyncSettings = syncSection.standard;

/** In which direction items of this kind are synchronized. */
export function directionOf(settings: SyncSettings, kind: ItemKind): SyncDirection {
  return settings[kinds[kind].setting];
}

/** The kinds that are carried over in at least one direction: their folders are watched. */
export function watchedKinds(settings: SyncSettings): readonly ItemKind[] {
  return itemKinds.filter((kind) => directionOf(settings, kind) !== 'off');
}

/** Which side wins when both changed this field group of an item of this kind. */
export function conflictRuleOf(settings: SyncSettings, kind: ItemKind, group: string): ConflictRule {
  const rules: Readonly<Record<string, ConflictRule>> = settings[kinds[kind].rules];
  return rules[group] ?? 'newer';
}
