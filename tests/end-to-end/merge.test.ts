// Both sides changed before Lockstep saw either change.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../../scripts/system/provision.ts';
import { bothSides, type ExchangeItem } from './support/control.ts';
import { eventually } from './support/eventually.ts';
import { type Person, type RunningSystem, startSystem } from './support/running-system.ts';

const withinMs = 30_000;

let running: RunningSystem;
beforeAll(async () => {
  running = await startSystem();
});
afterAll(() => running?.stop());
afterEach(async () => {
  expect(await running.audit.report()).toMatchObject({ withoutGrant: [], grantsUsedTwice: [] });
});

async function linkedPair(person: Person): Promise<{ item: ExchangeItem; rowId: number }> {
  const item = await person.exchange.create({
    subject: 'Before',
    start: '2026-12-01T09:00:00Z',
    end: '2026-12-01T10:00:00Z',
    location: 'Here',
  });
  return eventually(withinMs, async () => {
    const [row] = await person.superoffice.rows();
    if (!row) throw new Error('nothing appeared in SuperOffice');
    return { item, rowId: row.id };
  });
}

/** Stops the engine while both sides are changed, so that it sees both changes at once. */
async function whileStopped(change: () => Promise<void>): Promise<void> {
  const engine = running.system.process('sync-engine');
  await engine.stop();
  await change();
  engine.start();
}

async function settled(person: Person) {
  return eventually(withinMs, async () => {
    const { exchange, superoffice } = await bothSides(person.exchange, person.superoffice);
    expect(superoffice).toEqual(exchange);
    const [only] = exchange;
    if (!only || only.title === 'Before') throw new Error('the changes have not met yet');
    return only;
  });
}

describe('simultaneous changes', () => {
  it('of different fields both survive', async () => {
    const { alice } = running.people;
    const { item, rowId } = await linkedPair(alice);
    await whileStopped(async () => {
      await alice.exchange.change(item, { subject: 'From Outlook' });
      await alice.superoffice.change(rowId, { location: 'From SuperOffice' });
    });
    await eventually(withinMs, async () => {
      expect(await settled(alice)).toMatchObject({ title: 'From Outlook', location: 'From SuperOffice' });
    });
  });

  it('of the same field: the newer wins, and the other value is in the history', async () => {
    const { bob } = running.people;
    const { item, rowId } = await linkedPair(bob);
    await whileStopped(async () => {
      await bob.superoffice.change(rowId, { title: 'Older' });
      await call('POST', `${running.system.simulatorUrl('exchange')}/control/clock`, { advanceMs: 20_000 });
      await bob.exchange.change(item, { subject: 'Newer' });
    });
    expect(await settled(bob)).toMatchObject({ title: 'Newer' });
    const { userLinks } = await running.api<{ userLinks: { mailbox: string; address: string }[] }>(
      'GET',
      '/user-links',
    );
    const mailbox = userLinks.find((link) => link.address === bob.address)?.mailbox;
    await eventually(withinMs, async () => {
      const history = await running.api<unknown>('GET', `/mailboxes/${mailbox}/history`);
      expect(JSON.stringify(history)).toContain('"lost":"Older"');
    });
  });
});
