// Autodiscover in its three forms, the offline address book, and a server that is frozen.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { all, first } from './ews-client.ts';
import { getFolder } from './requests.ts';
import { people, startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await server.control('POST', 'reset');
  await server.control('POST', 'seed', people);
});
afterAll(() => server.finish());

const basic = { Authorization: `Basic ${Buffer.from('alice@lockstep.test:lockstep').toString('base64')}` };

function post(path: string, body: string): Promise<Response> {
  return fetch(`${server.simulator.url}${path}`, {
    method: 'POST',
    body,
    redirect: 'manual',
    headers: { ...basic, 'Content-Type': 'text/xml' },
  });
}

const pox = (address: string): string =>
  `<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request><EMailAddress>${address}</EMailAddress><AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>`;

const soap = (address: string): string =>
  `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="http://schemas.microsoft.com/exchange/2010/Autodiscover" xmlns:wsa="http://www.w3.org/2005/08/addressing"><soap:Header><a:RequestedServerVersion>Exchange2013_SP1</a:RequestedServerVersion><wsa:Action>http://schemas.microsoft.com/exchange/2010/Autodiscover/Autodiscover/GetUserSettings</wsa:Action><wsa:To>${server.simulator.url}/autodiscover/autodiscover.svc</wsa:To></soap:Header><soap:Body><a:GetUserSettingsRequestMessage><a:Request><a:Users><a:User><a:Mailbox>${address}</a:Mailbox></a:User></a:Users><a:RequestedSettings><a:Setting>ExternalEwsUrl</a:Setting><a:Setting>GroupingInformation</a:Setting><a:Setting>ShoeSize</a:Setting></a:RequestedSettings></a:Request></a:GetUserSettingsRequestMessage></soap:Body></soap:Envelope>`;

const direct = (direction: object): Promise<unknown> =>
  server.control('POST', 'autodiscover', { directions: { 'alice@lockstep.test': direction } });

describe('autodiscover', () => {
  it('tells in the 401 of a plain GET that it speaks SOAP', async () => {
    const answer = await fetch(`${server.simulator.url}/autodiscover/autodiscover.xml`);
    expect([answer.status, answer.headers.get('x-soap-enabled')]).toEqual([401, 'True']);
  });

  it('tells the address of EWS and of the address book as plain XML', async () => {
    const text = await (await post('/Autodiscover/Autodiscover.xml', pox('alice@lockstep.test'))).text();
    expect(first(text, 'EwsUrl')).toBe(`${server.simulator.url}/EWS/Exchange.asmx`);
    expect(first(text, 'OABUrl')).toMatch(/\/OAB\/[-0-9a-f]{36}\/$/);
    expect(all(text, 'GroupingInformation')).toHaveLength(1);
  });

  it('tells the same by SOAP, and which settings it does not have', async () => {
    const text = await (await post('/autodiscover/autodiscover.svc', soap('alice@lockstep.test'))).text();
    const values = all(text, 'UserSetting').map((each) => each.children.map((child) => child.text));
    expect(values).toEqual([
      ['ExternalEwsUrl', `${server.simulator.url}/EWS/Exchange.asmx`],
      ['GroupingInformation', 'Default-First-Site-Name'],
    ]);
    expect(first(text, 'SettingName')).toBe('ShoeSize');
  });

  it('tells the address of EWS as JSON without a log-on', async () => {
    const query = 'autodiscover/autodiscover.json?Email=alice%40lockstep.test&Protocol=';
    const known = await fetch(`${server.simulator.url}/${query}EWS`);
    expect(await known.json()).toEqual({ Protocol: 'EWS', Url: `${server.simulator.url}/EWS/Exchange.asmx` });
    expect((await fetch(`${server.simulator.url}/${query}Pigeon`)).status).toBe(400);
  });

  it('does not know who has no mailbox, and refuses what is no request', async () => {
    expect(
      first(await (await post('/autodiscover/autodiscover.xml', pox('x@lockstep.test'))).text(), 'ErrorCode'),
    ).toBe('500');
    expect(first(await (await post('/autodiscover/autodiscover.xml', '<a/>')).text(), 'ErrorCode')).toBe('600');
    const text = await (await post('/autodiscover/autodiscover.svc', soap('x@lockstep.test'))).text();
    expect(all(text, 'ErrorCode').map((each) => each.text)).toEqual(['NoError', 'InvalidUser']);
  });

  it('sends on to another address, another host, or asks for patience', async () => {
    await direct({ kind: 'redirectAddr', target: 'alice@other.test' });
    expect(
      first(await (await post('/autodiscover/autodiscover.xml', pox('alice@lockstep.test'))).text(), 'RedirectAddr'),
    ).toBe('alice@other.test');
    await direct({ kind: 'redirectUrl', target: 'https://other.test/autodiscover/autodiscover.svc' });
    const text = await (await post('/autodiscover/autodiscover.svc', soap('alice@lockstep.test'))).text();
    expect([all(text, 'ErrorCode')[1]?.text, first(text, 'RedirectTarget')]).toEqual([
      'RedirectUrl',
      'https://other.test/autodiscover/autodiscover.svc',
    ]);
    await direct({ kind: 'http302', target: 'https://other.test/' });
    const moved = await post('/autodiscover/autodiscover.xml', pox('alice@lockstep.test'));
    expect([moved.status, moved.headers.get('location')]).toEqual([302, 'https://other.test/']);
    await direct({ kind: 'busy' });
    const busy = await (await post('/autodiscover/autodiscover.svc', soap('alice@lockstep.test'))).text();
    expect(all(busy, 'ErrorCode')[1]?.text).toBe('ServerBusy');
  });
});

