// Who may in, and what a wrong request gets.
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, first } from './ews-client.ts';
import { createAppointment, getFolder, hour, sync } from './requests.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.finish());

describe('an account', () => {
  it('is challenged for Basic when its password is wrong', async () => {
    const answer = await server.client({ password: 'wrong' }).call(getFolder());
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('Basic realm=');
  });

  it('acts for others only with the right to, and within its scope', async () => {
    const alice = { impersonate: 'alice@lockstep.test' };
    const bob = { impersonate: 'bob@lockstep.test' };
    expect((await server.client({ user: 'sync@lockstep.test', ...bob }).call(getFolder())).codes).toEqual(['NoError']);
    expect((await server.client({ user: 'scoped@lockstep.test', ...alice }).call(getFolder())).codes).toEqual([
      'NoError',
    ]);
    const refused = await server.client({ user: 'scoped@lockstep.test', ...bob }).call(getFolder());
    expect([refused.status, refused.codes]).toEqual([500, ['ErrorImpersonateUserDenied']]);
    const nobody = await server
      .client({ user: 'sync@lockstep.test', impersonate: 'x@lockstep.test' })
      .call(getFolder());
    expect(nobody.codes).toEqual(['ErrorNonExistentMailbox']);
  });

  it('does not learn that a folder exists which it may not see', async () => {
    const bobs =
      '<t:DistinguishedFolderId Id="calendar"><t:Mailbox><t:EmailAddress>bob@lockstep.test</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>';
    expect((await server.client().call(getFolder(bobs))).codes).toEqual(['ErrorFolderNotFound']);
    expect((await server.client().call(sync(undefined, 10, bobs))).codes).toEqual(['ErrorSyncFolderNotFound']);
  });

  it('without a mailbox has to name one', async () => {
    expect((await server.client({ user: 'sync@lockstep.test' }).call(getFolder())).codes).toEqual([
      'ErrorMissingEmailAddress',
    ]);
  });
});

describe('a wrong request', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      'with elements out of order',
      createAppointment(`${hour}<t:Subject>late</t:Subject>`),
      "invalid child element 'Subject'",
    ],
    ['with an unknown element', createAppointment('<t:Colour>red</t:Colour>'), "invalid child element 'Colour'"],
    ['with a value out of range', sync(undefined, 513), 'MaxInclusive'],
    [
      'with a missing element',
      '<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape></m:GetItem>',
      'incomplete content',
    ],
    [
      'with an unknown attribute',
      getFolder().replace('<m:GetFolder>', '<m:GetFolder Fast="true">'),
      "'Fast' attribute",
    ],
    ['with an unknown folder name', getFolder('<t:DistinguishedFolderId Id="Calendar"/>'), 'Enumeration'],
    ['for an unknown operation', '<m:MakeCoffee/>', 'MakeCoffee'],
  ];
  it('for an operation that is not offered names it', async () => {
    const answer = await server.client().call('<m:GetInboxRules/>');
    expect([answer.status, answer.codes]).toEqual([500, ['ErrorInvalidOperation']]);
    expect(first(answer.text, 'Message')).toBe("The operation 'GetInboxRules' is not offered by this server.");
  });

  it.each(cases)('%s gets the schema fault', async (_name, body, violation) => {
    const answer = await server.client().call(body);
    expect([answer.status, answer.codes]).toEqual([500, ['ErrorSchemaValidation']]);
    expect(first(answer.text, 'Violation')).toContain(violation);
    expect(Number(first(answer.text, 'LineNumber'))).toBe(2);
    expect(Number(first(answer.text, 'LinePosition'))).toBeGreaterThan(1);
  });

  const broken: readonly (readonly [string, string])[] = [
    ['that is not XML', 'hello'],
    ['that stops in the middle', '<a><b>'],
    ['with a document type', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ['that is nested too deeply', '<a>'.repeat(500) + '</a>'.repeat(500)],
    ['with a control character', '<a>&#1;</a>'],
    ['with an undeclared prefix', '<x:a/>'],
  ];
  it.each(broken)('%s gets a fault, and the next good one is served', async (_name, source) => {
    const response = await server.client().raw(source);
    expect(response.status).toBe(500);
    expect(all(await response.text(), 'LineNumber')).toHaveLength(1);
    expect((await server.client().call(getFolder())).codes).toEqual(['NoError']);
  });

  it('with an unknown server version is told so', async () => {
    const source = await server
      .client()
      .raw(
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"><s:Header><t:RequestServerVersion Version="Exchange2099"/></s:Header><s:Body><m:GetServerTimeZones/></s:Body></s:Envelope>',
      );
    expect(await source.text()).toContain('ErrorInvalidServerVersion');
  });
});

describe('a client that goes away in the middle of its request', () => {
  it('does no harm to the next', async () => {
    const { port } = new URL(server.simulator.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('POST /EWS/Exchange.asmx HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n<half');
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.resetAndDestroy();
    expect((await server.client().call(getFolder())).codes).toEqual(['NoError']);
    await expect
      .poll(async () => {
        const { records } = (await server.control('GET', 'log')) as { records: { endedMs?: number }[] };
        return records.every((each) => each.endedMs !== undefined);
      })
      .toBe(true);
  });
});
