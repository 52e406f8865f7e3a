// What every backend has to do, whatever server it speaks to: the port (src/backend.ts) as tests. A backend passes it against its own
// server or simulator, and the one in memory passes it, too, so that it asks nothing that only EWS can do.
import { until } from '@lockstep/bus/testing/until';
import {
  type AppointmentContent,
  type CodedError,
  type ItemContent,
  type ItemKind,
  kinds,
  type LinkId,
  type MailboxKey,
  type Outcome,
  type Stamp,
  type TaskContent,
} from '@lockstep/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ask, Backend, ListPage } from '../../src/backend.ts';

export interface BackendUnderTest {
  readonly backend: Backend;
  /** A mailbox with nothing in it, of which the backend knows; each has another address. */
  newMailbox(): Promise<{ readonly address: string }>;
  close(): Promise<void>;
}

const key = 'aeaqcaibaeaqcaib' as MailboxKey;
const appointment: AppointmentContent = {
  title: 'Møte <1>',
  time: { kind: 'timed', start: '2026-03-02T08:00:00.000Z', end: '2026-03-02T09:30:00.000Z', zone: 'Europe/Oslo' },
  location: 'Rom "5"',
  text: { format: 'plain', content: 'linje' },
  busy: 'out-of-office',
  privacy: 'private',
};
const task: TaskContent = {
  title: 'Ring <2>',
  startDate: null,
  dueDate: '2026-03-04',
  status: 'in-progress',
  priority: 'high',
  text: { format: 'plain', content: 'linje' },
  privacy: 'normal',
};
const samples: Readonly<Record<ItemKind, ItemContent>> = { appointment, task };
const stampOf = (linkId: string): Stamp => ({ linkId: linkId as LinkId, mailbox: key });

function valueIn<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.error));
  return outcome.value;
}
const errorOf = (outcome: Outcome<unknown>): CodedError | undefined => (outcome.ok ? undefined : outcome.error);

