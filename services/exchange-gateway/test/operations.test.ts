// The operations over the real bus against the Exchange simulator.
import {
  type AppointmentContent,
  exchange,
  exchangeItems,
  type LinkId,
  type Outcome,
  type ReplyOf,
  type RequestOf,
  type Stamp,
} from '@lockstep/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GatewayUnderTest, startGateway } from './support/gateway-under-test.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

const content: AppointmentContent = {
  title: `  R&D <"x"> 🙂 Ærø `,
  time: { kind: 'timed', start: '2026-03-02T08:00:00.000Z', end: '2026-03-02T09:30:00.000Z', zone: 'Europe/Oslo' },
  location: 'Rom "5" & <6>',
  text: { format: 'html', content: '<html><body><p>Første linje &amp; mer</p></body></html>' },
  busy: 'out-of-office',
  privacy: 'private',
};

const inCalendar = () => ({
  mailbox: gateway.mailboxes.alice,
  priority: 'person' as const,
  folder: 'calendar' as const,
});
const appointments = () => ({
  mailbox: gateway.mailboxes.alice,
  priority: 'person' as const,
  kind: 'appointment' as const,
});
const stampOf = (linkId: string): Stamp => ({ linkId: linkId as LinkId, mailbox: gateway.mailboxes.alice });

async function create(linkId: string, changes: Partial<AppointmentContent> = {}) {
  const body = { ...appointments(), content: { ...content, ...changes }, stamp: stampOf(linkId) };
  const created = await gateway.ask(exchangeItems.create, body);
  if (!created.ok) throw new Error(JSON.stringify(created.error));
  return created.value;
}

async function read(id: string) {
  const got = await gateway.ask(exchangeItems.read, { ...appointments(), ids: [id] });
  if (!got.ok) throw new Error(JSON.stringify(got.error));
  return got.value.results[0];
}

test('an item that was created is read back as it was written, with its stamp', async () => {
  const { id, version } = await create('link-1');
  const result = await read(id);
  expect(result).toMatchObject({
    kind: 'found',
    item: { id, version, shape: 'single', content: { ...content, text: expect.anything() }, stamp: stampOf('link-1') },
  });
  if (result?.kind !== 'found') throw new Error('not found');
  const { text } = result.item.content as unknown as AppointmentContent;
  expect(text.format).toBe('html');
  expect(text.content).toContain('Første linje &amp; mer');
  expect(result.item.uid).toBeTypeOf('string');
  expect(result.item.modifiedAt).toMatch(/Z$/);
});

test('days are kept as days in their own zone', async () => {
  const time = { kind: 'all-day', firstDate: '2026-03-28', lastDate: '2026-03-29', zone: 'Europe/Oslo' } as const;
  const { id } = await create('link-days', { time });
  const result = await read(id);
  expect(result).toMatchObject({ kind: 'found', item: { content: { time } } });
});

test('an update with the current version writes, one with an old version is a conflict and changes nothing', async () => {
  const { id, version } = await create('link-2');
  const changes = { title: 'Nytt', text: { format: 'plain', content: 'kort' }, busy: 'free' } as const;
  const first = await gateway.ask(exchangeItems.write, { ...appointments(), id, version, changes });
  expect(first).toMatchObject({ ok: true, value: { kind: 'written', id } });
  const second = await gateway.ask(exchangeItems.write, {
    ...appointments(),
    id,
    version,
    changes: { title: 'Zu spät' },
  });
  expect(second).toEqual({ ok: true, value: { kind: 'conflict' } });
  const result = await read(id);
  expect(result).toMatchObject({
    item: { content: { ...content, ...changes, text: { content: 'kort' } }, stamp: stampOf('link-2') },
  });
});

