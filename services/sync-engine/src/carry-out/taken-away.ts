// What a write or a delete of ours takes away from a side, for the history: whoever wants it back finds it there.
import type { sync } from '@lockstep/contracts';
import { type FieldGroup, groupsOf, kindOf, type Said } from '@lockstep/items';
import { keptTextBytes } from '../config.ts';

type TakenAway = NonNullable<sync.HistoryRecord['overwritten']>[number];

/** What an item says in these groups, as its side holds it; all groups where none are named. */
export function takenAway({ kind, content }: Said, groups: readonly FieldGroup[] = groupsOf(kind)): TakenAway[] {
  const fieldsOf = (group: FieldGroup) => kindOf(kind).groups[group] ?? [];
  return groups.map((group) => ({
    group,
    ...kept(Object.fromEntries(fieldsOf(group).map((name) => [name, content[name]]))),
  }));
}

function kept(whole: object): Omit<TakenAway, 'group'> {
  let cut = false;
  const value: unknown = JSON.parse(JSON.stringify(whole), (_name, part: unknown) => {
    const short = typeof part === 'string' ? cutText(part) : part;
    cut ||= short !== part;
    return short;
  });
  return cut ? { value, cut } : { value };
}

/** The beginning of a text that a history record has room for; never half a character. */
export function cutText(text: string): string {
  let fitting = text;
  for (;;) {
    const bytes = Buffer.byteLength(JSON.stringify(fitting));
    if (bytes <= keptTextBytes) return fitting;
    const chars = Math.min(fitting.length - 1, Math.floor((fitting.length * keptTextBytes) / bytes));
    fitting = fitting.slice(0, chars).replace(/[\uD800-\uDBFF]$/, '');
  }
}
