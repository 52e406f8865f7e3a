// One item that Exchange cannot give as it should must not keep the others from being read, and an ill server must not make every
// item look bad.
import {
  type AppointmentContent,
  exchangeItems,
  type ItemRow,
  type LinkId,
  type Outcome,
  type ReplyOf,
} from '@lockstep/contracts';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { faultAnswer, type Spoil } from './support/between.ts';
import { type GatewayUnderTest, startGateway } from './support/gateway-under-test.ts';

let gateway: GatewayUnderTest;
const ids: string[] = [];
beforeAll(async () => {
  gateway = await startGateway({ linked: ['alice'], technical: { incrementalChangeDetectionOnly: true } });
  for (let number = 0; number < 30; number++) ids.push(await create(number));
});
afterEach(() => {
  gateway.between.spoil = () => undefined;
  gateway.between.asked.length = 0;
});
afterAll(() => gateway?.stop());

const appointments = () => ({
  mailbox: gateway.mailboxes.alice,
  priority: 'first-load' as const,
  kind: 'appointment' as const,
});

async function create(number: number): Promise<string> {
  const content: AppointmentContent = {
    title: `Item ${number}`,
    time: {
      kind: 'timed',
      start: `2026-03-02T08:${String(number).padStart(2, '0')}:00.000Z`,
      end: '2026-03-02T09:30:00.000Z',
    },
    location: '',
    text: { format: 'plain', content: 'text' },
    busy: 'busy',
    privacy: 'normal',
  };
  const stamp = { linkId: `link-${number}` as LinkId, mailbox: gateway.mailboxes.alice };
  const created = await gateway.ask(exchangeItems.create, { ...appointments(), content, stamp });
  if (!created.ok) throw new Error(JSON.stringify(created.error));
  return created.value.id;
}

const readThirty = async () => {
  const batches = [ids.slice(0, 25), ids.slice(25)];
  const read = await Promise.all(
    batches.map((batch) => gateway.ask(exchangeItems.read, { ...appointments(), ids: batch })),
  );
  return read.flatMap((one) => {
    if (!one.ok) throw new Error(JSON.stringify(one.error));
    return one.value.results;
  });
};
const badId = () => ids[17] ?? '';
const whenNamed =
  (operation: string, code: string): Spoil =>
  (asked) =>
    asked.includes(`<m:${operation}`) && asked.includes(badId()) ? faultAnswer(code) : undefined;

test('an item whose text holds a character that XML forbids arrives without it', async () => {
  gateway.between.spoil = (_, { status, text }) => ({
    status,
    text: text.replace('>Item 17<', '>It&#x0;em &#11;17&#xFFFF;<'),
  });
  const results = await readThirty();
  expect(results.map(({ kind }) => kind)).toEqual(Array.from({ length: 30 }, () => 'found'));
  expect(results[17]).toMatchObject({ item: { id: badId(), content: { title: 'Item 17' } } });
});

test.each(['ErrorInternalServerError', 'ErrorPropertyRequestFailed'])(
  'a fault (%s) for every request that names one item fails that item alone',
  async (code) => {
    gateway.between.spoil = whenNamed('GetItem', code);
    const results = await readThirty();
    expect(results.filter(({ kind }) => kind === 'found')).toHaveLength(29);
    expect(results[17]).toEqual({ kind: 'failed', id: badId(), code: 'exchange-item-unreadable', detail: code });
    // 25 are halved five times, both ways, and the bad one is asked for once more.
    expect(gateway.between.asked.length).toBeLessThan(16);
  },
);

test('an item that makes the answer unreadable fails alone', async () => {
  gateway.between.spoil = (_, { status, text }) => ({ status, text: text.replace('>Item 17<', '>Item &nope; 17<') });
  const results = await readThirty();
  expect(results.filter(({ kind }) => kind === 'found')).toHaveLength(29);
  expect(results[17]).toMatchObject({ kind: 'failed', id: badId(), code: 'exchange-item-unreadable' });
});

test('the only item asked for is not blamed for a server that fails at everything', async () => {
  gateway.between.spoil = () => faultAnswer('ErrorInternalServerError');
  for (const asked of [[badId()], ids.slice(0, 25)]) {
    gateway.between.asked.length = 0;
    const read = await gateway.ask(exchangeItems.read, { ...appointments(), ids: asked });
    expect(read).toMatchObject({ ok: false, error: { code: 'exchange-transient', retry: 'later' } });
    expect(gateway.between.asked.length).toBeLessThan(9);
  }
});

test('an item that fails once is read, not blamed', async () => {
  let failures = 0;
  gateway.between.spoil = (asked) =>
    asked.includes('<m:GetItem') && failures++ === 0 ? faultAnswer('ErrorInternalServerError') : undefined;
  const read = await gateway.ask(exchangeItems.read, { ...appointments(), ids: [badId()] });
  expect(read).toMatchObject({ ok: true, value: { results: [{ kind: 'found', item: { id: badId() } }] } });
});

test('items that an answer leaves out are asked for again, alone', async () => {
  gateway.between.spoil = (asked, { status, text }) => {
    const messages = text.match(/<m:GetItemResponseMessage [\s\S]*?<\/m:GetItemResponseMessage>/g) ?? [];
    if (!asked.includes('<m:GetItem') || messages.length < 2) return undefined;
    return { status, text: [3, 4].reduce((left, at) => left.replace(messages[at] ?? '', ''), text) };
  };
  const results = await readThirty();
  expect(results.map((result) => result.kind === 'found' && result.item.id)).toEqual(ids);
});

test('a row that Exchange cannot give is listed as unreadable, and the others as they are', async () => {
  gateway.between.spoil = (asked, { text }) =>
    asked.includes('<m:FindItem') && asked.includes('LockstepLink') && text.includes(`"${badId()}"`)
      ? faultAnswer('ErrorInternalServerError')
      : undefined;
  const rows = await listAll();
  expect(rows.map((row) => row.id)).toEqual(ids);
  expect(rows.filter((row) => row.shape !== 'single')).toEqual([
    expect.objectContaining({ id: badId(), shape: 'unreadable' }),
  ]);
});

test('a row that cannot be given at all is passed over, unless the server fails for all rows', async () => {
  gateway.between.spoil = (asked, { text }) =>
    asked.includes('<m:FindItem') && text.includes(`"${badId()}"`)
      ? faultAnswer('ErrorInternalServerError')
      : undefined;
  expect((await listAll()).map((row) => row.id)).toEqual(ids.filter((id) => id !== badId()));
  gateway.between.spoil = (asked) =>
    asked.includes('<m:FindItem') ? faultAnswer('ErrorInternalServerError') : undefined;
  const page = await gateway.ask(exchangeItems.list, { ...appointments(), cursor: null, maxItems: 250 });
  expect(page).toMatchObject({ ok: false, error: { code: 'exchange-transient' } });
});

async function listAll(): Promise<readonly ItemRow[]> {
  const rows: ItemRow[] = [];
  let cursor: string | null = null;
  do {
    const page: Outcome<ReplyOf<typeof exchangeItems.list>> = await gateway.ask(exchangeItems.list, {
      ...appointments(),
      cursor,
      maxItems: 250,
    });
    if (!page.ok) throw new Error(JSON.stringify(page.error));
    rows.push(...page.value.rows);
    cursor = page.value.next;
  } while (cursor !== null);
  return rows;
}
