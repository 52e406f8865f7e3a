// Today's services start on what each release stored, go on synchronizing both ways, and nothing is lost, doubled, made anew
// or rewritten. tests/upgrade/make/ says what the storage of a release holds.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../../scripts/system/provision.ts';
import { ExchangeCalendar, SuperOfficeDiary } from '../end-to-end/support/control.ts';
import { eventually } from '../end-to-end/support/eventually.ts';
import { type ByPerson, calendarsOf, type Held, titlesOf } from './support/calendars.ts';
import { SavedRelease, savedReleases } from './support/saved-release.ts';
import { startOn, type UpgradedSystem } from './support/upgraded-system.ts';

const withinMs = 60_000;
/** A delete that is suspected is looked at again after a minute. */
const quietWithinMs = 100_000;
const heldDeletes = 6;
const sides = ['exchange', 'superoffice'] as const;

interface Explained {
  readonly openIntents: number;
  readonly heldDeletes: number;
  readonly firstLoadDone: boolean;
  readonly parked: readonly { readonly state: string }[];
}

describe.each(savedReleases())('on what release %s stored', (name) => {
  const release = new SavedRelease(name);
  const { people } = release.manifest;
  const linked = release.linkedIds();
  let upgraded: UpgradedSystem;
  let after: ByPerson;

  beforeAll(async () => {
    upgraded = await startOn(release);
  });
  afterAll(() => upgraded?.stop());

  const now = () => calendarsOf(Object.keys(people), upgraded.urls);
  const explained = (person: string) => upgraded.api<Explained>('GET', `/mailboxes/${people[person]?.mailbox}/explain`);
  const writesTo = (side: 'exchange' | 'superoffice') =>
    (side === 'exchange' ? exchangeWrites : superofficeWrites)(upgraded.urls[side]);
  const has = (held: readonly Held[] | undefined, title: string) => held?.filter((item) => item.title === title).length;

  it('what was under way is finished: waiting changes, open creates, a first load, a suspected delete', async () => {
    await eventually(withinMs, async () => {
      after = await now();
      const alice = after.get('alice');
      for (const title of ['Waiting outlook 1', 'Waiting web 2', 'New in Outlook', 'New on the web'])
        for (const side of sides) expect([side, title, has(alice?.[side], title)]).toEqual([side, title, 1]);
      for (const title of ['Alice outlook 3', 'Alice web 3'])
        for (const side of sides) expect([side, title, has(alice?.[side], title)]).toEqual([side, title, 0]);
      for (const person of ['carol', 'dave', 'erin', 'henry']) {
        const title = `${person[0]?.toUpperCase()}${person.slice(1)} hangs`;
        for (const side of sides)
          expect([side, title, has(after.get(person)?.[side], title)]).toEqual([side, title, 1]);
        expect([person, (await explained(person)).openIntents]).toEqual([person, 0]);
      }
      expect(has(after.get('carol')?.superoffice, 'Carol notifies')).toBe(1);
      expect(has(after.get('ivan')?.exchange, 'Ivan outlook 1')).toBe(0);
      const frank = after.get('frank');
      expect(titlesOf(frank?.superoffice ?? [])).toEqual(titlesOf(frank?.exchange ?? []));
      expect(await explained('frank')).toMatchObject({ firstLoadDone: true, openIntents: 0 });
    });
  });

  it('a change of each side and a new item of each side travel', async () => {
    const exchange = new ExchangeCalendar(upgraded.urls.exchange, 'alice@lockstep.test');
    const superoffice = new SuperOfficeDiary(upgraded.urls.superoffice, 'alice');
    const item = (await exchange.items()).find(({ subject }) => subject === 'Alice outlook 4');
    const row = (await superoffice.rows()).find(({ title }) => title === 'Alice web 4');
    if (item === undefined || row === undefined) throw new Error('Alice has lost her items');
    const when = { start: '2027-03-01T09:00:00Z', end: '2027-03-01T10:00:00Z' };
    await exchange.change(item, { subject: 'Changed in Outlook' });
    await superoffice.change(row.id, { title: 'Changed on the web' });
    await exchange.create({ subject: 'Made in Outlook', ...when });
    await superoffice.create({ title: 'Made on the web', ...when });
    await eventually(withinMs, async () => {
      after = await now();
      for (const title of ['Changed in Outlook', 'Changed on the web', 'Made in Outlook', 'Made on the web'])
        for (const side of sides)
          expect([side, title, has(after.get('alice')?.[side], title)]).toEqual([side, title, 1]);
    });
    await eventually(quietWithinMs, async () => expect(await upgraded.quiet()).toBe(true));
    after = await now();
  });

  it('nothing that was linked is rewritten, made anew or lost', async () => {
    const mayDiffer = new Set([...Object.values(people).flatMap(({ touched }) => touched), ...changedHere]);
    for (const [person, calendars] of upgraded.before) {
      for (const side of sides) {
        const untouched = calendars[side].filter(({ id, title }) => linked.has(id) && !mayDiffer.has(title));
        expect(untouched.length, `${person} has nothing in ${side} that is to stay`).toBeGreaterThan(0);
        expect(after.get(person)?.[side]).toEqual(expect.arrayContaining([...untouched]));
      }
    }
  });

  it('nothing is there twice, and nothing was created or deleted in between', async () => {
    for (const side of sides) {
      let [created, deleted] = [0, 0];
      for (const [person, before] of upgraded.before) {
        const held = after.get(person)?.[side] ?? [];
        const titles = titlesOf(held);
        expect(titles, `doubles of ${person} in ${side}`).toEqual([...new Set(titles)]);
        created += without(held, before[side]);
        deleted += without(before[side], held);
      }
      const madeByTheTest = 1;
      expect([side, await writesTo(side)]).toEqual([side, { creates: created - madeByTheTest, deletes: deleted }]);
    }
  });

  it('held deletes are still held, parked items parked, and who is not linked is left alone', async () => {
    expect(await explained('bob')).toMatchObject({ heldDeletes });
    expect(await explained('dave')).toMatchObject({ parked: [{ state: 'parked' }] });
    for (const person of ['gina', 'judy']) expect(after.get(person)).toEqual(upgraded.before.get(person));
    for (const side of sides)
      expect(after.get('henry')?.[side].filter(({ title }) => title === 'Henry hangs')).toHaveLength(1);
  });
});

/** How many items are in one and not in the other. */
function without(held: readonly Held[], other: readonly Held[]): number {
  const ids = new Set(other.map(({ id }) => id));
  return held.filter(({ id }) => !ids.has(id)).length;
}

/** The calls by which Lockstep made and deleted items since its start. */
async function exchangeWrites(url: string) {
  const { records } = await call<{ records: { operation: string }[] }>('GET', `${url}/control/log`);
  const count = (wanted: string) => records.filter(({ operation }) => operation === wanted).length;
  return { creates: count('CreateItem'), deletes: count('DeleteItem') };
}

async function superofficeWrites(url: string) {
  const { requests } = await call<{ requests: { method: string; path: string }[] }>('GET', `${url}/control/log`);
  const count = (wanted: string) =>
    requests.filter(({ method, path }) => method === wanted && /\/Appointment(\/\d+)?(\?|$)/.test(path)).length;
  return { creates: count('POST'), deletes: count('DELETE') };
}

/** Titles of what this test itself changes. */
const changedHere = ['Alice outlook 4', 'Alice web 4'];
