// One change travels: created, changed and deleted, both ways, with everything that both sides can hold.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bothSides, shownInExchange, shownInSuperOffice } from './support/control.ts';
import { eventually } from './support/eventually.ts';
import { type Person, type RunningSystem, startSystem } from './support/running-system.ts';

/** The bound of the promise is 2 s; a loaded test machine gets more, and bench/ measures the true figure. */
const withinMs = 20_000;
const specials = 'R&D <"x"> 🙂 Ærø';

let running: RunningSystem;
beforeAll(async () => {
  running = await startSystem();
});
afterAll(() => running?.stop());
afterEach(async () => {
  const report = await running.audit.report();
  expect(report).toMatchObject({ withoutGrant: [], grantsUsedTwice: [] });
});

async function inStep(person: Person, count: number): Promise<void> {
  await eventually(withinMs, async () => {
    const { exchange, superoffice } = await bothSides(person.exchange, person.superoffice);
    expect(exchange).toHaveLength(count);
    expect(superoffice).toEqual(exchange);
  });
}

describe('from Outlook to SuperOffice', () => {
  it('an appointment appears, changes and vanishes', async () => {
    const { alice } = running.people;
    const item = await alice.exchange.create({
      subject: specials,
      body: { format: 'HTML', text: '<html><body><p>R&amp;D &lt;b&gt; 🙂</p><p>Ærø</p></body></html>' },
      start: '2026-12-01T09:00:00Z',
      end: '2026-12-01T10:30:00Z',
      timeZone: 'Eastern Standard Time',
      location: 'Room <3> & "Ø"',
      busy: 'OOF',
    });
    const row = await eventually(withinMs, async () => {
      const [first, ...more] = await alice.superoffice.rows();
      if (!first) throw new Error('nothing appeared in SuperOffice');
      expect(more).toEqual([]);
      return first;
    });
    expect(shownInSuperOffice(row)).toEqual({
      title: specials,
      when: '2026-12-01T09:00:00.000Z – 2026-12-01T10:30:00.000Z',
      location: 'Room <3> & "Ø"',
      text: 'R&D <b> 🙂\nÆrø',
      free: false,
    });

    await alice.exchange.change(item, {
      subject: 'Moved',
      start: '2026-12-02T09:00:00Z',
      end: '2026-12-02T10:00:00Z',
    });
    await eventually(withinMs, async () => {
      const [changed] = await alice.superoffice.rows();
      expect(changed).toMatchObject({ id: row.id, title: 'Moved' });
      expect(Date.parse(changed?.start ?? '')).toBe(Date.parse('2026-12-02T09:00:00Z'));
    });
    const [kept] = await alice.exchange.items();
    if (!kept) throw new Error('the appointment vanished from Exchange');
    expect(kept).toMatchObject({ timeZone: 'Eastern Standard Time', busy: 'OOF' });

    await alice.exchange.delete(kept);
    await inStep(alice, 0);
  });

  it('an all-day event keeps its days, and a free one stays free', async () => {
    const { bob } = running.people;
    await bob.exchange.create({
      subject: 'Holiday',
      isAllDay: true,
      start: '2026-12-23T23:00:00Z',
      end: '2026-12-26T23:00:00Z',
      timeZone: 'W. Europe Standard Time',
      busy: 'Free',
    });
    await inStep(bob, 1);
    const [row] = await bob.superoffice.rows();
    expect(row && shownInSuperOffice(row)).toMatchObject({ when: '2026-12-24 – 2026-12-26', free: true });
  });
});

describe('from SuperOffice to Outlook', () => {
  it('an appointment appears, changes and vanishes', async () => {
    const { carol } = running.people;
    const row = await carol.superoffice.create({
      title: specials,
      description: `Agenda:\n- ${specials}`,
      start: '2026-12-03T12:00:00Z',
      end: '2026-12-03T13:00:00Z',
      location: 'Ærø',
    });
    const item = await eventually(withinMs, async () => {
      const [first, ...more] = await carol.exchange.items();
      if (!first) throw new Error('nothing appeared in Exchange');
      expect(more).toEqual([]);
      return first;
    });
    expect(shownInExchange(item)).toEqual({
      title: specials,
      when: '2026-12-03T12:00:00.000Z – 2026-12-03T13:00:00.000Z',
      location: 'Ærø',
      text: `Agenda:\n- ${specials}`,
      free: false,
    });
    expect(item.timeZone).toBe('W. Europe Standard Time');

    await carol.superoffice.change(row.id, { title: 'Changed', isFree: true });
    await eventually(withinMs, async () => {
      const [changed] = await carol.exchange.items();
      expect(changed).toMatchObject({ id: item.id, subject: 'Changed', busy: 'Free' });
    });

    await carol.superoffice.delete(row.id);
    await inStep(carol, 0);
  });

  it('an all-day event with working hours becomes whole days', async () => {
    const { dave } = running.people;
    await dave.superoffice.create({
      title: 'Fair',
      isAllDay: true,
      start: '2026-12-07T07:00:00Z',
      end: '2026-12-08T15:00:00Z',
    });
    await inStep(dave, 1);
    const [item] = await dave.exchange.items();
    expect(item && shownInExchange(item)).toMatchObject({ when: '2026-12-07 – 2026-12-08' });
  });
});
