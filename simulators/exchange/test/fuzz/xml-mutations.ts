// Ways to spoil an XML document, as data, so that fast-check can shrink them and print them.
// Documents are handled as binary strings, one character a byte, because some of the results are not UTF-8.
import fc from 'fast-check';
import { share } from './share.ts';

/** Where: a share of the document, or of its elements. */
type Place = number;

export type XmlMutation =
  | { readonly kind: 'byte'; readonly at: Place; readonly value: number }
  | { readonly kind: 'cutOut'; readonly at: Place; readonly bytes: number }
  | { readonly kind: 'repeat'; readonly at: Place; readonly bytes: number; readonly times: number }
  | { readonly kind: 'truncate'; readonly at: Place }
  | { readonly kind: 'insert'; readonly at: Place; readonly text: string }
  | { readonly kind: 'text'; readonly at: Place; readonly value: string }
  | { readonly kind: 'value'; readonly at: Place; readonly value: string }
  | { readonly kind: 'attribute'; readonly at: Place; readonly name: string; readonly value: string }
  | { readonly kind: 'attributes'; readonly at: Place; readonly count: number; readonly prefix: string }
  | { readonly kind: 'remove'; readonly at: Place }
  | { readonly kind: 'double'; readonly at: Place; readonly times: number }
  | { readonly kind: 'move'; readonly at: Place; readonly to: Place }
  | { readonly kind: 'wrap'; readonly at: Place; readonly depth: number }
  | { readonly kind: 'rename'; readonly at: Place; readonly name: string }
  | { readonly kind: 'replace'; readonly from: string; readonly to: string };

const long = fc.constantFrom(1000, 60_000, 1_000_000).map((length) => 'x'.repeat(length));

const oddTexts = fc.constantFrom(
  ...[
    '',
    ' ',
    '0',
    '-1',
    '1',
    '2147483647',
    '2147483648',
    '99999999999999999999',
    '1e400',
    'NaN',
    '0x10',
    'true',
    'TRUE',
  ],
  ...['2026-02-30T25:61:61Z', '99999999-01-01T00:00:00Z', '0000-00-00T00:00:00Z', '0001-01-01T00:00:00Z', '2026-03-02'],
  ...['9999-12-31T23:59:59.9999999+14:00', '-0001-01-01T00:00:00Z', '275761-01-01T00:00:00Z', '2026-03-02T08:00:00'],
  ...[
    '12345678901234567890-01-01T00:00:00Z',
    '2026-03-02+14:00',
    '-P999999999Y',
    'PT0S',
    'P1D',
    'AAAA',
    'AA=',
    '====',
    '%00',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '\u0000',
    '\ufffe',
    '\ud800',
    '\u202e',
    '\r\n\t',
    '😀',
    ']]>',
  ],
  ...[
    '&lt;&amp;',
    '&#xD;',
    '&#0;',
    '&#x110000;',
    '&#xD800;',
    '&nope;',
    '&amp',
    '<',
    '"',
    "'",
    '<t:Subject/>',
    '<![CDATA[<]]>',
  ],
  ...[
    'Daily',
    'Monday',
    'Monday Monday',
    'Last',
    'Day',
    'calendar',
    'W. Europe Standard Time',
    'Nowhere Standard Time',
  ],
  ...['bob@lockstep.test', 'nobody@lockstep.test', '@', 'MailboxSid', 'HTML', 'Busy', 'item:Subject', 'calendar:Start'],
);
const blanks = fc.constantFrom('A', '').map((start) => `${start}${' '.repeat(60_000)}!`);
const texts = fc.oneof(
  { weight: 12, arbitrary: oddTexts },
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 2, arbitrary: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()) },
  { weight: 2, arbitrary: fc.integer().map(String) },
  { weight: 1, arbitrary: long },
  { weight: 1, arbitrary: blanks },
);

