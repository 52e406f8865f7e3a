// A recurring task that is completed: what was done stays behind as a task of its own, and the series goes on to its next
// date (UpdateItem of tasks). The id of the series stays with what is still to be done; the answer names the other.

import { daysOf } from '../recurrence/days.ts';
import { readRecurrence } from '../recurrence/pattern.ts';
import { recurrenceTree } from '../recurrence/series.ts';
import { type ItemView, viewOf } from '../store/item-view.ts';
import type { PropertyValue } from '../store/values.ts';
import { readDate } from '../time/date-time.ts';
import { leaf, type Tree } from '../xml/tree.ts';
import type { Updates } from './item-updates.ts';

type Values = Readonly<Record<string, PropertyValue>>;

const dayMs = 86_400_000;

/** Completes the current occurrence; undefined when the update does not complete one, or it is the last. */
export function completeOccurrence(view: ItemView, updates: Updates, author: string): ItemView | undefined {
  const { mailbox, item } = view;
  const tree = recurrenceTree(updates.values);
  const completed = updates.values['Status'] === 'Completed' && item.values['Status'] !== 'Completed';
  if (item.kind !== 'Task' || tree === undefined || !completed) return undefined;
  const next = nextOf(tree, updates.values);
  if (next === undefined) return undefined;
  const { Recurrence: _series, ...done } = updates.values;
  const copy = mailbox.create(item.folder, { kind: 'Task', values: done, extended: updates.extended }, author);
  const { CompleteDate: _gone, ...open } = updates.values;
  const values = {
    ...open,
    ...shifted(open, next.days),
    Status: 'NotStarted',
    PercentComplete: 0,
    Recurrence: next.tree,
  };
  mailbox.change(
    item,
    { ...updates, values, touched: [...updates.touched, 'StartDate', 'DueDate', 'Recurrence'] },
    author,
  );
  return viewOf(mailbox, copy);
}

interface Next {
  /** How many days later than now. */
  readonly days: number;
  readonly tree: Tree;
}

function nextOf(tree: Tree, values: Values): Next | undefined {
  const completed = dayOf(values['CompleteDate'] ?? 0);
  const given = values['DueDate'] ?? values['StartDate'];
  const current = given === undefined ? completed : dayOf(given);
  const [pattern] = tree.children ?? [];
  if (pattern?.name.endsWith('Regeneration')) return nextRegeneration(tree, pattern, current, completed);
  for (const day of daysOf(readRecurrence(tree))) if (day > current) return { days: (day - current) / dayMs, tree };
  return undefined;
}

const units: Readonly<Record<string, (at: Date, interval: number) => unknown>> = {
  DailyRegeneration: (at, interval) => at.setUTCDate(at.getUTCDate() + interval),
  WeeklyRegeneration: (at, interval) => at.setUTCDate(at.getUTCDate() + 7 * interval),
  MonthlyRegeneration: (at, interval) => at.setUTCMonth(at.getUTCMonth() + interval),
  YearlyRegeneration: (at, interval) => at.setUTCFullYear(at.getUTCFullYear() + interval),
};

/** So long after the completion; a number of occurrences counts down. */
function nextRegeneration(tree: Tree, pattern: Tree, current: number, completed: number): Next | undefined {
  const [, range] = tree.children ?? [];
  const at = new Date(completed);
  units[pattern.name]?.(at, Number(leaf(pattern, 'Interval') ?? 1));
  const end = readDate(leaf(range, 'EndDate') ?? '');
  const left = leaf(range, 'NumberOfOccurrences');
  if ((end !== undefined && at.getTime() > end) || left === '1') return undefined;
  const days = (at.getTime() - current) / dayMs;
  if (range === undefined || left === undefined) return { days, tree };
  const fewer = { name: 'NumberOfOccurrences', text: String(Number(left) - 1) };
  const children = (range.children ?? []).map((each) => (each.name === fewer.name ? fewer : each));
  return { days, tree: { ...tree, children: [pattern, { ...range, children }] } };
}

/** The day that is meant. Snapshots of release 0.1.0 hold dates with a time, such as the midnight of somebody's zone. */
function dayOf(value: PropertyValue): number {
  return Math.floor((Number(value) + dayMs / 2) / dayMs) * dayMs;
}

function shifted(values: Values, days: number): Record<string, PropertyValue> {
  const dates = ['StartDate', 'DueDate', 'ReminderDueBy'].filter((name) => typeof values[name] === 'number');
  return Object.fromEntries(dates.map((name) => [name, Number(values[name]) + days * dayMs]));
}
