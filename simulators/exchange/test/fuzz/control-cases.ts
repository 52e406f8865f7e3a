// Calls of the control API with spoiled JSON, paths and queries.
import fc from 'fast-check';
import { share } from './share.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

interface Route {
  readonly method: string;
  readonly path: string;
  readonly body?: Json;
}

const appointment = {
  subject: 'x',
  body: { format: 'HTML', text: '<b>x</b>' },
  start: '2026-03-02T08:00:00Z',
  end: '2026-03-02T09:00:00Z',
  timeZone: 'Europe/Oslo',
  isAllDay: false,
  location: 'y',
  busy: 'Busy',
  categories: ['a'],
  sensitivity: 'Normal',
  reminder: 15,
  uid: 'u',
  extendedProperties: [
    {
      path: { PropertySetId: 'c11ff724-aa03-4555-9952-8fa248a11c3e', PropertyName: 'N', PropertyType: 'String' },
      value: '42',
    },
  ],
};
const alices = 'mailboxes/alice@lockstep.test/calendar/items';
const script = (action: Json): Json => ({
  match: { mailbox: 'alice@lockstep.test', operation: 'GetFolder', skip: 0, count: 1 },
  when: 'before',
  effectDelayMs: 5000,
  action,
});

/** `:item` is an appointment of Alice. */
const routes: readonly Route[] = [
  {
    method: 'POST',
    path: 'seed',
    body: {
      mailboxes: [
        {
          address: 'new@lockstep.test',
          displayName: 'New',
          password: 'p',
          timeZone: 'Europe/Oslo',
          aliases: ['n@lockstep.test'],
          items: [appointment],
        },
      ],
      accounts: [{ address: 's@lockstep.test', password: 'p', impersonation: { scope: ['alice@lockstep.test'] } }],
      applications: [{ appId: 'a', secret: 's', account: 's@lockstep.test', appOnly: true }],
    },
  },
  { method: 'GET', path: 'mailboxes' },
  { method: 'GET', path: `${alices}?folder=calendar` },
  { method: 'POST', path: alices, body: appointment },
  { method: 'POST', path: alices, body: appointment },
  { method: 'PATCH', path: `${alices}/:item`, body: appointment },
  { method: 'PATCH', path: `${alices}/:item`, body: { start: '2026-03-02T08:30:00Z', isAllDay: true } },
  { method: 'DELETE', path: `${alices}/:item?type=HardDelete` },
  {
    method: 'POST',
    path: 'mailboxes/alice@lockstep.test/folders/calendar/permissions',
    body: { delegate: 'bob@lockstep.test', level: 'Editor' },
  },
  { method: 'GET', path: 'log?afterSeq=0&account=alice@lockstep.test' },
  { method: 'GET', path: 'peaks' },
  {
    method: 'POST',
    path: 'faults',
    body: script({ kind: 'fault', code: 'ErrorServerBusy', backOffMs: 1000, text: 't' }),
  },
  { method: 'POST', path: 'faults', body: script({ kind: 'message', code: 'ErrorItemNotFound' }) },
  {
    method: 'POST',
    path: 'faults',
    body: script({ kind: 'http', status: 503, headers: { 'Retry-After': '5' }, body: 'b' }),
  },
  { method: 'DELETE', path: 'faults/1' },
  { method: 'POST', path: 'clock', body: { advanceMs: 60_000 } },
  { method: 'POST', path: 'latency', body: { baseMs: 1, capacity: 8, operations: { SyncFolderItems: 1 } } },
  {
    method: 'POST',
    path: 'policy',
    body: {
      owner: 'alice@lockstep.test',
      maxConcurrency: 5,
      maxBurstMs: 1000,
      busyAnswer: 'fault',
      costMs: { GetFolder: 1 },
    },
  },
  {
    method: 'POST',
    path: 'access',
    body: { schemes: ['Basic'], strictAffinity: false, ewsEnabled: true, ewsDisabledFor: [], allowedAppIds: [] },
  },
  {
    method: 'POST',
    path: 'autodiscover',
    body: {
      directions: { 'alice@lockstep.test': { kind: 'redirectUrl', target: 'https://x.test/' } },
      publicUrl: 'https://x.test',
      groupingInformation: 'g',
    },
  },
  { method: 'POST', path: 'noise', body: { probability: 0.5, kinds: ['http503'], seed: 1, burst: 2 } },
  { method: 'POST', path: 'oab/generate' },
  { method: 'GET', path: 'budgets' },
  { method: 'GET', path: 'nowhere' },
];

