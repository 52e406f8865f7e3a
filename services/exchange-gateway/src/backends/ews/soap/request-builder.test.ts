import { type ExchangeService, Folder } from 'ews-javascript-api';
import { describe, expect, test } from 'vitest';
import { folderIdOf, idOnly } from './folder-ids.ts';
import { sendBuilt, type Target } from './request-builder.ts';
import { descend, readXml, textOf } from './xml-reader.ts';

const address = 'r&d@lockstep.test';

async function requestFor(target: Target) {
  const build = (service: ExchangeService) => Folder.Bind(service, folderIdOf(target, 'calendar'), idOnly());
  return sendBuilt(target, build, async (body) => readXml(body));
}

describe('a request', () => {
  test('impersonates the mailbox, and then names no mailbox in the folder', async () => {
    const request = await requestFor({ kind: 'impersonation', address });
    const identity = descend(request, 'Header', 'ExchangeImpersonation', 'ConnectingSID');
    expect(textOf(identity, 'SmtpAddress')).toBe(address);
    const folder = descend(request, 'Body', 'GetFolder', 'FolderIds', 'DistinguishedFolderId');
    expect([folder?.attributes['Id'], folder?.children]).toEqual(['calendar', []]);
  });

  test('names the mailbox in the folder with delegation, and then impersonates nobody', async () => {
    const request = await requestFor({ kind: 'delegation', address });
    expect(descend(request, 'Header', 'ExchangeImpersonation')).toBeUndefined();
    const folder = descend(request, 'Body', 'GetFolder', 'FolderIds', 'DistinguishedFolderId', 'Mailbox');
    expect(textOf(folder, 'EmailAddress')).toBe(address);
  });

  test('as the account alone does neither', async () => {
    const request = await requestFor({ kind: 'account' });
    expect(descend(request, 'Header', 'ExchangeImpersonation')).toBeUndefined();
    expect(descend(request, 'Body', 'GetFolder', 'FolderIds', 'DistinguishedFolderId', 'Mailbox')).toBeUndefined();
  });

  test('shows the library neither the credentials nor the address of the server', async () => {
    const seen: string[] = [];
    const build = (service: ExchangeService) => {
      seen.push(service.Url.AbsoluteUri);
      return Folder.Bind(service, folderIdOf({ kind: 'account' }, 'calendar'), idOnly());
    };
    await sendBuilt({ kind: 'account' }, build, async () => true);
    expect(seen).toEqual(['http://exchange.invalid/EWS/Exchange.asmx']);
  });

  test('passes what the transport throws', async () => {
    const cause = new Error('reset');
    const build = (service: ExchangeService) =>
      Folder.Bind(service, folderIdOf({ kind: 'account' }, 'calendar'), idOnly());
    await expect(sendBuilt({ kind: 'account' }, build, () => Promise.reject(cause))).rejects.toBe(cause);
  });
});
