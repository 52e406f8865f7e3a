// One appointment travels: created, changed and deleted on either side of a real bus with two fake systems.
import { until } from '@lockstep/bus/testing/until';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { meeting, Setup } from './fakes/setup.ts';

let setup: Setup;
beforeEach(async () => {
  setup = await Setup.create();
});
afterEach(() => setup.close());

describe.each([
  ['exchange', 'superoffice'],
  ['superoffice', 'exchange'],
] as const)('from %s to %s', (from, to) => {
  it('carries a new appointment, its changes and its end over', async () => {
    await setup.engine();
    const { mailbox } = setup;
    const id = mailbox[from].userCreates(meeting('Contract'));
    await setup.inStep(1);
    const [copy] = mailbox[to].all();
    expect(copy?.content).toMatchObject({ title: 'Contract', location: 'Room 3', busy: 'busy' });
    expect(copy?.stamp).toEqual(mailbox[from].get(id).stamp);

    mailbox[from].userChanges(id, { title: 'Contract, signed' });
    await until(() => mailbox[to].all()[0]?.content.title === 'Contract, signed', 'the change to arrive');

    mailbox[from].userDeletes(id);
    await until(() => mailbox[to].items.size === 0, 'the delete to arrive');
    expect(mailbox[from].writes.filter(({ operation }) => operation !== 'stamp')).toEqual([]);
    expect(mailbox[to].writes.map(({ operation }) => operation)).toEqual(['create', 'write', 'remove']);
  });
});
