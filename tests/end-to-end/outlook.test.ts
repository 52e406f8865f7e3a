// A calendar client that this project did not write does what Outlook does, through EWS, and Lockstep carries it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bothSides } from './support/control.ts';
import { eventually } from './support/eventually.ts';
import { Outlook, whyNoOutlook } from './support/outlook.ts';
import { type RunningSystem, startSystem } from './support/running-system.ts';

const withinMs = 20_000;
const missing = whyNoOutlook();
if (missing) process.stdout.write(`exchangelib ${missing}\n`);

interface ListedItem {
  readonly id: string;
  readonly subject: string;
}

describe.skipIf(missing !== undefined)('exchangelib', () => {
  let running: RunningSystem;
  let outlook: Outlook;
  beforeAll(async () => {
    running = await startSystem();
    outlook = new Outlook(running.system.simulatorUrl('exchange'), running.people.alice.address);
  });
  afterAll(async () => {
    outlook?.close();
    await running?.stop();
  });

  it('creates, changes, lists, syncs and deletes, and SuperOffice follows', async () => {
    const { alice } = running.people;
    const { syncState } = await outlook.do<{ syncState: string }>('sync');
    const { id } = await outlook.do<{ id: string }>('create', {
      subject: 'R&D <"x"> 🙂 Ærø',
      location: 'Room 3',
      body: 'Agenda',
      start: '2026-12-01T09:00:00Z',
      end: '2026-12-01T10:00:00Z',
      busy: 'Busy',
    });
    await eventually(withinMs, async () => {
      const { exchange, superoffice } = await bothSides(alice.exchange, alice.superoffice);
      expect(superoffice).toMatchObject([{ title: 'R&D <"x"> 🙂 Ærø', location: 'Room 3', text: 'Agenda' }]);
      expect(superoffice).toEqual(exchange);
    });

    await outlook.do('change', { id, subject: 'Changed in Outlook' });
    await eventually(withinMs, async () =>
      expect(await alice.superoffice.rows()).toMatchObject([{ title: 'Changed in Outlook' }]),
    );

    const [row] = await alice.superoffice.rows();
    await alice.superoffice.change(row?.id ?? 0, { title: 'Changed in SuperOffice' });
    await eventually(withinMs, async () => {
      const { items } = await outlook.do<{ items: ListedItem[] }>('list');
      expect(items).toMatchObject([{ id, subject: 'Changed in SuperOffice' }]);
    });
    const synced = await outlook.do<{ changes: { kind: string; id: string }[] }>('sync', { syncState });
    expect(synced.changes).toEqual([{ kind: 'create', id }]);

    await outlook.do('delete', { id });
    await eventually(withinMs, async () => expect(await alice.superoffice.rows()).toEqual([]));
    expect(await running.audit.report()).toMatchObject({ withoutGrant: [], grantsUsedTwice: [] });
  });
});
