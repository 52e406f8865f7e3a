// Requests whose head is spoiled, as raw bytes: nothing in between that would repair or refuse them.
import fc from 'fast-check';
import { share } from './share.ts';

const body = Buffer.from(
  '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><soap:Body><m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id="calendar"/></m:FolderIds></m:GetFolder></soap:Body></soap:Envelope>',
);
const alice = Buffer.from('alice@lockstep.test:lockstep').toString('base64');
const goodHeaders: Readonly<Record<string, string>> = {
  Host: '127.0.0.1',
  'Content-Type': 'text/xml; charset=utf-8',
  Authorization: `Basic ${alice}`,
  'Content-Length': String(body.length),
  Cookie: 'X-BackEndOverrideCookie=EXCH01',
  'client-request-id': '11111111-1111-1111-1111-111111111111',
  'return-client-request-id': 'true',
};

const odd = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\t',
    ',',
    ';',
    '=',
    '"',
    '%00',
    '\u00e6\u00f8\u00e5',
    '__proto__',
    'constructor',
    '\u0000',
    '\r',
    '\n x',
    '\u007f',
  ),
  fc.string({ unit: 'binary-ascii', maxLength: 30 }),
  fc.constantFrom(1000, 20_000, 100_000).map((length) => 'x'.repeat(length)),
);
const base64 = (bytes: Buffer): string => bytes.toString('base64');
const ntlmHead = (type: number): Buffer => Buffer.from([...Buffer.from('NTLMSSP\0'), type, 0, 0, 0]);
const credentials = fc.oneof(
  odd,
  fc.uint8Array({ maxLength: 80 }).map((bytes) => base64(Buffer.from(bytes))),
  fc
    .constantFrom(':', 'alice@lockstep.test', 'alice@lockstep.test:', ':lockstep', 'x'.repeat(1000), '__proto__:x')
    .map((text) => base64(Buffer.from(text))),
  fc
    .tuple(fc.constantFrom(1, 2, 3, 255), fc.uint8Array({ maxLength: 200 }))
    .map(([type, rest]) => base64(Buffer.concat([ntlmHead(type), rest]))),
);

const values: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'Content-Type': fc.oneof(
    odd,
    fc.constantFrom(
      'text/plain',
      'text/xml; charset=utf-16',
      'application/soap+xml',
      'text/xml; charset="',
      'multipart/form-data',
    ),
  ),
  Authorization: fc.oneof(
    odd,
    fc
      .tuple(fc.constantFrom('Basic', 'basic', 'NTLM', 'Negotiate', 'Bearer', 'Digest', 'Basic '), credentials)
      .map(([scheme, text]) => `${scheme} ${text}`),
  ),
  'Content-Length': fc.oneof(
    odd,
    fc.constantFrom(
      '0',
      '-1',
      '1',
      '+5',
      '0x10',
      '1e3',
      '5, 5',
      String(body.length - 1),
      String(body.length + 1),
      '99999999999999999999',
      '999999999',
      `${body.length} `,
      ` ${body.length}`,
    ),
  ),
  'Transfer-Encoding': fc.oneof(
    odd,
    fc.constantFrom('chunked', 'Chunked', 'identity', 'gzip', 'gzip, chunked', 'chunked, chunked', 'xchunked'),
  ),
  Cookie: fc.oneof(
    odd,
    fc.constantFrom(
      '=',
      ';;;',
      'X-BackEndOverrideCookie=',
      'X-BackEndOverrideCookie="a',
      '__proto__=1',
      'a=%',
      'X-BackEndOverrideCookie=a; X-BackEndOverrideCookie=b',
    ),
  ),
  'client-request-id': odd,
  'return-client-request-id': fc.oneof(odd, fc.constantFrom('TRUE', '1')),
  Expect: fc.oneof(odd, fc.constantFrom('100-continue', '200-ok')),
  Connection: fc.oneof(odd, fc.constantFrom('close', 'upgrade', 'keep-alive, close', 'Authorization')),
  Upgrade: fc.constantFrom('h2c', 'websocket', ''),
  'Content-Encoding': fc.constantFrom('gzip', 'identity', 'br', 'x'),
  Host: fc.oneof(odd, fc.constantFrom('a:b:c', '[::1', 'http://x', '127.0.0.1:99999')),
  'X-AnchorMailbox': odd,
  'X-PreferServerAffinity': fc.oneof(odd, fc.constantFrom('true', 'maybe')),
};

interface HeaderEdit {
  readonly name: string;
  /** Undefined takes the header away. */
  readonly value: string | undefined;
  /** Beside the one that is there. */
  readonly again: boolean;
}

const headerEdit: fc.Arbitrary<HeaderEdit> = fc.oneof(
  ...Object.entries(values).map(([name, value]) =>
    fc.record({ name: fc.constant(name), value: fc.option(value, { nil: undefined, freq: 8 }), again: fc.boolean() }),
  ),
);

export interface HeaderCase {
  readonly requestLine: string;
  readonly edits: readonly HeaderEdit[];
  readonly extra: number;
  /** Byte by byte in the head, by its share of it. */
  readonly bytes: readonly (readonly [number, number])[];
  /** How the body is sent. */
  readonly chunks: string | undefined;
}

export const headerCase: fc.Arbitrary<HeaderCase> = fc.record({
  requestLine: fc.oneof(
    { weight: 8, arbitrary: fc.constant('POST /EWS/Exchange.asmx HTTP/1.1') },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          fc.constantFrom('POST', 'GET', 'PUT', 'OPTIONS', 'TRACE', 'post', 'X', ''),
          fc.constantFrom(
            '/EWS/Exchange.asmx',
            '/EWS/Exchange.asmx?%',
            '//EWS',
            '*',
            'http://[',
            '/control/%',
            '/control//',
            '//',
            '/OAB/%/x',
            '/autodiscover/autodiscover.json?Email=%',
            '/autodiscover/x',
            '/x/oauth2/v2.0/token',
            '/healthz',
            '/__proto__',
          ),
          fc.constantFrom('HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/1.1 x', ''),
        )
        .map((parts) => parts.join(' ')),
    },
  ),
  edits: fc.array(headerEdit, { maxLength: 3 }),
  extra: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 50, 3000),
  bytes: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    {
      weight: 1,
      arbitrary: fc.array(fc.tuple(share, fc.nat(255)), {
        maxLength: 2,
      }),
    },
  ),
  chunks: fc.option(
    fc.constantFrom(
      '',
      '5\r\nhello\r\n0\r\n\r\n',
      '0\r\n\r\n',
      'ffffffffffffffff1\r\nx',
      '-1\r\nx\r\n',
      '5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n',
      'zz\r\n',
    ),
    { nil: undefined, freq: 8 },
  ),
});

export function rawRequest({ requestLine, edits, extra, bytes, chunks }: HeaderCase): Buffer {
  let lines = Object.entries(goodHeaders);
  for (const { name, value, again } of edits) {
    if (!again) lines = lines.filter(([each]) => each !== name);
    if (value !== undefined) lines.push([name, value]);
  }
  if (chunks !== undefined)
    lines = [...lines.filter(([name]) => name !== 'Content-Length'), ['Transfer-Encoding', 'chunked']];
  for (let index = 0; index < extra; index += 1) lines.push([`X-Extra-${index}`, 'y']);
  const head = Buffer.from(
    `${requestLine}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
    'latin1',
  );
  for (const [share, value] of bytes) head[Math.floor(share * head.length)] = value;
  return Buffer.concat([head, chunks === undefined ? body : Buffer.from(chunks)]);
}
