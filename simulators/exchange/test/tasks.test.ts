// Plain tasks over EWS: every field there and back, what goes together, lists, synchronization and events.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { all, type EwsClient, first, type ItemId, ids, writeItemId } from './ews-client.ts';
import { getItems, remove, setField, stream, subscribe, sync, update } from './requests.ts';
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

const folder = '<t:DistinguishedFolderId Id="tasks"/>';

const create = (fields: string): string =>
  `<m:CreateItem MessageDisposition="SaveOnly"><m:SavedItemFolderId>${folder}</m:SavedItemFolderId><m:Items><t:Task>${fields}</t:Task></m:Items></m:CreateItem>`;

async function created(fields: string, timeZone?: string): Promise<ItemId> {
  const answer = await alice.call(create(fields), timeZone === undefined ? {} : { timeZone });
  const [id] = ids(answer.text);
  if (id === undefined) throw new Error(answer.codes.join());
  return id;
}

const names = ['Subject', 'Sensitivity', 'Importance', 'StartDate', 'DueDate', 'Status', 'PercentComplete'] as const;

async function read(id: Pick<ItemId, 'Id'>, timeZone?: string): Promise<Record<string, string | undefined>> {
  const { text } = await alice.call(getItems([id]), timeZone === undefined ? {} : { timeZone });
  const [task] = all(text, 'Task');
  const fields = [...names, 'Body', 'CompleteDate', 'IsComplete', 'ItemClass'];
  return Object.fromEntries(
    fields.map((name) => [name, task?.children.find((child) => child.name === name)?.text] as const),
  );
}

const set = (name: string, value: string): string =>
  setField(`task:${name}`, `<t:${name}>${value}</t:${name}>`, 'Task');
const change = (id: ItemId, updates: string): Promise<{ readonly codes: readonly string[] }> =>
  alice.call(update(writeItemId(id), updates, 'AlwaysOverwrite'));

describe('a task', () => {
  it('comes back with every field that was given', async () => {
    const id = await created(
      '<t:Subject>Call</t:Subject><t:Sensitivity>Private</t:Sensitivity><t:Body BodyType="Text">about the offer</t:Body><t:Importance>High</t:Importance><t:DueDate>2026-03-29T00:00:00Z</t:DueDate><t:PercentComplete>40</t:PercentComplete><t:StartDate>2026-03-02T00:00:00Z</t:StartDate><t:Status>InProgress</t:Status>',
    );
    expect(await read(id)).toEqual({
      Subject: 'Call',
      Sensitivity: 'Private',
      Importance: 'High',
      Body: 'about the offer',
      StartDate: '2026-03-02T00:00:00Z',
      DueDate: '2026-03-29T00:00:00Z',
      Status: 'InProgress',
      PercentComplete: '40',
      CompleteDate: undefined,
      IsComplete: 'false',
      ItemClass: 'IPM.Task',
    });
  });

  it('of which nothing was said is not started, and of ordinary weight', async () => {
    expect(await read(await created('<t:Subject>new</t:Subject>'))).toMatchObject({
      Sensitivity: 'Normal',
      Importance: 'Normal',
      StartDate: undefined,
      DueDate: undefined,
      Status: 'NotStarted',
      PercentComplete: '0',
      IsComplete: 'false',
    });
  });

  it('keeps the days of its dates, and drops their times', async () => {
    const id = await created(
      '<t:DueDate>2026-03-29T15:30:00Z</t:DueDate><t:StartDate>2026-03-02T23:59:59Z</t:StartDate>',
    );
    expect(await read(id)).toMatchObject({ StartDate: '2026-03-02T00:00:00Z', DueDate: '2026-03-29T00:00:00Z' });
    await change(id, set('CompleteDate', '2026-03-20T13:00:00Z'));
    expect(await read(id)).toMatchObject({ CompleteDate: '2026-03-20T00:00:00Z', Status: 'Completed' });
  });

  it('has the days that people see in the zone of the request', async () => {
    const zone = 'W. Europe Standard Time';
    const id = await created('<t:DueDate>2026-03-28T23:00:00Z</t:DueDate>', zone);
    expect((await read(id)).DueDate).toBe('2026-03-29T00:00:00Z');
    expect((await read(id, zone)).DueDate).toBe('2026-03-29T00:00:00+01:00');
    expect((await read(id, 'Pacific Standard Time')).DueDate).toBe('2026-03-29T00:00:00-07:00');
  });

  it('loses its dates, its text and its marks when they are taken away', async () => {
    const id = await created(
      '<t:Subject>a</t:Subject><t:Body BodyType="Text">b</t:Body><t:DueDate>2026-03-29T00:00:00Z</t:DueDate><t:StartDate>2026-03-02T00:00:00Z</t:StartDate>',
    );
    const drop = ['task:DueDate', 'task:StartDate', 'item:Body']
      .map((uri) => `<t:DeleteItemField><t:FieldURI FieldURI="${uri}"/></t:DeleteItemField>`)
      .join('');
    expect((await change(id, drop)).codes).toEqual(['NoError']);
    expect(await read(id)).toMatchObject({ Subject: 'a', StartDate: undefined, DueDate: undefined, Body: '' });
  });
});

