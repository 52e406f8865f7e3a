import { until } from '@lockstep/bus/testing/until';
import { type AppointmentContent, superoffice } from '@lockstep/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { standard, World } from './harness.ts';

let world: World;
beforeAll(async () => {
  world = await World.start({ webhooks: false, logins: ['alice', 'bob'] });
});
afterAll(() => world.close());

const mailbox = () => world.mailbox('alice');
let linkNumber = 0;
const stamp = () => ({ linkId: `0190-link-${++linkNumber}`, mailbox: mailbox() });

const content: AppointmentContent = {
  title: 'R&D <"x"> 🙂 Ærø',
  time: { kind: 'timed', start: '2026-12-01T09:00:00.000Z', end: '2026-12-01T10:00:00.000Z' },
  location: 'Room 3',
  text: { format: 'plain', content: 'Line 1\nLine 2' },
  busy: 'busy',
  privacy: 'normal',
};

async function found(id: number | string) {
  const { results } = await world.ask(superoffice.getAppointments, { mailbox: mailbox(), ids: [String(id)] });
  const [result] = results;
  if (result?.kind !== 'found') throw new Error(`not found but ${result?.kind}`);
  return result.item;
}

describe('creating', () => {
  it('makes a row for its owner, stamps it, and reports the version that reading shows', async () => {
    const made = stamp();
    const { id, version } = await world.ask(superoffice.createAppointment, {
      mailbox: mailbox(),
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
    const body = { mailbox: mailbox(), content: special, stamp: stamp() };
    const { id } = await world.ask(superoffice.createAppointment, body);
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
    const outcome = await world.tryAsk(superoffice.createAppointment, {
      mailbox: mailbox(),
      content: lost,
      stamp: stamp(),
    });
    expect(outcome).toMatchObject({ ok: false, error: { code: 'superoffice-unknown-outcome' } });
    const { results } = await world.ask(superoffice.findOwnUnstamped, { mailbox: mailbox(), since });
    const [result] = results;
    if (results.length !== 1 || result?.kind !== 'found') throw new Error('not one row');
    expect(result.item.content).toEqual(lost);
    const adopted = stamp();
    await world.ask(superoffice.stampAppointment, { mailbox: mailbox(), id: result.item.id, stamp: adopted });
    expect((await world.ask(superoffice.findOwnUnstamped, { mailbox: mailbox(), since })).results).toEqual([]);
    const byKey = await world.ask(superoffice.findByForeignKey, { mailbox: mailbox(), stamp: adopted });
    expect(byKey.items).toMatchObject([{ id: result.item.id, stamp: adopted }]);
  });

  it('reports an unknown outcome when the row could not be stamped', async () => {
    const since = new Date(Date.now() - 1_000).toISOString();
    await world.control('POST', '/faults', { method: 'POST', path: '*/Key', status: 500, count: 1 });
    const body = { mailbox: mailbox(), content: { ...content, title: 'No stamp' }, stamp: stamp() };
    const outcome = await world.tryAsk(superoffice.createAppointment, body);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'superoffice-unknown-outcome' } });
    const { results } = await world.ask(superoffice.findOwnUnstamped, { mailbox: mailbox(), since });
    expect(results).toMatchObject([{ kind: 'found', item: { content: { title: 'No stamp' } } }]);
  });
});

describe('stamping', () => {
  it('replaces the older stamp of the same mailbox', async () => {
    const row = await world.add('alice');
    const [first, second] = [stamp(), stamp()];
    for (const each of [first, second]) {
      await world.ask(superoffice.stampAppointment, { mailbox: mailbox(), id: String(row.id), stamp: each });
    }
    expect((await found(row.id)).stamp).toEqual(second);
    const old = await world.ask(superoffice.findByForeignKey, { mailbox: mailbox(), stamp: first });
    expect(old.items).toEqual([]);
  });

  it('does not count in another mailbox', async () => {
    const row = await world.add('alice');
    const own = stamp();
    await world.ask(superoffice.stampAppointment, { mailbox: mailbox(), id: String(row.id), stamp: own });
    const other = world.mailbox('bob');
    expect((await world.ask(superoffice.findByForeignKey, { mailbox: other, stamp: own })).items).toEqual([]);
    await world.change(row.id, { associate: 'bob' });
    const { results } = await world.ask(superoffice.getAppointments, { mailbox: other, ids: [String(row.id)] });
    expect(results).toMatchObject([{ kind: 'found' }]);
    expect(results[0]?.kind === 'found' && results[0].item.stamp).toBe(undefined);
  });
});