export interface ControlCase {
  readonly route: Route;
  readonly edits: readonly { readonly at: number; readonly value: Json | undefined; readonly name: string }[];
  readonly pathEdit: { readonly at: number; readonly text: string } | undefined;
  /** Raw text in place of JSON, or bytes of it changed. */
  readonly text: string | undefined;
  readonly byte: { readonly at: number; readonly value: number } | undefined;
}

const oddValue: fc.Arbitrary<Json | undefined> = fc.oneof(
  fc.constantFrom<Json | undefined>(
    ...[
      undefined,
      null,
      true,
      false,
      0,
      -1,
      1,
      0.5,
      1e9,
      1e300,
      -1e300,
      Number.MAX_SAFE_INTEGER,
      '',
      ' ',
      'x',
      '0',
      '\u0000',
      '\ud800',
      '\r\n',
    ],
    ...[
      '__proto__',
      'constructor',
      'toString',
      '275760-09-13T00:00:00Z',
      '+275760-09-13T00:00:00Z',
      '-271821-04-20T00:00:00Z',
      '0001-01-01T00:00:00Z',
      'Europe/Nowhere',
      '😀',
      '/',
      '%',
    ],
    ...[[], {}, [null], [[]], { a: 1 }],
  ),
  fc.jsonValue({ maxDepth: 2 }).map((value) => value as Json),
  fc.integer({ min: -1000, max: 1000 }),
);

export const controlCase: fc.Arbitrary<ControlCase> = fc.record({
  route: fc.constantFrom(...routes),
  edits: fc.array(
    fc.record({
      at: share,
      value: oddValue,
      name: fc.constantFrom('', '', '', '__proto__', 'constructor', 'toString', 'subject', 'kind', 'x', 'headers'),
    }),
    { maxLength: 3 },
  ),
  pathEdit: fc.option(
    fc.record({
      at: share,
      text: fc.constantFrom('%', '%00', '%ff', '/', '//', '..', '?', '#', 'x', '__proto__', '%2F', 'x'.repeat(3000)),
    }),
    { nil: undefined, freq: 6 },
  ),
  text: fc.option(
    fc.constantFrom(
      '',
      '{',
      'null',
      '[]',
      '"x"',
      '1',
      '{"a":',
      '{}{}',
      '['.repeat(100_000),
      '{"__proto__":{"a":1}}',
      '\ufeff{}',
    ),
    {
      nil: undefined,
      freq: 8,
    },
  ),
  byte: fc.option(fc.record({ at: share, value: fc.nat(255) }), { nil: undefined, freq: 8 }),
});

/** Replaces, removes or adds one value somewhere in a document. */
function edit(json: Json, at: number, name: string, value: Json | undefined): Json | undefined {
  const places = count(json);
  const chosen = Math.floor(at * places);
  return chosen === 0 ? value : editBelow(json, chosen - 1, name, value);
}

function editBelow(json: Json, chosen: number, name: string, value: Json | undefined): Json {
  const entries: [string, Json][] = childrenOf(json);
  let rest = chosen;
  for (const [index, [, child]] of entries.entries()) {
    const size = count(child);
    if (rest < size) {
      const changed = rest === 0 ? value : editBelow(child, rest - 1, name, value);
      if (changed === undefined) entries.splice(index, 1);
      else entries[index] = [name === '' ? (entries[index]?.[0] ?? '') : name, changed];
      break;
    }
    rest -= size;
  }
  if (Array.isArray(json)) return entries.map(([, child]) => child);
  return Object.fromEntries(entries);
}

const childrenOf = (json: Json): [string, Json][] =>
  typeof json === 'object' && json !== null ? Object.entries(json) : [];

const count = (json: Json): number => 1 + childrenOf(json).reduce((sum, [, child]) => sum + count(child), 0);

export interface ControlCall {
  readonly method: string;
  readonly path: string;
  readonly body: Buffer;
}

export function controlCall(each: ControlCase, item: string): ControlCall {
  const { route, edits, pathEdit, text, byte } = each;
  let json: Json | undefined = route.body;
  for (const { at, name, value } of edits) if (json !== undefined) json = edit(json, at, name, value);
  const body = Buffer.from(text ?? (json === undefined ? '' : JSON.stringify(json)));
  if (byte !== undefined && body.length > 0) body[Math.floor(byte.at * body.length)] = byte.value;
  const path = route.path.replace(':item', item);
  const at = Math.floor((pathEdit?.at ?? 0) * path.length);
  return { method: route.method, path: path.slice(0, at) + (pathEdit?.text ?? '') + path.slice(at), body };
}