describe('status, per cent and completion', () => {
  const today = (): string => `${new Date().toISOString().slice(0, 10)}T00:00:00Z`;

  it.each([
    ['Status', 'Completed'],
    ['PercentComplete', '100'],
    ['CompleteDate', '2026-03-02T00:00:00Z'],
  ])('go together when %s says that it is done', async (name, value) => {
    const id = await created('<t:Subject>a</t:Subject>');
    const before = today();
    await change(id, set(name, value));
    const task = await read(id);
    expect(task).toMatchObject({ Status: 'Completed', PercentComplete: '100', IsComplete: 'true' });
    expect(name === 'CompleteDate' ? [value] : [before, today()]).toContain(task['CompleteDate']);
  });

  it.each([
    ['Status', 'NotStarted', 'NotStarted', '0'],
    ['Status', 'InProgress', 'InProgress', '0'],
    ['Status', 'WaitingOnOthers', 'WaitingOnOthers', '0'],
    ['Status', 'Deferred', 'Deferred', '0'],
    ['PercentComplete', '50', 'InProgress', '50'],
  ])('go together when %s %s opens it again', async (name, value, status, percent) => {
    const id = await created('<t:Status>Completed</t:Status>');
    await change(id, set(name, value));
    expect(await read(id)).toMatchObject({
      Status: status,
      PercentComplete: percent,
      CompleteDate: undefined,
      IsComplete: 'false',
    });
  });

  it('say that what is not started has nothing done', async () => {
    const id = await created('<t:PercentComplete>30</t:PercentComplete><t:Status>InProgress</t:Status>');
    await change(id, set('Status', 'NotStarted'));
    expect(await read(id)).toMatchObject({ Status: 'NotStarted', PercentComplete: '0' });
    await change(id, set('PercentComplete', '20'));
    expect(await read(id)).toMatchObject({ Status: 'InProgress', PercentComplete: '20' });
  });

  it('are refused when they cannot be', async () => {
    const id = await created('<t:Subject>a</t:Subject>');
    expect((await change(id, set('PercentComplete', '101'))).codes).toEqual(['ErrorInvalidPercentCompleteValue']);
    expect((await change(id, set('CompleteDate', '2099-01-01T00:00:00Z'))).codes).toEqual(['ErrorInvalidCompleteDate']);
    expect((await change(id, set('Status', 'Done'))).codes).toEqual(['ErrorSchemaValidation']);
  });
});

describe('the folder of tasks', () => {
  it('tells who synchronizes what came, changed and went', async () => {
    const id = await created('<t:Subject>a</t:Subject>');
    const state = async (from?: string): Promise<string> => (await alice.call(sync(from, 512, folder))).text;
    const before = await state();
    expect(all(before, 'Create')[0]?.children[0]?.name).toBe('Task');
    await change(id, set('Status', 'InProgress'));
    const changed = await state(first(before, 'SyncState'));
    expect(all(changed, 'Update')[0]?.children[0]?.name).toBe('Task');
    await alice.call(remove(ids(changed)[0] ?? id));
    const after = await state(first(changed, 'SyncState'));
    expect(all(after, 'Delete').map((each) => each.children[0]?.attributes['Id'])).toEqual([id.Id]);
  });

  it('finds tasks by due date and by status', async () => {
    const early = await created('<t:DueDate>2026-03-02T00:00:00Z</t:DueDate>');
    await created('<t:DueDate>2026-04-02T00:00:00Z</t:DueDate><t:Status>Completed</t:Status>');
    const find = async (operator: string, uri: string, value: string): Promise<readonly string[]> => {
      const filter = `<t:${operator}><t:FieldURI FieldURI="${uri}"/><t:FieldURIOrConstant><t:Constant Value="${value}"/></t:FieldURIOrConstant></t:${operator}>`;
      const answer = await alice.call(
        `<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:Restriction>${filter}</m:Restriction><m:ParentFolderIds>${folder}</m:ParentFolderIds></m:FindItem>`,
      );
      return ids(answer.text).map((each) => each.Id);
    };
    expect(await find('IsLessThan', 'task:DueDate', '2026-03-20T00:00:00Z')).toEqual([early.Id]);
    expect(await find('IsEqualTo', 'task:Status', 'NotStarted')).toEqual([early.Id]);
  });

  it('tells subscribers of each save, without a change of free and busy', async () => {
    const subscription = first((await alice.call(subscribe(undefined, folder))).text, 'SubscriptionId') ?? '';
    const response = await alice.open(stream([subscription]));
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let seen = '';
    const until = async (text: string): Promise<void> => {
      while (!seen.includes(text)) {
        const piece = await reader?.read();
        if (piece?.value === undefined) throw new Error(`The stream ended without ${text}.`);
        seen += piece.value;
      }
    };
    await until('OK</m:ConnectionStatus>');
    const id = await created('<t:Subject>a</t:Subject>');
    await until('CreatedEvent');
    await change(id, set('Status', 'Completed'));
    await until('ModifiedEvent><t:TimeStamp');
    await alice.call(remove(id));
    await until('MovedEvent');
    expect(seen).not.toContain('FreeBusyChangedEvent');
    expect(seen).toContain(id.Id);
    await reader?.cancel();
  });
});
