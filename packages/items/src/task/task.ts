// The kind `task`: what an Exchange task and a SuperOffice to-do can both hold, and what to write where.
import type { kinds, TaskChanges, TaskContent, ZoneName } from '@lockstep/contracts';
import { commonLine, commonPrivacy } from '../common-text.ts';
import type { Kind, TimeSpan } from '../kind.ts';
import { plainText } from '../plain-text.ts';
import { addDays, startOfDay } from '../zones.ts';

/** Exchange takes a subject of 255 characters. */
export const taskLimits = { titleChars: 255 } as const;

type Group = (typeof kinds.task.groups)[number];

export const task: Kind<TaskContent> = {
  groups: {
    title: ['title'],
    dates: ['startDate', 'dueDate'],
    status: ['status'],
    priority: ['priority'],
    text: ['text'],
    privacy: ['privacy'],
  } satisfies Record<Group, readonly (keyof TaskContent)[]>,
  identity: ['title', 'dates'] satisfies readonly Group[],
  listedByTime: false,
  commonForm: (content, group) => common[group as Group](content),
  wholeForm: ({ title, startDate, dueDate, status, priority, text, privacy }) => [
    title,
    startDate,
    dueDate,
    status,
    priority,
    text.format,
    text.content,
    privacy,
  ],
  fieldsFor: (_side, content, groups) => Object.assign({}, ...groups.map((group) => fields[group as Group](content))),
  cutGroups: ({ text }) => (text.truncated === true ? ['text'] : []),
  spanOf,
};

const common: Readonly<Record<Group, (content: TaskContent) => unknown>> = {
  title: ({ title }) => commonLine(title, taskLimits.titleChars),
  dates: (content) => [commonStart(content), content.dueDate],
  status: ({ status }) => commonStatus(status),
  priority: ({ priority }) => commonPriority(priority),
  text: ({ text }) => plainText(text),
  privacy: ({ privacy }) => commonPrivacy(privacy),
};

const fields: Readonly<Record<Group, (content: TaskContent) => TaskChanges>> = {
  title: ({ title }) => ({ title: commonLine(title, taskLimits.titleChars) }),
  dates: (content) => ({ startDate: commonStart(content), dueDate: content.dueDate }),
  status: ({ status }) => ({ status: commonStatus(status) }),
  priority: ({ priority }) => ({ priority: commonPriority(priority) }),
  text: ({ text }) => ({ text: { format: 'plain', content: plainText(text) } }),
  privacy: ({ privacy }) => ({ privacy: commonPrivacy(privacy) }),
};

/**
 * A task that starts no day before it is due says the same with and without that start: a row of SuperOffice must have one.
 * A start after the due date is refused by Exchange; the due date is what people plan by.
 */
function commonStart({ startDate, dueDate }: TaskContent): string | null {
  if (dueDate === null) return startDate;
  return startDate === null || startDate > dueDate ? dueDate : startDate;
}

/** SuperOffice knows not started, started and completed; waiting and deferred ones are not done and stay where they are. */
function commonStatus(status: string): 'not-started' | 'in-progress' | 'completed' {
  if (status === 'completed' || status === 'in-progress') return status;
  return 'not-started';
}

function commonPriority(priority: string): 'low' | 'normal' | 'high' {
  return priority === 'low' || priority === 'high' ? priority : 'normal';
}

/** An open task is always in the window: it is still to be done. A completed one is where its dates are. */
function spanOf({ status, startDate, dueDate }: TaskContent, zone: ZoneName): TimeSpan | undefined {
  const day = dueDate ?? startDate;
  if (status !== 'completed' || day === null) return undefined;
  return { start: startOfDay(day, zone), end: startOfDay(addDays(day, 1), zone) };
}
