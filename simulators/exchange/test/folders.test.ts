// Folders that a client makes, renames, moves and deletes; items that are copied; ids in other spellings; Outlook's own settings.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, type EwsClient, first, ids, writeItemId } from './ews-client.ts';
import { calendar, createAppointment, getItems, hour } from './requests.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let alice: EwsClient;
beforeAll(async () => {
  server = await startTestServer();
  alice = server.client();
});
afterAll(() => server.finish());

const distinguished = (name: string): string => `<t:DistinguishedFolderId Id="${name}"/>`;
const folderId = (id: string): string => `<t:FolderId Id="${id}"/>`;
const make = (name: string, parent = calendar): string =>
  `<m:CreateFolder><m:ParentFolderId>${parent}</m:ParentFolderId><m:Folders><t:CalendarFolder><t:DisplayName>${name}</t:DisplayName></t:CalendarFolder></m:Folders></m:CreateFolder>`;
const rename = (id: string, name: string): string =>
  `<m:UpdateFolder><m:FolderChanges><t:FolderChange>${folderId(id)}<t:Updates><t:SetFolderField><t:FieldURI FieldURI="folder:DisplayName"/><t:CalendarFolder><t:DisplayName>${name}</t:DisplayName></t:CalendarFolder></t:SetFolderField></t:Updates></t:FolderChange></m:FolderChanges></m:UpdateFolder>`;
const move = (id: string, target: string): string =>
  `<m:MoveFolder><m:ToFolderId>${target}</m:ToFolderId><m:FolderIds>${id}</m:FolderIds></m:MoveFolder>`;
const destroy = (id: string, type = 'HardDelete'): string =>
  `<m:DeleteFolder DeleteType="${type}"><m:FolderIds>${id}</m:FolderIds></m:DeleteFolder>`;
const get = (id: string): string =>
  `<m:GetFolder><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape><m:FolderIds>${id}</m:FolderIds></m:GetFolder>`;
const hierarchy = (state = ''): string =>
  `<m:SyncFolderHierarchy><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape>${state === '' ? '' : `<m:SyncState>${state}</m:SyncState>`}</m:SyncFolderHierarchy>`;

async function folder(name: string, parent = calendar): Promise<string> {
  const { text, codes } = await alice.call(make(name, parent));
  expect(codes).toEqual(['NoError']);
  return all(text, 'FolderId')[0]?.attributes['Id'] ?? '';
}
const codeOf = async (body: string): Promise<string | undefined> => (await alice.call(body)).codes[0];
const nameOf = async (id: string): Promise<string | undefined> =>
  first((await alice.call(get(folderId(id)))).text, 'DisplayName');

describe('a folder', () => {
  it('is made, renamed, moved with its items, and deleted with everything in it', async () => {
    const [outer, inner] = [await folder('Outer'), await folder('Inner')];
    const [item] = ids((await alice.call(createAppointment(hour, folderId(inner)))).text);
    if (item === undefined) throw new Error('no item');
    expect(await codeOf(rename(inner, 'Renamed'))).toBe('NoError');
    expect(await nameOf(inner)).toBe('Renamed');
    expect(await codeOf(move(folderId(inner), folderId(outer)))).toBe('NoError');
    expect(await codeOf(getItems([item]))).toBe('NoError');
    expect(await codeOf(destroy(folderId(outer)))).toBe('NoError');
    expect(await codeOf(get(folderId(inner)))).toBe('ErrorFolderNotFound');
    expect(await codeOf(getItems([item]))).toBe('ErrorItemNotFound');
  });

  it('is told of by the hierarchy: made, changed and gone', async () => {
    const state = first((await alice.call(hierarchy())).text, 'SyncState') ?? '';
    const [kept, gone] = [await folder('Kept'), await folder('Gone')];
    await alice.call(rename(kept, 'Kept on'));
    const made = await alice.call(hierarchy(state));
    expect(all(made.text, 'Create')).toHaveLength(2);
    await alice.call(destroy(folderId(gone)));
    const later = await alice.call(hierarchy(first(made.text, 'SyncState')));
    expect(all(later.text, 'Delete').map((each) => each.children[0]?.attributes['Id'])).toEqual([gone]);
  });

  it('has a name once under its parent, is in no circle, and no standard folder is moved or deleted', async () => {
    const [above, below] = [await folder('Above'), await folder('Twice')];
    expect(await codeOf(make('twice'))).toBe('ErrorFolderExists');
    await alice.call(move(folderId(below), folderId(above)));
    expect(await codeOf(move(folderId(above), folderId(below)))).toBe('ErrorMoveCopyFailed');
    expect(await codeOf(destroy(calendar))).toBe('ErrorDeleteDistinguishedFolder');
    expect(await codeOf(move(calendar, distinguished('inbox')))).toBe('ErrorMoveDistinguishedFolder');
  });

  it('goes to Deleted Items when it is only put away', async () => {
    const away = await folder('Away');
    expect(await codeOf(destroy(folderId(away), 'MoveToDeletedItems'))).toBe('NoError');
    expect(await nameOf(away)).toBe('Away');
  });
});

describe('a copy', () => {
  it('is another item with the same content', async () => {
    const [item] = ids((await alice.call(createAppointment(`<t:Subject>Twice</t:Subject>${hour}`))).text);
    if (item === undefined) throw new Error('no item');
    const copied = await alice.call(
      `<m:CopyItem><m:ToFolderId>${calendar}</m:ToFolderId><m:ItemIds>${writeItemId(item)}</m:ItemIds></m:CopyItem>`,
    );
    const [copy] = ids(copied.text);
    if (copy === undefined) throw new Error(copied.codes.join());
    expect(copy.Id).not.toBe(item.Id);
    const { text } = await alice.call(getItems([item, copy]));
    expect(all(text, 'Subject').map((each) => each.text)).toEqual(['Twice', 'Twice']);
    expect(new Set(all(text, 'UID').map((each) => each.text)).size).toBe(1);
  });
});

describe('an id', () => {
  it.each(['EwsLegacyId', 'EntryId', 'HexEntryId', 'StoreId', 'OwaId'])(
    'comes back from %s as it was',
    async (format) => {
      const [item] = ids((await alice.call(createAppointment(hour))).text);
      const convert = async (from: string, id: string, to: string): Promise<string> => {
        const source = `<t:AlternateId Format="${from}" Id="${id}" Mailbox="alice@lockstep.test"/>`;
        const { text } = await alice.call(
          `<m:ConvertId DestinationFormat="${to}"><m:SourceIds>${source}</m:SourceIds></m:ConvertId>`,
        );
        return all(text, 'AlternateId')[0]?.attributes['Id'] ?? '';
      };
      const other = await convert('EwsId', item?.Id ?? '', format);
      expect(other).not.toBe(item?.Id);
      expect(await convert(format, other, 'EwsId')).toBe(item?.Id);
      expect(await convert(format, 'nonsense', 'EwsId')).toBe('');
    },
  );
});

describe('the settings that Outlook keeps in a folder', () => {
  const read = (name: string): string =>
    `<m:GetUserConfiguration><m:UserConfigurationName Name="${name}">${calendar}</m:UserConfigurationName><m:UserConfigurationProperties>All</m:UserConfigurationProperties></m:GetUserConfiguration>`;

  it('hold the categories, and nothing that was never written', async () => {
    const { text } = await alice.call(read('CategoryList'));
    expect(Buffer.from(first(text, 'XmlData') ?? '', 'base64').toString()).toContain('name="Red category"');
    expect(await codeOf(read('Other'))).toBe('ErrorItemNotFound');
  });
});