export function backendContract(name: string, begin: () => Promise<BackendUnderTest>): void {
  describe(`the ${name} backend`, () => {
    let under: BackendUnderTest;
    beforeAll(async () => {
      under = await begin();
    });
    afterAll(() => under?.close());

    const askNew = async (signal = new AbortController().signal): Promise<Ask> => ({
      mailbox: { key, zone: 'Europe/Oslo', ...(await under.newMailbox()) },
      priority: 'person',
      correlationId: 'test',
      remainingMs: () => 10_000,
      signal,
    });

    test('is named by one word, and ready', async () => {
      expect(under.backend.name).toMatch(/^[a-z]+$/);
      expect(await under.backend.ready()).toMatchObject({ ok: true });
      expect(await under.backend.reach(await askNew())).toMatchObject({ ok: true });
      expect(under.backend.refused()).toBe(false);
    });

    describe.each(Object.entries(samples) as [ItemKind, ItemContent][])('%s', (kind, content) => {
      const made = async (ask: Ask, link = 'link-1') => {
        const linkId = link as LinkId;
        const item = valueIn(await under.backend.create(ask, kind, content, stampOf(linkId)));
        return { ...item, linkId };
      };
      const readOne = async (ask: Ask, id: string) => valueIn(await under.backend.read(ask, kind, [id]))[0];

      test('is created with its stamp and read as it was said; what is not there is missing by itself', async () => {
        const ask = await askNew();
        const [first, second] = [await made(ask), await made(ask, 'link-2')];
        const gone = await made(ask, 'link-3');
        await under.backend.remove(ask, kind, gone);
        const read = valueIn(await under.backend.read(ask, kind, [second.id, gone.id, first.id]));
        expect(read).toMatchObject([
          { kind: 'found', item: { kind, id: second.id, shape: 'single', content, stamp: stampOf('link-2') } },
          { kind: 'missing', id: gone.id },
          { kind: 'found', item: { id: first.id, version: first.version, stamp: stampOf('link-1') } },
        ]);
      });

      test('is found by its stamp, and with any mailbox key only when that was asked', async () => {
        const ask = await askNew();
        const { id } = await made(ask);
        const find = async (stamp: Stamp, any: boolean) =>
          valueIn(await under.backend.findByStamp(ask, kind, stamp, any)).map((row) => row.id);
        const other: Stamp = { linkId: 'link-1' as LinkId, mailbox: 'bbbbbbbbbbbbbbbb' };
        expect(await find(stampOf('link-1'), false)).toEqual([id]);
        expect(await find(stampOf('link'), true)).toEqual([]);
        expect(await find(other, false)).toEqual([]);
        expect(await find(other, true)).toEqual([id]);
      });

      test('is written only if it still is what was seen', async () => {
        const ask = await askNew();
        const item = await made(ask);
        const write = (version: string, title: string) =>
          under.backend.write(ask, kind, { id: item.id, version }, { changes: { title } });
        const written = valueIn(await write(item.version, 'ny'));
        if (written.kind !== 'written') throw new Error(written.kind);
        expect(written.version).not.toBe(item.version);
        expect(valueIn(await write(item.version, 'for sent'))).toEqual({ kind: 'conflict' });
        expect(await readOne(ask, item.id)).toMatchObject({
          item: { version: written.version, content: { ...content, title: 'ny' } },
        });
        const stamped = await under.backend.write(ask, kind, written, { stamp: stampOf('link-9') });
        expect(valueIn(stamped).kind).toBe('written');
        expect(await readOne(ask, item.id)).toMatchObject({
          item: { content: { ...content, title: 'ny' }, stamp: stampOf('link-9') },
        });
      });

      test('goes only if it still is what was seen, and then speaks for its delete', async () => {
        const ask = await askNew();
        const item = await made(ask);
        const changed = valueIn(await under.backend.write(ask, kind, item, { changes: { title: 'ny' } }));
        if (changed.kind !== 'written') throw new Error(changed.kind);
        expect(valueIn(await under.backend.remove(ask, kind, item))).toEqual({ kind: 'conflict' });
        expect(await readOne(ask, item.id)).toMatchObject({ kind: 'found' });
        expect(valueIn(await under.backend.remove(ask, kind, changed))).toEqual({ kind: 'deleted' });
        expect(valueIn(await under.backend.remove(ask, kind, changed))).toEqual({ kind: 'missing' });
        expect(valueIn(await under.backend.write(ask, kind, changed, { changes: { title: 'x' } }))).toEqual({
          kind: 'missing',
        });
        const evidence = valueIn(await under.backend.evidence(ask, kind, item.id, stampOf('link-1')));
        expect(evidence.readable).toBe(true);
        expect(valueIn(await under.backend.findByStamp(ask, kind, stampOf('link-1'), false))).toEqual([]);
      });

      test('is named once by going through the pages of a listing', async () => {
        const ask = await askNew();
        const ids: string[] = [];
        for (let number = 0; number < 5; number++) ids.push((await made(ask, `link-${number}`)).id);
        const rows: ListPage['rows'][number][] = [];
        let cursor: string | null = null;
        do {
          const page: ListPage = valueIn(await under.backend.list(ask, kind, { cursor, maxItems: 2 }));
          expect(page.rows.length).toBeLessThanOrEqual(2);
          rows.push(...page.rows);
          cursor = page.next;
        } while (cursor !== null);
        expect(rows.map((row) => row.id).sort()).toEqual(ids.sort());
        expect(rows.map((row) => row.stamp?.linkId).sort()).toEqual(ids.map((_, number) => `link-${number}`));
        const unknown = await under.backend.list(ask, kind, { cursor: 'never given', maxItems: 2 });
        expect(errorOf(unknown)?.code).toBe('request-invalid');
      });

      test('is told as changed since a cookie, and all of them without one', async () => {
        const ask = await askNew();
        const { folder } = kinds[kind];
        const [first, second] = [await made(ask), await made(ask, 'link-2')];
        const since = async (from: string | null) => {
          const told = new Map<string, string>();
          let cookie = from;
          for (let more = true; more; ) {
            const page = valueIn(await under.backend.changesSince(ask, folder, cookie, 1));
            for (const change of page.changes) told.set(change.id, change.kind);
            ({ syncState: cookie, more } = page);
          }
          return { cookie, told };
        };
        const all = await since(null);
        expect([...all.told]).toEqual(expect.arrayContaining([first, second].map(({ id }) => [id, 'created'])));
        expect((await since(all.cookie)).told.size).toBe(0);
        await under.backend.write(ask, kind, first, { changes: { title: 'ny' } });
        await under.backend.remove(ask, kind, second);
        const later = await since(all.cookie);
        expect(later.told.get(first.id)).toBe('updated');
        expect(['deleted', 'suspect']).toContain(later.told.get(second.id));
        // Asked again from the older cookie, the same is told again.
        expect((await since(all.cookie)).told).toEqual(later.told);
        const invalid = await under.backend.changesSince(ask, folder, 'never given', 10);
        expect(errorOf(invalid)?.code).toBe('exchange-sync-state-invalid');
      });

      test('wakes whoever holds a watch over its mailbox', async () => {
        if (!under.backend.watches()) return;
        const closing = new AbortController();
        const ask = await askNew();
        const watch = under.backend.openWatch();
        const id = valueIn(await watch.subscribe(ask));
        expect(watch.anchor).toBe(key);
        let seen = 0;
        const onEvents = (events: ReadonlyMap<string, number>) => {
          seen += events.get(id) ?? 0;
        };
        const wish = { subscriptionIds: [id], correlationId: 'test', signal: closing.signal, onEvents };
        const held = watch.hold(wish);
        await made(ask);
        await until(() => seen > 0, 'the event');
        closing.abort();
        expect((await held).lost).toEqual([]);
      });
    });

    test('a folder tells what may be done in it', async () => {
      const folder = valueIn(await under.backend.getFolder(await askNew(), 'calendar'));
      expect(folder.rights).toEqual({ read: true, create: true, modify: true, delete: true });
    });

    test('nothing is done for somebody who has given up', async () => {
      const gone = new AbortController();
      const ask = await askNew(gone.signal);
      gone.abort();
      expect((await under.backend.create(ask, 'task', task, stampOf('link-1'))).ok).toBe(false);
      const again = { ...ask, signal: new AbortController().signal };
      expect(valueIn(await under.backend.list(again, 'task', { cursor: null, maxItems: 10 })).rows).toEqual([]);
    });
  });
}
