// To-dos beside appointments: they lie in one table of SuperOffice, and are items of another kind.
import { until } from '@lockstep/bus/testing/until';
import { type LinkId, superofficeItems, type TaskContent } from '@lockstep/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World } from './harness.ts';

let world: World;
beforeAll(async () => {
  world = await World.start({ webhooks: true, logins: ['alice'] });
  await world.kit.changeSettings({ sync: { tasks: 'both' } });
});
afterAll(() => world.close());

const about = () => ({ mailbox: world.mailbox('alice'), priority: 'change', kind: 'task' }) as const;
let linkNumber = 0;
const stamp = () => ({ linkId: `0190-task-${++linkNumber}` as LinkId, mailbox: world.mailbox('alice') });

const content: TaskContent = {
  title: 'Send the offer',
  startDate: '2026-12-01',
  dueDate: '2026-12-03',
  status: 'not-started',
  priority: 'high',
  text: { format: 'plain', content: 'With the discount' },
  privacy: 'normal',
};

async function read(id: string) {
  const { results } = await world.ask(superofficeItems.read, { ...about(), ids: [id] });
  const [result] = results;
  if (result?.kind !== 'found') throw new Error(`not found but ${result?.kind}`);
  return result.item;
}

/** A to-do as a person makes it in the checklist. */
const toDo = (fields: object = {}) =>
  world.add('alice', {
    type: 'inChecklist',
    title: 'By hand',
    description: '',
    end: '2026-12-05T23:00:00Z',
    ...fields,
  });

describe('a to-do', () => {
  it('is made with everything that a plain task says, and reads back the same', async () => {
    const { id, version } = await world.ask(superofficeItems.create, { ...about(), content, stamp: stamp() });
    expect(await read(id)).toMatchObject({ kind: 'task', shape: 'single', content, version });
    expect(await world.read(Number(id))).toMatchObject({ type: 'inChecklist' });
  });

  it.each([
    { startDate: null, dueDate: '2026-12-24' },
    { startDate: null, dueDate: null },
    { status: 'completed' },
    { priority: 'low' },
    { privacy: 'private' },
  ])('keeps %o', async (change) => {
    const wanted = { ...content, ...change };
    const { id } = await world.ask(superofficeItems.create, { ...about(), content: wanted, stamp: stamp() });
    const said = (await read(id)).content;
    // A row that has no start of its own starts when it is due; without any date SuperOffice gives it today.
    const startDate = wanted.startDate ?? wanted.dueDate ?? expect.any(String);
    expect(said).toMatchObject({ ...change, startDate });
  });

  it('is changed field by field, under its version', async () => {
    const { id, version } = await world.ask(superofficeItems.create, { ...about(), content, stamp: stamp() });
    const item = { ...about(), id };
    const changes = { status: 'completed', dueDate: '2026-12-04' };
    const written = await world.ask(superofficeItems.write, { ...item, version, changes });
    expect(await read(id)).toMatchObject({ content: { ...content, ...changes } });
    expect(written).toMatchObject({ kind: 'written', version: (await read(id)).version });
    expect(await world.ask(superofficeItems.write, { ...item, version, changes: { title: 'Late' } })).toEqual({
      kind: 'conflict',
    });
    expect(await world.ask(superofficeItems.remove, { ...item, version: (await read(id)).version })).toEqual({
      kind: 'deleted',
    });
  });

  it('is no appointment, and an appointment is no to-do', async () => {
    const [row, meeting] = [await toDo(), await world.add('alice')];
    const asAppointment = { ...about(), kind: 'appointment' as const, ids: [String(row.id)] };
    expect((await world.ask(superofficeItems.read, asAppointment)).results).toMatchObject([{ kind: 'missing' }]);
    const asTask = { ...about(), ids: [String(meeting.id)] };
    expect((await world.ask(superofficeItems.read, asTask)).results).toMatchObject([{ kind: 'missing' }]);
    const { rows } = await world.ask(superofficeItems.list, { ...about(), cursor: null, maxItems: 250 });
    const ids = rows.map(({ id }) => id);
    expect(ids).toContain(String(row.id));
    expect(ids).not.toContain(String(meeting.id));
  });

  it('is reported as a task when it is made, changed and deleted', async () => {
    await until(async () => (await world.control<unknown[]>('GET', '/webhooks')).length > 0, 'the webhook');
    const row = await toDo();
    expect(await world.takeUntil('alice', row.id, false)).toMatchObject({ item: 'task' });
    await world.change(row.id, { title: 'Changed' });
    expect(await world.takeUntil('alice', row.id, false)).toMatchObject({ item: 'task' });
    await world.remove(row.id);
    expect(await world.takeUntil('alice', row.id, true)).toMatchObject({ item: 'task' });
  });

  it('that is given a time in the diary vanishes as a task and appears as an appointment', async () => {
    const row = await toDo();
    await world.takeUntil('alice', row.id, false);
    await world.change(row.id, { type: 'inDiary' });
    const seen: string[] = [];
    await until(async () => {
      for (const change of await world.takeChanges('alice'))
        if (change.kind === 'item' && change.id === String(row.id)) seen.push(`${change.item} ${change.vanished}`);
      return seen.includes('appointment false');
    }, 'the appointment');
    expect(seen).toContain('task true');
  });
});
