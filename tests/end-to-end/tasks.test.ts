// Plain tasks and to-dos travel beside appointments, through the same services, once their direction is switched on.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from './support/eventually.ts';
import { ExchangeTasks } from './support/exchange-tasks.ts';
import { type RunningSystem, startSystem } from './support/running-system.ts';

const withinMs = 30_000;

let running: RunningSystem;
let outlook: ExchangeTasks;
beforeAll(async () => {
  running = await startSystem();
  outlook = new ExchangeTasks(running.system.simulatorUrl('exchange'), running.people.alice.address);
});
afterAll(() => running?.stop());

/** Alice's checklist: her rows that are to-dos. */
async function toDos() {
  const rows = await running.people.alice.superoffice.rows();
  return rows.filter((row) => 'type' in row && row.type === 'inChecklist');
}

const only = <T>(all: readonly T[]): T => {
  const [one, ...more] = all;
  if (one === undefined) throw new Error('nothing there yet');
  expect(more).toEqual([]);
  return one;
};

it('waits for its direction, then is loaded, changed and deleted from both sides, and each time once', async () => {
  const { alice } = running.people;
  await outlook.create('Was there before', '2026-12-10');
  await alice.exchange.create({ subject: 'Meet', start: '2026-12-01T09:00:00Z', end: '2026-12-01T10:00:00Z' });
  await eventually(withinMs, async () => expect(await alice.superoffice.rows()).toHaveLength(1));
  expect(await toDos()).toEqual([]);

  await running.api('PATCH', '/settings/sync', { tasks: 'both' });
  await eventually(withinMs, async () => expect(only(await toDos())).toMatchObject({ title: 'Was there before' }));

  await alice.superoffice.change(only(await toDos()).id, { title: 'Renamed by hand' });
  await eventually(withinMs, async () =>
    expect(only(await outlook.items())).toMatchObject({ subject: 'Renamed by hand', dueDate: '2026-12-10' }),
  );

  await outlook.complete(only(await outlook.items()));
  await eventually(withinMs, async () => expect(only(await toDos())).toMatchObject({ completed: 'Completed' }));

  await alice.superoffice.create({
    ...{ type: 'inChecklist', title: 'From SuperOffice', description: '' },
    ...{ start: '2026-12-11T00:00:00Z', end: '2026-12-12T00:00:00Z' },
  });
  await eventually(withinMs, async () => {
    const subjects = (await outlook.items()).map(({ subject }) => subject).sort();
    expect(subjects).toEqual(['From SuperOffice', 'Renamed by hand']);
  });

  // Exchange names the delete of what it has shown before; what nobody saw come is found missing by the nightly compare.
  for (const task of await outlook.items()) await outlook.complete(task);
  await eventually(withinMs, async () =>
    expect((await toDos()).map((row) => 'completed' in row && row.completed)).toEqual(['Completed', 'Completed']),
  );

  for (const task of await outlook.items()) await outlook.delete(task);
  await eventually(withinMs, async () => expect(await toDos()).toEqual([]));
  expect(await alice.superoffice.rows()).toHaveLength(1);
  expect(await alice.exchange.items()).toHaveLength(1);
});