test('a timed item becomes days, and days become timed again', async () => {
  const { id, version } = await create('link-3');
  const days = { kind: 'all-day', firstDate: '2026-07-01', lastDate: '2026-07-01', zone: 'Europe/Oslo' } as const;
  const toDays = await gateway.ask(exchangeItems.write, { ...appointments(), id, version, changes: { time: days } });
  expect(await read(id)).toMatchObject({ item: { content: { time: days } } });
  if (!toDays.ok || toDays.value.kind !== 'written') throw new Error('not written');
  const back = { ...appointments(), id, version: toDays.value.version, changes: { time: content.time } };
  expect(await gateway.ask(exchangeItems.write, back)).toMatchObject({ ok: true, value: { kind: 'written' } });
  expect(await read(id)).toMatchObject({ item: { content: { time: content.time } } });
});

test('what was truncated or is unknown is never written', async () => {
  const { id, version } = await create('link-4');
  const changes = {
    text: { format: 'plain', content: 'half', truncated: true },
    busy: 'NoData',
    privacy: 'Secret',
  } as const;
  const refused = await gateway.ask(exchangeItems.write, { ...appointments(), id, version, changes });
  expect(refused).toMatchObject({ ok: false, error: { code: 'request-invalid', field: 'changes' } });
  const before = gateway.governor.granted.length;
  await gateway.ask(exchangeItems.write, { ...appointments(), id, version, changes });
  expect(gateway.governor.granted.length).toBe(before);
});

test('a delete needs the current version and goes to Deleted Items', async () => {
  const { id, version } = await create('link-5', { title: 'Weg' });
  expect(await gateway.ask(exchangeItems.remove, { ...appointments(), id, version: 'other' })).toEqual({
    ok: true,
    value: { kind: 'conflict' },
  });
  expect(await read(id)).toMatchObject({ kind: 'found' });
  expect(await gateway.ask(exchangeItems.remove, { ...appointments(), id, version })).toEqual({
    ok: true,
    value: { kind: 'deleted' },
  });
  expect(await read(id)).toEqual({ kind: 'missing', id });
  expect(await gateway.ask(exchangeItems.remove, { ...appointments(), id, version })).toEqual({
    ok: true,
    value: { kind: 'missing' },
  });
  const bin = await gateway.control('GET', '/control/mailboxes/alice@lockstep.test/calendar/items?folder=deleteditems');
  expect(bin).toEqual(expect.arrayContaining([expect.objectContaining({ subject: 'Weg' })]));
});

test('an item is found by its stamp, and only by its own', async () => {
  const { id } = await create('link-6');
  const found = await gateway.ask(exchangeItems.findByStamp, { ...appointments(), stamp: stampOf('link-6') });
  expect(found).toMatchObject({ ok: true, value: { rows: [{ id, stamp: stampOf('link-6'), shape: 'single' }] } });
  expect(
    await gateway.ask(exchangeItems.findByStamp, { ...appointments(), stamp: stampOf('link-none') }),
  ).toMatchObject({
    ok: true,
    value: { rows: [] },
  });
});

test('a listing pages by start through what touches the range', async () => {
  const day = (hour: number, end = hour + 1) => ({
    kind: 'timed' as const,
    start: `2027-05-01T${String(hour).padStart(2, '0')}:00:00.000Z`,
    end: `2027-05-01T${String(end).padStart(2, '0')}:00:00.000Z`,
  });
  const third = await create('list-3', { time: day(12) });
  const first = await create('list-1', { time: day(8) });
  const second = await create('list-2', { time: day(10) });
  await create('list-before', { time: day(6) });
  await create('list-after', { time: day(14) });
  const range = { from: '2027-05-01T07:00:00.000Z', to: '2027-05-01T14:00:00.000Z' };
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const body: RequestOf<typeof exchangeItems.list> = { ...appointments(), range, cursor, maxItems: 2 };
    const page: Outcome<ReplyOf<typeof exchangeItems.list>> = await gateway.ask(exchangeItems.list, body);
    if (!page.ok) throw new Error(JSON.stringify(page.error));
    ids.push(...page.value.rows.map((row) => row.id));
    cursor = page.value.next;
  } while (cursor !== null);
  expect(ids).toEqual([first.id, second.id, third.id]);
});