describe('updating', () => {
  it('writes the given fields only and reports the version that reading shows', async () => {
    const row = await world.add('alice');
    const { version } = await found(row.id);
    const written = await world.ask(superoffice.updateAppointment, {
      mailbox: mailbox(),
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
    const body = { mailbox: mailbox(), id: String(row.id), version, changes: { title: 'Too late' } };
    expect(await world.ask(superoffice.updateAppointment, body)).toEqual({ kind: 'conflict' });
    expect((await world.read(row.id)).title).toBe(standard.title);
  });

  it.each([409, 412])('is a conflict when SuperOffice answers %i', async (status) => {
    const row = await world.add('alice');
    const { version } = await found(row.id);
    await world.control('POST', '/faults', { method: 'PATCH', status, count: 1 });
    const body = { mailbox: mailbox(), id: String(row.id), version, changes: { title: 'Refused' } };
    expect(await world.ask(superoffice.updateAppointment, body)).toEqual({ kind: 'conflict' });
  });

  it('sends nothing when the row says so already', async () => {
    const row = await world.add('alice');
    const { version } = await found(row.id);
    await world.control('DELETE', '/log');
    const body = { mailbox: mailbox(), id: String(row.id), version, changes: { title: standard.title } };
    expect(await world.ask(superoffice.updateAppointment, body)).toMatchObject({ kind: 'written', version });
    const { requests } = await world.control<{ requests: { method: string }[] }>('GET', '/log');
    expect(requests.map((request) => request.method)).toEqual(['GET']);
  });

  it('is a conflict when a person changes the field between our read and our write', async () => {
    const row = await world.add('alice');
    const { version } = await found(row.id);
    await world.control('POST', '/faults', { method: 'PATCH', delayMs: 1_000, when: 'before', count: 1 });
    const body = { mailbox: mailbox(), id: String(row.id), version, changes: { title: 'Ours' } };
    const writing = world.ask(superoffice.updateAppointment, body);
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
    const body = { mailbox: mailbox(), id: String(row.id), version, changes: { title: 'Gone' } };
    expect(await world.ask(superoffice.updateAppointment, body)).toEqual({ kind: 'missing' });
    const task = await world.add('alice', { type: 'inChecklist' });
    const other = await found(task.id);
    const refused = { ...body, id: String(task.id), version: other.version };
    expect(await world.tryAsk(superoffice.updateAppointment, refused)).toMatchObject({
      ok: false,
      error: { code: 'superoffice-refused' },
    });
    expect((await world.read(task.id)).title).toBe(standard.title);
  });

  it('never writes a cut text over the original', async () => {
    const row = await world.add('alice');
    const { version } = await found(row.id);
    const changes = { text: { format: 'plain' as const, content: 'cut', truncated: true } };
    const body = { mailbox: mailbox(), id: String(row.id), version, changes };
    expect(await world.tryAsk(superoffice.updateAppointment, body)).toMatchObject({
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
    const body = { mailbox: mailbox(), id: String(row.id) };
    expect(await world.ask(superoffice.deleteAppointment, { ...body, version })).toEqual({ kind: 'conflict' });
    const now = (await found(row.id)).version;
    expect(await world.ask(superoffice.deleteAppointment, { ...body, version: now })).toEqual({ kind: 'deleted' });
    expect(await world.ask(superoffice.deleteAppointment, { ...body, version: now })).toEqual({ kind: 'missing' });
  });

  it('is proved by the transaction log, or says that the log cannot be read', async () => {
    const [kept, gone] = [await world.add('alice'), await world.add('alice')];
    await world.remove(gone.id);
    const evidence = (id: number) => world.ask(superoffice.getDeleteEvidence, { mailbox: mailbox(), id: String(id) });
    expect(await evidence(gone.id)).toEqual({ principalRead: true, deleteRecord: 'found' });
    expect(await evidence(kept.id)).toEqual({ principalRead: true, deleteRecord: 'none' });
    await world.control('POST', '/switches', { transactionLogReadable: false });
    expect(await evidence(gone.id)).toEqual({ principalRead: true, deleteRecord: 'unreadable' });
    await world.control('POST', '/switches', { transactionLogReadable: true });
  });
});