const lol = (body: string): string => `<!DOCTYPE s:x [${body}]>`;
const markup = fc.constantFrom(
  lol('<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'),
  lol('<!ENTITY x SYSTEM "file:///etc/passwd">'),
  ...[
    '&b;',
    '&x;',
    '&',
    '&#',
    '&#x;',
    '<',
    '</',
    '<!',
    '<!--',
    '-->',
    '<!-- -- -->',
    '<![CDATA[',
    ']]>',
    '<?',
    '<?a?>',
    '<?xml?>',
  ],
  ...[
    '<a',
    '<a b',
    '<a b=',
    '<a b="',
    '</soap:Envelope>',
    '<t:A/>',
    '<:a/>',
    '<a:/>',
    '<a:b:c/>',
    'xmlns:t=""',
    '\u0000',
    '\ufeff',
  ],
);

const names = fc.constantFrom(
  ...[
    't:Subject',
    't:Start',
    't:CalendarItem',
    't:Task',
    't:Contact',
    't:Recurrence',
    't:ExtendedProperty',
    't:Foo',
    'm:Foo',
    'Foo',
  ],
  ...[
    'm:GetItem',
    'm:CreateItem',
    'm:FindItem',
    'm:SyncFolderItems',
    'm:ItemIds',
    't:ItemId',
    't:FolderId',
    't:OccurrenceItemId',
  ],
  ...[
    't:RecurringMasterItemId',
    't:DistinguishedFolderId',
    'soap:Body',
    'soap:Header',
    'soap:Envelope',
    't:__proto__',
    'm:constructor',
  ],
);

const namespaces: readonly (readonly [string, string])[] = [
  ['http://schemas.microsoft.com', 'https://schemas.microsoft.com'],
  ['2006/types', '2006/messages'],
  ['2006/messages', '2006/types'],
  ['xmlns:t=', 'xmlns:u='],
  ['xmlns:m=', 'xmlns:t='],
  ['xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"', 'xmlns:soap="http://www.w3.org/2003/05/soap-envelope"'],
  ['xmlns:m="', 'xmlns:xml="a" xmlns:m="'],
  ['xmlns:m="', 'xmlns:xmlns="a" xmlns:m="'],
  ['<t:', '<'],
  ['t:', 'm:'],
  ['utf-8', 'utf-16'],
];

/** One spoiling of a document. */
export const xmlMutation: fc.Arbitrary<XmlMutation> = fc.oneof(
  fc.record({ kind: fc.constant('byte'), at: share, value: fc.nat(255) }),
  fc.record({ kind: fc.constant('cutOut'), at: share, bytes: fc.integer({ min: 1, max: 200 }) }),
  fc.record({
    kind: fc.constant('repeat'),
    at: share,
    bytes: fc.integer({ min: 1, max: 200 }),
    times: fc.constantFrom(1, 2, 500),
  }),
  fc.record({ kind: fc.constant('truncate'), at: share }),
  fc.record({ kind: fc.constant('insert'), at: share, text: fc.oneof(markup, texts) }),
  fc.record({ kind: fc.constant('text'), at: share, value: texts }),
  fc.record({ kind: fc.constant('text'), at: share, value: texts }),
  fc.record({ kind: fc.constant('value'), at: share, value: texts }),
  fc.record({
    kind: fc.constant('attribute'),
    at: share,
    name: fc.constantFrom('Id', 'Foo', 'xsi:nil', 'xml:lang'),
    value: texts,
  }),
  fc.record({
    kind: fc.constant('attributes'),
    at: share,
    count: fc.constantFrom(2, 100, 5000),
    prefix: fc.constantFrom('a', 'xmlns:a', 't:a'),
  }),
  fc.record({ kind: fc.constant('remove'), at: share }),
  fc.record({ kind: fc.constant('double'), at: share, times: fc.constantFrom(1, 1, 1, 2, 300) }),
  fc.record({ kind: fc.constant('move'), at: share, to: share }),
  fc.record({ kind: fc.constant('wrap'), at: share, depth: fc.constantFrom(1, 5, 60, 70, 5000) }),
  fc.record({ kind: fc.constant('rename'), at: share, name: names }),
  fc.constantFrom(...namespaces).map(([from, to]) => ({ kind: 'replace', from, to }) as const),
) as fc.Arbitrary<XmlMutation>;
