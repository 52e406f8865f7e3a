// Tasks beside appointments: one engine, two kinds, whose ids are equal on purpose.
import { until } from '@lockstep/bus/testing/until';
import type { TaskContent } from '@lockstep/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { meeting, Setup } from './fakes/setup.ts';

let setup: Setup;
beforeEach(async () => {
  setup = await Setup.create();
});
afterEach(() => setup.close());

const tasksToo = { sync: { tasks: 'both' } } as const;

function toDo(title: string, changes: Partial<TaskContent> = {}): TaskContent {
  return {
    title,
    startDate: null,
    dueDate: '2026-12-01',
    status: 'not-started',
    priority: 'normal',
    text: { format: 'plain', content: 'Ask for the draft' },
    privacy: 'normal',
    ...changes,
  };
}
const task = (title: string, changes: Partial<TaskContent> = {}) => ({
  kind: 'task' as const,
  content: toDo(title, changes),
});

describe('a task', () => {
  it('travels both ways beside an appointment with the same id', async () => {
    await setup.engine(tasksToo);
    const { exchange, superoffice } = setup.mailbox;
    const appointmentId = exchange.userCreates(meeting('Meet'));
    const taskId = exchange.userMakes(task('Call'));
    expect(taskId).toBe(appointmentId);
    await setup.inStep(1);
    await setup.inStep(1, setup.mailbox, 'task');

    const [row] = superoffice.all('task');
    superoffice.userEdits('task', row?.id ?? '', { status: 'completed' });
    await until(() => exchange.get(taskId, 'task').content.status === 'completed', 'the task to be completed');
    exchange.userDeletes(taskId, 'task');
    await setup.inStep(0, setup.mailbox, 'task');
    await setup.inStep(1);
    expect(exchange.get(appointmentId).content.title).toBe('Meet');
  });

  it('is loaded with the first load, dated or not, and paired where both sides hold it', async () => {
    const { exchange, superoffice, key } = setup.mailbox;
    exchange.onTouched = superoffice.onTouched = () => undefined;
    exchange.userMakes(task('Undated', { dueDate: null }));
    exchange.userMakes(task('On both'));
    superoffice.userMakes(task('On both'));
    superoffice.userMakes(task('Far away', { dueDate: '2031-01-01' }));
    const engine = await setup.engine(tasksToo);
    await setup.world.reportAll(key);
    await until(() => setup.firstLoadDone(engine), 'the first load');
    await setup.inStep(3, setup.mailbox, 'task');
  });

  it('is left alone while its direction is off', async () => {
    const engine = await setup.engine();
    const { exchange, superoffice, key } = setup.mailbox;
    exchange.userMakes(task('Mine'));
    exchange.userCreates(meeting('Meet'));
    await setup.world.reportAll(key);
    await until(() => setup.firstLoadDone(engine), 'the first load');
    await setup.inStep(1);
    expect(superoffice.all('task')).toEqual([]);
    expect(exchange.get('exchange-1', 'task').stamp).toBeUndefined();
  });
});
