import { until } from '@lockstep/bus/testing/until';
import { type AppointmentContent, type LinkId, superofficeItems } from '@lockstep/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { standard, World } from './harness.ts';

let world: World;
beforeAll(async () => {
  world = await World.start({ webhooks: false, logins: ['alice', 'bob'] });
});
afterAll(() => world.close());

const mailbox = () => world.mailbox('alice');
const about = () => ({ mailbox: mailbox(), priority: 'change', kind: 'appointment' }) as const;
let linkNumber = 0;
const stamp = () => ({ linkId: `0190-link-${++linkNumber}` as LinkId, mailbox: mailbox() });

const content: AppointmentContent = {
  title: 'R&D <"x"> 🙂 Ærø',
  time: { kind: 'timed', start: '2026-12-01T09:00:00.000Z', end: '2026-12-01T10:00:00.000Z' },
  location: 'Room 3',
  text: { format: 'plain', content: 'Line 1\nLine 2' },
  busy: 'busy',
  privacy: 'normal',
};

async function found(id: number | string) {
  const { results } = await world.ask(superofficeItems.read, { ...about(), ids: [String(id)] });
  const [result] = results;
  if (result?.kind !== 'found') throw new Error(`not found but ${result?.kind}`);
  return result.item;
}

describe('creating', () => {
  it('makes a row for its owner, stamps it, and reports the version that reading shows', async () => {
    const made = stamp();
    const { id, version } = await world.ask(superofficeItems.create, {
      ...about(),
      content,
      stamp: made,
    });
    const item = await found(id);
    expect(item).toMatchObject({ version, content, stamp: made, modifiedByUs: true });
    expect(await world.read(Number(id))).toMatchObject({
      associate: 'alice',
      hasAlarm: false,
      foreignKeys: [{ name: 'Lockstep.exchange.link', value: made.linkId }],
    });
  });

  it('keeps days, privacy and free time', async () => {
    const special: AppointmentContent = {
      ...content,
      time: { kind: 'all-day', firstDate: '2026-12-24', lastDate: '2026-12-25' },
      busy: 'free',
      privacy: 'private',
    };
    const body = { ...about(), content: special, stamp: stamp() };
    const { id } = await world.ask(superofficeItems.create, body);
    expect((await found(id)).content).toEqual(special);
  });

  it('reports an unknown outcome when the answer is lost, and the row can be found and adopted', async () => {
    const since = new Date(Date.now() - 1_000).toISOString();
    await world.control('POST', '/faults', {
      method: 'POST',
      path: '*/Appointment',
      when: 'after',
      reset: true,
      count: 1,
    });
    const lost = { ...content, title: 'Lost answer' };
    const outcome = await world.tryAsk(superofficeItems.create, {
      ...about(),
      content: lost,
      stamp: stamp(),
    });
    expect(outcome).toMatchObject({ ok: false, error: { code: 'superoffice-unknown-outcome' } });
    const { items } = await world.ask(superofficeItems.findUnstamped, { ...about(), since });
    const [item] = items;
    if (items.length !== 1 || item === undefined) throw new Error('not one row');
    expect(item.content).toEqual(lost);
    const adopted = stamp();
    const { id, version } = item;
    await world.ask(superofficeItems.stamp, { ...about(), id, version, stamp: adopted });
    expect((await world.ask(superofficeItems.findUnstamped, { ...about(), since })).items).toEqual([]);
    const byKey = await world.ask(superofficeItems.findByStamp, { ...about(), stamp: adopted });
    expect(byKey.rows).toMatchObject([{ id, stamp: adopted }]);
  });

  it('reports an unknown outcome when the row could not be stamped', async () => {
    const since = new Date(Date.now() - 1_000).toISOString();
    await world.control('POST', '/faults', { method: 'POST', path: '*/Key', status: 500, count: 1 });
    const body = { ...about(), content: { ...content, title: 'No stamp' }, stamp: stamp() };
    const outcome = await world.tryAsk(superofficeItems.create, body);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'superoffice-unknown-outcome' } });
    const [row] = (await world.ask(superofficeItems.findUnstamped, { ...about(), since })).items;
    expect(row).toMatchObject({ content: { title: 'No stamp' } });
    await world.change(Number(row?.id), { title: 'A person was here', location: 'Elsewhere' });
    const { items } = await world.ask(superofficeItems.findUnstamped, { ...about(), since });
    expect(items).toMatchObject([{ id: row?.id, content: { title: 'A person was here' } }]);
  });
});

describe('stamping', () => {
  it('replaces the older stamp of the same mailbox', async () => {
    const row = await world.add('alice');
    const [first, second] = [stamp(), stamp()];
    for (const each of [first, second]) {
      await world.ask(superofficeItems.stamp, { ...about(), id: String(row.id), version: 'any', stamp: each });
    }
    expect((await found(row.id)).stamp).toEqual(second);
    const old = await world.ask(superofficeItems.findByStamp, { ...about(), stamp: first });
    expect(old.rows).toEqual([]);
  });

  it('does not count in another mailbox', async () => {
    const row = await world.add('alice');
    const own = stamp();
    await world.ask(superofficeItems.stamp, { ...about(), id: String(row.id), version: 'any', stamp: own });
    const other = { ...about(), mailbox: world.mailbox('bob') };
    expect((await world.ask(superofficeItems.findByStamp, { ...other, stamp: own })).rows).toEqual([]);
    await world.change(row.id, { associate: 'bob' });
    const { results } = await world.ask(superofficeItems.read, { ...other, ids: [String(row.id)] });
    expect(results).toMatchObject([{ kind: 'found' }]);
    // It bears a key of Lockstep, and not one of this mailbox: a full compare pairs by it when all our state is lost.
    expect(results).toMatchObject([{ item: { stamp: { linkId: own.linkId, mailbox: '' } } }]);
  });
});