/** Reads the blocks, then the records: by property tag. */
function readBook(file: Buffer): readonly ReadonlyMap<number, string>[] {
  expect([file.readUInt32LE(0), file.readUInt32LE(4)]).toEqual([3, 1]);
  const blocks: Buffer[] = [];
  for (let at = 16; at < file.length; ) {
    const length = file.readUInt32LE(at + 4);
    expect(file.readUInt32LE(at)).toBe(0);
    blocks.push(file.subarray(at + 16, at + 16 + length));
    at += 16 + length;
  }
  const plain = Buffer.concat(blocks);
  expect(plain.length).toBe(file.readUInt32LE(12));
  const headTags = readTags(plain, 16);
  const tags = readTags(plain, 20 + headTags.length * 8);
  const records: ReadonlyMap<number, string>[] = [];
  let at = 12 + plain.readUInt32LE(12);
  at += plain.readUInt32LE(at);
  while (at < plain.length) {
    const size = plain.readUInt32LE(at);
    records.push(readRecord(plain.subarray(at + 4, at + size), tags));
    at += size;
  }
  expect(records).toHaveLength(plain.readUInt32LE(8));
  return records;
}

function readTags(plain: Buffer, at: number): readonly number[] {
  return Array.from({ length: plain.readUInt32LE(at) }, (_, index) => plain.readUInt32LE(at + 4 + index * 8));
}

function readRecord(bytes: Buffer, tags: readonly number[]): ReadonlyMap<number, string> {
  const values = new Map<number, string>();
  let at = Math.ceil(tags.length / 8);
  for (const [index, tag] of tags.entries()) {
    if (((bytes[index >> 3] ?? 0) & (0x80 >> (index & 7))) === 0) continue;
    const isNumber = (tag & 0xffff) === 3;
    at += (tag & 0x1000) === 0 ? 0 : 1;
    const end = isNumber ? at + 1 : bytes.indexOf(0, at) + 1;
    values.set(tag, isNumber ? String(bytes[at]) : bytes.toString('utf8', at, end - 1));
    at = end;
  }
  return values;
}

describe('the offline address book', () => {
  async function book(): Promise<{ path: string; manifest: string }> {
    const { path } = (await server.control('GET', 'oab')) as { path: string };
    const manifest = await fetch(`${server.simulator.url}${path}oab.xml`, { headers: basic });
    return { path, manifest: await manifest.text() };
  }

  it('lists a file whose bytes are as the manifest says, and in it every person', async () => {
    const { path, manifest } = await book();
    const full = all(manifest, 'Full')[0];
    const file = Buffer.from(
      await (await fetch(`${server.simulator.url}${path}${full?.text}`, { headers: basic })).arrayBuffer(),
    );
    expect(String(file.length)).toBe(full?.attributes['size']);
    expect(createHash('sha1').update(file).digest('hex')).toBe(full?.attributes['SHA']);
    const people = readBook(file).map((entry) => [entry.get(0x39fe001f), entry.get(0x3001001f), entry.get(0x800f101f)]);
    expect(people[0]).toEqual(['alice@lockstep.test', 'Alice Sample', 'SMTP:alice@lockstep.test']);
    expect(people).toHaveLength(4);
  });

  it('has a new person in the next generation only', async () => {
    const before = all((await book()).manifest, 'Full')[0];
    await server.control('POST', 'seed', { mailboxes: [{ address: 'erin@lockstep.test', displayName: 'Erin' }] });
    expect(all((await book()).manifest, 'Full')[0]?.attributes).toEqual(before?.attributes);
    await server.control('POST', 'oab/generate');
    expect(all((await book()).manifest, 'Full')[0]?.attributes['seq']).toBe('2');
  });

  it('is for those who may log on', async () => {
    const { path } = (await server.control('GET', 'oab')) as { path: string };
    expect((await fetch(`${server.simulator.url}${path}oab.xml`)).status).toBe(401);
    expect((await fetch(`${server.simulator.url}${path}other.lzx`, { headers: basic })).status).toBe(404);
  });
});

describe('a frozen server', () => {
  it('answers when it thaws', async () => {
    await server.control('POST', 'freeze');
    let answered = false;
    const answer = server
      .client()
      .call(getFolder())
      .then((result) => {
        answered = true;
        return result;
      });
    await server.control('GET', 'mailboxes');
    expect(answered).toBe(false);
    await server.control('POST', 'thaw');
    expect((await answer).codes).toEqual(['NoError']);
  });
});
