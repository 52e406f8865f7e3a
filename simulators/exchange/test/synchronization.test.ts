// SyncFolderItems: every change is told once, whatever cookie a client comes with.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { all, type EwsClient, first, type ItemId, ids, writeItemId } from './ews-client.ts';
import { createAppointment, hour, remove, setField, sync, update } from './requests.ts';
import { people, startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let alice: EwsClient;
beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await server.control('POST', 'reset');
  await server.control('POST', 'seed', people);
  alice = server.client();
});
afterAll(() => server.finish());

interface Page {
  readonly state: string;
  readonly last: boolean;
  readonly changes: readonly (readonly [string, string])[];
}

async function page(state?: string, max?: number, folder?: string): Promise<Page> {
  const { text } = await alice.call(sync(state, max, folder));
  const changes = all(text, 'Changes')[0]?.children ?? [];
  return {
    state: first(text, 'SyncState') ?? '',
    last: first(text, 'IncludesLastItemInRange') === 'true',
    changes: changes.map((change) => [change.name, JSON.stringify(change).match(/"Id":"([^"]*)"/)?.[1] ?? ''] as const),
  };
}

async function create(count: number): Promise<readonly ItemId[]> {
  const made: ItemId[] = [];
  for (let index = 0; index < count; index += 1) made.push(...ids((await alice.call(createAppointment(hour))).text));
  return made;
}

const edit = (id: ItemId): Promise<unknown> =>
  alice.call(update(writeItemId(id), setField('item:Subject', '<t:Subject>new</t:Subject>'), 'AlwaysOverwrite'));

describe('a first load', () => {
  it('brings the newest first, page by page', async () => {
    const made = (await create(5)).map((id) => id.Id);
    const one = await page(undefined, 2);
    const two = await page(one.state, 2);
    const three = await page(two.state, 2);
    expect([one.last, two.last, three.last]).toEqual([false, false, true]);
    const told = [...one.changes, ...two.changes, ...three.changes];
    expect(told).toEqual(made.toReversed().map((id) => ['Create', id]));
  });

  it('tells afterwards what happened between its pages', async () => {
    const [a, b, c] = await create(3);
    if (a === undefined || b === undefined || c === undefined) throw new Error('nothing was created');
    const one = await page(undefined, 1);
    await alice.call(remove(c));
    await edit(b);
    const [d] = await create(1);
    let { state, last } = one;
    const told: (readonly [string, string])[] = [];
    while (!last) {
      const next = await page(state, 1);
      told.push(...next.changes);
      ({ state, last } = next);
    }
    expect(told).toEqual([
      ['Create', b.Id],
      ['Create', a.Id],
      ['Delete', c.Id],
      ['Update', b.Id],
      ['Create', d?.Id],
    ]);
  });
});

describe('a cookie', () => {
  it('works however old it is, and as often as one likes', async () => {
    const empty = await page();
    const [a, b] = await create(2);
    const two = await page(empty.state);
    await alice.call(remove(a ?? { Id: '', ChangeKey: '' }, 'HardDelete'));
    await edit(b ?? { Id: '', ChangeKey: '' });
    expect((await page(two.state)).changes).toEqual([
      ['Delete', a?.Id],
      ['Update', b?.Id],
    ]);
    expect((await page(empty.state)).changes).toEqual([['Create', b?.Id]]);
    const now = await page(two.state);
    expect((await page(now.state)).changes).toEqual([]);
  });

  it('of another folder, or damaged, is refused', async () => {
    const mine = await page();
    const damaged = `${mine.state.startsWith('A') ? 'B' : 'A'}${mine.state.slice(1)}`;
    const tasks = '<t:DistinguishedFolderId Id="tasks"/>';
    for (const request of [sync(damaged), sync('H4sIAAA='), sync(mine.state, 10, tasks)]) {
      const answer = await alice.call(request);
      expect(answer.codes).toEqual(['ErrorInvalidSyncStateData']);
      expect(first(answer.text, 'SyncState')).toBe('');
    }
    const other = await server.client({ user: 'bob@lockstep.test' }).call(sync(mine.state));
    expect(other.codes).toEqual(['ErrorInvalidSyncStateData']);
  });

  it('sees an item that moved to another folder as deleted here and created there, under another id', async () => {
    const trash = '<t:DistinguishedFolderId Id="deleteditems"/>';
    const [here, there] = [await page(), await page(undefined, 10, trash)];
    const [id] = await create(1);
    const afterCreate = await page(here.state);
    await alice.call(remove(id ?? { Id: '', ChangeKey: '' }));
    expect((await page(afterCreate.state)).changes).toEqual([['Delete', id?.Id]]);
    const [created] = (await page(there.state, 10, trash)).changes;
    expect(created?.[0]).toBe('Create');
    expect(created?.[1]).not.toBe(id?.Id);
  });
});
