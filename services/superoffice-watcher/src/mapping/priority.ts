// How urgent a to-do is. SuperOffice's priorities are a list of the administrator's, so a level is known by its name, in the
// languages that the product is sold in; any other entry is kept by its name and never written.
import type { AppointmentEntity } from '../client/entities.ts';
import type { Fields, Lists } from './kind-mapping.ts';

const levels: readonly (readonly [level: string, names: RegExp])[] = [
  ['low', /\b(low|lav|låg|niedrig|gering|laag|basse|faible)\b/iu],
  ['high', /\b(high|høy|høj|hög|hoch|hoog|haute)\b/iu],
  ['normal', /\b(normal|medium|middels|mellem|medel|mittel|gemiddeld|normaal|moyenne|normale)\b/iu],
];

/** `low`, `normal`, `high`, or the name of an entry that is none of them. A row without priority is `normal`. */
export function readPriority({ Priority: priority }: AppointmentEntity): string {
  return priority?.Value ? levelOf(priority.Value) : 'normal';
}

/** The field to write for a level; none when the list has no entry for it, so that nothing is guessed. */
export function priorityField(level: string, lists: Lists): Fields {
  const entry = lists.priorities.find(({ name }) => levelOf(name) === level);
  if (entry !== undefined) return { Priority: { Id: entry.id } };
  return level === 'normal' ? { Priority: null } : {};
}

function levelOf(name: string): string {
  return levels.find(([, names]) => names.test(name))?.[0] ?? name;
}
