import { type ItemText, superoffice, superofficeItems } from '@lockstep/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { standard, World } from './harness.ts';

let world: World;
beforeAll(async () => {
  world = await World.start({ webhooks: false, logins: ['alice', 'bob'] });
});
afterAll(() => world.close());

const about = () => ({ mailbox: world.mailbox('alice'), priority: 'change', kind: 'appointment' }) as const;

async function found(id: number | string) {
  const { results } = await world.ask(superofficeItems.read, { ...about(), ids: [String(id)] });
  const [result] = results;
  if (result?.kind !== 'found') throw new Error(`not found but ${result?.kind}`);
  return result.item;
}

describe('reading', () => {
  it('gives the content, the dates and a version', async () => {
    const row = await world.add('alice');
    expect(await found(row.id)).toMatchObject({
      id: String(row.id),
      shape: 'single',
      modifiedByUs: false,
      content: {
        title: standard.title,
        text: { format: 'plain', content: standard.description },
        time: { kind: 'timed', start: standard.start, end: standard.end },
        location: 'Room 3',
        busy: 'busy',
        privacy: 'normal',
      },
    });
  });

  it('does not show the row of another associate, nor one that is not there', async () => {
    const row = await world.add('bob');
    const ids = [String(row.id), '999999', 'nonsense'];
    const { results } = await world.ask(superofficeItems.read, { ...about(), ids });
    expect(results).toEqual(ids.map((id) => ({ kind: 'missing', id })));
  });

  it('reads an all-day row as days', async () => {
    const row = await world.add('alice', { isAllDay: true, start: '2026-12-24', end: '2026-12-26' });
    expect((await found(row.id)).content['time']).toEqual({
      kind: 'all-day',
      firstDate: '2026-12-24',
      lastDate: '2026-12-26',
    });
  });

  it('cuts and marks a text that is too long for a message', async () => {
    const row = await world.add('alice', { description: 'å🙂'.repeat(150_000) });
    const text = (await found(row.id)).content['text'] as ItemText;
    expect(text.truncated).toBe(true);
    expect(text.content.length).toBeGreaterThan(50_000);
  });

  it('holds as many items as fit into a message, whole, so that the rest can be asked for', async () => {
    const description = 'long '.repeat(30_000);
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.push(String((await world.add('alice', { description })).id));
    const { results } = await world.ask(superofficeItems.read, { ...about(), ids });
    expect(results.length).toBeGreaterThan(1);
    expect(results.length).toBeLessThan(5);
    for (const result of results) {
      if (result.kind !== 'found') throw new Error(result.kind);
      expect(result.item.content['text']).toEqual({ format: 'plain', content: description });
    }
  });
});

describe('listing', () => {
  it('pages through the appointments that touch the span, by ascending id', async () => {
    const from = '2027-03-01T00:00:00.000Z';
    const to = '2027-03-02T00:00:00.000Z';
    const at = (start: string, end: string) => world.add('alice', { start, end });
    const touching = [
      await at('2027-03-01T09:00:00.000Z', '2027-03-01T10:00:00.000Z'),
      await at('2027-02-28T23:00:00.000Z', '2027-03-01T00:30:00.000Z'),
      await at('2027-03-01T23:30:00.000Z', '2027-03-02T00:30:00.000Z'),
    ];
    await at('2027-02-28T23:00:00.000Z', from);
    await at(to, '2027-03-02T01:00:00.000Z');
    await world.add('bob', { start: '2027-03-01T09:00:00.000Z', end: '2027-03-01T10:00:00.000Z' });
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof list>> = await list(cursor);
      ids.push(...page.rows.map((row) => row.id));
      cursor = page.next;
    } while (cursor !== null);
    expect(ids).toEqual(touching.map((row) => String(row.id)));
    const [first] = (await list(null)).rows;
    expect(first?.version).toBe((await found(ids[0] ?? '')).version);

    function list(after: string | null) {
      return world.ask(superofficeItems.list, { ...about(), range: { from, to }, cursor: after, maxItems: 2 });
    }
  });

  it('lists a row that cannot be read by its id, and the others as they are', async () => {
    const [broken, whole] = [await world.add('alice'), await world.add('alice')];
    await world.control('POST', '/faults', { path: `*/Appointment/${broken.id}*`, status: 200, body: '{"no":"row"}' });
    const range = { from: '2026-12-01T00:00:00.000Z', to: '2026-12-02T00:00:00.000Z' };
    const page = { ...about(), range, cursor: null, maxItems: 250 };
    const { rows } = await world.ask(superofficeItems.list, page);
    await world.control('DELETE', '/faults');
    expect(rows.filter(({ id }) => id === String(broken.id))).toEqual([{ id: String(broken.id), shape: 'single' }]);
    expect(rows.find(({ id }) => id === String(whole.id))?.version).toBe((await found(String(whole.id))).version);
  });

  it('names the people who can be linked', async () => {
    const { associates, more } = await world.ask(superoffice.listAssociates, { afterAssociateId: 0, maxItems: 100 });
    expect(more).toBe(false);
    expect(associates).toContainEqual({
      associateId: world.link('alice').associateId,
      name: 'alice',
      fullName: 'alice Test',
      email: 'alice@lockstep.test',
      active: true,
    });
    const page = await world.ask(superoffice.listAssociates, { afterAssociateId: 0, maxItems: 1 });
    expect(page).toMatchObject({ more: true });
  });
});

describe('what SuperOffice or the settings refuse', () => {
  it('reaches the caller as its code, and a pause is kept', async () => {
    const row = await world.add('alice');
    const body = { ...about(), ids: [String(row.id)] };
    await world.control('POST', '/faults', {
      path: '*/Appointment/*',
      status: 503,
      headers: { 'retry-after': '1' },
      count: 1,
    });
    const busy = await world.tryAsk(superofficeItems.read, body);
    expect(busy).toMatchObject({ ok: false, error: { code: 'superoffice-busy', retry: 'busy' } });
    await world.control('DELETE', '/log');
    expect(await world.tryAsk(superofficeItems.read, body)).toMatchObject({ ok: false });
    const { requests } = await world.control<{ requests: unknown[] }>('GET', '/log');
    expect(requests).toEqual([]);
  });

  it('is said of a mailbox that is not linked', async () => {
    const body = { ...about(), mailbox: 'aaaaaaaaaaaaaaaa' as never, ids: ['1'] };
    expect(await world.tryAsk(superofficeItems.read, body)).toMatchObject({
      ok: false,
      error: { code: 'mailbox-not-linked' },
    });
  });
});