test('incremental detection names what was created, updated and deleted since the state', async () => {
  const ask = (syncState: string | null, maxChanges = 512) =>
    gateway.ask(exchange.syncFolderItems, { ...inCalendar(), priority: 'change', syncState, maxChanges });
  const whole = await ask(null);
  if (!whole.ok) throw new Error(JSON.stringify(whole.error));
  expect(whole.value.changes.every((change) => change.kind === 'created')).toBe(true);
  const page = await ask(null, 1);
  expect(page).toMatchObject({ ok: true, value: { more: true, changes: [{ kind: 'created' }] } });
  const { id, version } = await create('sync-1');
  const created = await ask(whole.value.syncState);
  expect(created).toMatchObject({ ok: true, value: { more: false, changes: [{ kind: 'created', id, version }] } });
  if (!created.ok) return;
  await gateway.ask(exchangeItems.write, { ...appointments(), id, version, changes: { title: 'B' } });
  const updated = await ask(created.value.syncState);
  expect(updated).toMatchObject({ ok: true, value: { changes: [{ kind: 'updated', id }] } });
  if (!updated.ok) return;
  const [change] = updated.value.changes;
  await gateway.ask(exchangeItems.remove, { ...appointments(), id, version: change?.version ?? '' });
  expect(await ask(updated.value.syncState)).toMatchObject({
    ok: true,
    value: { changes: [{ kind: 'deleted', id }] },
  });
  expect(await ask('bm90IGEgc3RhdGU=')).toMatchObject({
    ok: false,
    error: { code: 'exchange-sync-state-invalid', retry: 'never' },
  });
});

test('what was read for a delete is not left to age in the queue of a less urgent class', async () => {
  const { id, version } = await create('aging');
  const body = { ...appointments(), priority: 'sweep' as const, id, version };
  expect(await gateway.ask(exchangeItems.remove, body)).toEqual({ ok: true, value: { kind: 'deleted' } });
  const calls = gateway.governor.granted.map(({ request }) => [request.operation, request.priority]);
  expect(calls.filter(([operation]) => operation === 'GetItem' || operation === 'DeleteItem').slice(-2)).toEqual([
    ['GetItem', 'sweep'],
    ['DeleteItem', 'person'],
  ]);
});

test('the folder tells its rights', async () => {
  expect(await gateway.ask(exchange.getFolder, inCalendar())).toMatchObject({
    ok: true,
    value: { rights: { read: true, create: true, modify: true, delete: true }, totalCount: expect.any(Number) },
  });
});

test('ids that do not exist are missing, each by itself', async () => {
  const { id } = await create('mixed');
  const got = await gateway.ask(exchangeItems.read, { ...appointments(), ids: ['AAMkAGbogus=', id, 'nonsense'] });
  expect(got).toMatchObject({
    ok: true,
    value: { results: [{ kind: 'missing' }, { kind: 'found', item: { id } }, { kind: 'missing' }] },
  });
});

test('a mailbox that nobody linked is refused', async () => {
  const unknown = { ...inCalendar(), mailbox: 'aaaaaaaaaaaaaaaa' as typeof gateway.mailboxes.alice };
  expect(await gateway.ask(exchange.getFolder, unknown)).toMatchObject({
    ok: false,
    error: { code: 'mailbox-not-linked' },
  });
});

test('the connection test passes every step', async () => {
  expect(await gateway.ask(exchange.testConnection, {})).toMatchObject({ ok: true, value: { ok: true } });
});

test('each request to Exchange bears a token of its own, and every token comes back', async () => {
  const { records } = (await gateway.control('GET', '/control/log')) as {
    records: { clientRequestId?: string; operation: string }[];
  };
  const granted = new Set(gateway.governor.granted.map(({ token }) => token));
  const sent = records.map((record) => record.clientRequestId ?? '');
  expect(sent.length).toBeGreaterThan(20);
  expect(sent.filter((id) => !granted.has(id))).toEqual([]);
  expect(new Set(sent).size).toBe(sent.length);
  await expect.poll(() => [...gateway.governor.out.values()].filter((held) => held.pool === 'call').length).toBe(0);
  expect(gateway.governor.released.filter((release) => release.outcome === 'ok').length).toBeGreaterThan(20);
});