describe('updating', () => {
  it('writes the given fields only and reports the version that reading shows', async () => {
    const row = await world.add('alice');
    const { version } = await found(row.id);
    const written = await world.ask(superofficeItems.write, {
      ...about(),
      id: String(row.id),
      version,
      changes: {
        title: 'Moved',
        time: { kind: 'timed', start: '2026-12-02T09:00:00.000Z', end: '2026-12-02T09:30:00.000Z' },
      },
    });
    const item = await found(row.id);
    expect(written).toEqual({ kind: 'written', id: String(row.id), version: item.version });
    expect(item.content).toMatchObject({ title: 'Moved', text: { content: standard.description }, location: 'Room 3' });
  });

  it('is a conflict when the version is another, and changes nothing', async () => {
    const row = await world.add('alice');
    const { version } = await found(row.id);
    await world.change(row.id, { location: 'Room 4' });
    const body = { ...about(), id: String(row.id), version, changes: { title: 'Too late' } };
    expect(await world.ask(superofficeItems.write, body)).toEqual({ kind: 'conflict' });
    expect((await world.read(row.id)).title).toBe(standard.title);
  });

  it.each([409, 412])('is a conflict when SuperOffice answers %i', async (status) => {
    const row = await world.add('alice');
    const { version } = await found(row.id);
    await world.control('POST', '/faults', { method: 'PATCH', status, count: 1 });
    const body = { ...about(), id: String(row.id), version, changes: { title: 'Refused' } };
    expect(await world.ask(superofficeItems.write, body)).toEqual({ kind: 'conflict' });
  });

  it('sends nothing when the row says so already', async () => {
    const row = await world.add('alice');
    const { version } = await found(row.id);
    await world.control('DELETE', '/log');
    const body = { ...about(), id: String(row.id), version, changes: { title: standard.title } };
    expect(await world.ask(superofficeItems.write, body)).toMatchObject({ kind: 'written', version });
    const { requests } = await world.control<{ requests: { method: string }[] }>('GET', '/log');
    expect(requests.map((request) => request.method)).toEqual(['GET']);
  });

  it('is a conflict when a person changes the field between our read and our write', async () => {
    const row = await world.add('alice');
    const { version } = await found(row.id);
    await world.control('POST', '/faults', { method: 'PATCH', delayMs: 1_000, when: 'before', count: 1 });
    const body = { ...about(), id: String(row.id), version, changes: { title: 'Ours' } };
    const writing = world.ask(superofficeItems.write, body);
    await until(async () => {
      const faults = await world.control<{ struck: number }[]>('GET', '/faults');
      return faults.some((fault) => fault.struck === 1);
    }, 'the write to be held up');
    await world.change(row.id, { title: 'Theirs' });
    expect(await writing).toEqual({ kind: 'conflict' });
    expect((await world.read(row.id)).title).toBe('Theirs');
    await world.control('DELETE', '/faults');
  });

  it('reports a row that is gone as missing, and does not touch a row of a meeting', async () => {
    const row = await world.add('alice');
    const { version } = await found(row.id);
    await world.remove(row.id);
    const body = { ...about(), id: String(row.id), version, changes: { title: 'Gone' } };
    expect(await world.ask(superofficeItems.write, body)).toEqual({ kind: 'missing' });
    const booked = await world.add('alice', { participants: ['bob'] });
    const other = await found(booked.id);
    const refused = { ...body, id: String(booked.id), version: other.version };
    expect(await world.tryAsk(superofficeItems.write, refused)).toMatchObject({
      ok: false,
      error: { code: 'superoffice-refused' },
    });
    expect((await world.read(booked.id)).title).toBe(standard.title);
  });

  it('never writes a cut text over the original', async () => {
    const row = await world.add('alice');
    const { version } = await found(row.id);
    const changes = { text: { format: 'plain' as const, content: 'cut', truncated: true } };
    const body = { ...about(), id: String(row.id), version, changes };
    expect(await world.tryAsk(superofficeItems.write, body)).toMatchObject({
      ok: false,
      error: { code: 'request-invalid', field: 'changes.text' },
    });
  });
});

describe('deleting', () => {
  it('deletes only the version that was read', async () => {
    const row = await world.add('alice');
    const { version } = await found(row.id);
    await world.change(row.id, { title: 'Changed' });
    const body = { ...about(), id: String(row.id) };
    expect(await world.ask(superofficeItems.remove, { ...body, version })).toEqual({ kind: 'conflict' });
    const now = (await found(row.id)).version;
    expect(await world.ask(superofficeItems.remove, { ...body, version: now })).toEqual({ kind: 'deleted' });
    expect(await world.ask(superofficeItems.remove, { ...body, version: now })).toEqual({ kind: 'missing' });
  });

  it('is proved by the transaction log, or says that the log cannot be read', async () => {
    const [kept, gone] = [await world.add('alice'), await world.add('alice')];
    await world.remove(gone.id);
    const evidence = (id: number) =>
      world.ask(superofficeItems.evidence, { ...about(), id: String(id), stamp: stamp() });
    expect(await evidence(gone.id)).toEqual({ readable: true, deleteRecord: 'found' });
    expect(await evidence(kept.id)).toEqual({ readable: true, deleteRecord: 'none' });
    await world.control('POST', '/switches', { transactionLogReadable: false });
    expect(await evidence(gone.id)).toEqual({ readable: true, deleteRecord: 'unreadable' });
    await world.control('POST', '/switches', { transactionLogReadable: true });
  });
});
