// Throws malformed input at every resource: each case must end in success or a coded error with one of the two error
// bodies, none in an unforeseen exception, and a good request must be served afterwards. Replay a failure with
// LOCKSTEP_FUZZ_SEED=<seed printed>.
import { connect } from 'node:net';
import fc from 'fast-check';
import { Pool } from 'undici';
import { afterEach, expect, test } from 'vitest';
import { basic, closeAll, start, until } from './harness.ts';

afterEach(closeAll);

const caseCount = 10_000;
const batchSize = 25;
const seed = process.env['LOCKSTEP_FUZZ_SEED'];

interface Case {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

const text = fc.string({ maxLength: 20 });
const id = fc.oneof(
  fc.nat({ max: 12 }).map(String),
  fc.integer().map(String),
  text.map(encodeURIComponent),
  fc.constantFrom('%', '..', 'null', '1e3'),
);

const entity = {
  AppointmentId: 1,
  Title: 'Fuzz',
  StartDate: '2026-11-12T08:00:00Z',
  EndDate: '2026-11-12T09:00:00Z',
  Associate: { AssociateId: 2 },
  Task: { TaskListItemId: 2 },
  Participants: [{ AssociateId: 2 }],
  VisibleFor: [{ VisibleId: 2, Visibility: 'Associate' }],
  CustomFields: { 'SuperOffice:1': 'x' },
  AlarmLeadTime: '00:15:00',
  Recurrence: {
    IsRecurrence: true,
    Pattern: 'Weekly',
    WeekPattern: { Weekdays: 'Monday', Cycle: 1 },
    RecurrenceEndType: 'Counter',
    RecurrenceCounter: 3,
    StartDate: '2026-11-12',
    MonthPattern: { Cycle: 1 },
  },
  Firstname: 'x',
  Contact: { ContactId: 1 },
  Emails: [{ Value: 'x' }],
  Name: 'x',
  Events: ['activity.created'],
  TargetUrl: 'http://127.0.0.1:9/',
  State: 'Stopped',
  Key: 'k',
  Value: 'v',
  TableName: 'appointment',
  RecordId: 1,
};
const names = Object.keys(entity) as (keyof typeof entity)[];

const strange = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom('9999-12-31T23:59:59Z', '0001-01-01T00:00:00', '2026-02-30', 2 ** 40, -1, 'P1Y', '🙂'.repeat(200)),
);

/** An entity in which some properties have strange values, some are gone, some sit deeper. */
const mutated = fc
  .tuple(fc.subarray(names), fc.dictionary(fc.constantFrom(...names), strange, { maxKeys: 3 }), fc.boolean())
  .map(([kept, changes, nested]) => {
    const base = { ...Object.fromEntries(kept.map((name) => [name, entity[name]])), ...changes };
    return nested
      ? { appointmentEntity: base, updateMode: 'ThisAndForward', appointmentId: 1, recurrence: base['Recurrence'] }
      : base;
  });

const patch = fc.array(
  fc.record({
    op: fc.constantFrom('add', 'replace', 'remove', 'test', 'move', ''),
    path: fc.oneof(
      fc.constantFrom(...names).map((name) => `/${name}`),
      fc.constantFrom(
        '/Participants/0/AssociateId',
        '/Participants/-',
        '/Participants/99',
        '/Recurrence/Pattern',
        '/__proto__/x',
        '/constructor',
        '',
      ),
      text,
    ),
    value: strange,
  }),
  { maxLength: 4 },
);

const body = fc.oneof(
  mutated.map((value) => JSON.stringify(value)),
  patch.map((value) => JSON.stringify(value)),
  fc.json(),
  text,
  fc.tuple(mutated, fc.nat({ max: 200 })).map(([value, length]) => JSON.stringify(value).slice(0, length)),
  fc.constantFrom('{"__proto__":{"Title":1}}', `${'['.repeat(5000)}`, '\uFEFF{}', 'null', '"x"'),
);

const token = fc.oneof(
  fc.constantFrom(
    'appointmentId',
    'associateId',
    'updatedDate',
    'text',
    'eq',
    'gt',
    'afterTime',
    'contains',
    'associateIsOneOf',
    'and',
    'or',
    '(',
    ')',
    ',',
    "'2026-11-12T00:00:00'",
    '12',
    '-1',
    'set',
    'true',
    'startswith',
    'getAllRows',
    'null',
    'appointment.do_by',
    '<=',
  ),
  text,
);
const query = fc.oneof(
  fc.constant(''),
  fc
    .record({
      select: fc.constantFrom(
        'appointmentId',
        'appointmentId,text,date',
        'nothing',
        '',
        'appointment.do_by',
        'traveltransactionlog.type,appointment.do_by',
        'personId',
        'constructor',
        'toString.x',
      ),
      filter: fc.array(token, { maxLength: 8 }).map((tokens) => tokens.join(' ')),
      orderby: fc.constantFrom('', 'appointmentId desc', 'x y z', ',,'),
      top: fc.constantFrom('5', '0', '-1', '1e9', ''),
      mode: fc.constantFrom('Slim', 'Full', 'x'),
    })
    .map(({ select, filter, orderby, top, mode }) => {
      const parts = { $select: select, $filter: filter, $orderby: orderby, $top: top, $mode: mode };
      return `?${new URLSearchParams(parts)}`;
    }),
  text.map((value) => `?${encodeURIComponent(value)}`),
);

const resource = fc.constantFrom(
  'Appointment',
  'Person',
  'Contact',
  'Webhook',
  'Selection',
  'ForeignApp',
  'MDOList',
  'Archive',
  'User',
);
const agentCall = fc.constantFrom(
  ...[
    'Save',
    'Delete',
    'SaveAppointmentEntity',
    'CalculateDays',
    'ValidateDays',
    'Move',
    'Accept',
    'Reject',
    'SetSeen',
    'GetAppointmentRecords',
    'GetAssociateDiary',
    'CreateAppointmentForUID',
  ].map((name) => `Agents/Appointment/${name}`),
  ...[
    'Archive/GetArchiveListByColumns2',
    'Person/SavePersonEntity',
    'Webhook/SaveWebhook',
    'Webhook/SignalEvent',
    'ForeignSystem/AddForeignKey',
    'Associate/GetAssociate',
    'Nothing/AtAll',
  ].map((name) => `Agents/${name}`),
);
const path = fc.oneof(
  fc.tuple(resource, query).map(([name, rest]) => `${name}${rest}`),
  fc.tuple(resource, id, query).map(([name, key, rest]) => `${name}/${key}${rest}`),
  fc
    .tuple(
      resource,
      id,
      fc.constantFrom(
        'ForeignKey',
        'Members',
        'Simple',
        'Participants',
        'LastError',
        'x/Key',
        'x/Key/k/appointment/1',
        'MergeTo/1',
      ),
    )
    .map((parts) => parts.join('/')),
  fc.tuple(agentCall, query).map((parts) => parts.join('')),
  fc
    .constantFrom('Archive/dynamic', 'Archive/FindAppointment', 'Archive/AllUsers')
    .chain((name) => query.map((rest) => name + rest)),
);

const header = fc.stringMatching(/^[ -~]{0,30}$/);
const headers = fc.record(
  {
    'SO-TimeZone': fc.oneof(
      fc.constantFrom('UTC, includeTZOffset', 'NO', 'US-NY,includeTZOffset', '261', ',,,'),
      header,
    ),
    'If-Unmodified-Since': fc.oneof(fc.constantFrom('Thu, 12 Nov 2026 07:59:58 GMT', '0'), header),
    'If-Modified-Since': header,
    'Content-Type': fc.oneof(
      fc.constantFrom('application/json', 'application/json-patch+json', 'text/plain', 'x'),
      header,
    ),
    Accept: header,
    Authorization: fc.oneof(fc.constantFrom('', 'Basic', 'Basic ???', 'SOTicket', 'Bearer x'), header),
  },
  { requiredKeys: [] },
);

const fuzzCase: fc.Arbitrary<Case> = fc
  .record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
    path,
    headers,
    body: fc.option(body, { nil: undefined }),
    authorized: fc.nat({ max: 9 }),
  })
  .map(({ authorized, ...rest }) => {
    const { Authorization: _random, ...others } = rest.headers;
    const own = authorized === 0 ? rest.headers : { ...others, Authorization: basic('sync@lockstep.test', 'lockstep') };
    return { ...rest, headers: own, body: rest.method === 'GET' ? undefined : rest.body };
  });

const knownErrors = /^(So\w*Exception|ArgumentException|JsonPatchTestFailedException|BadRequest)$/;

/** Why an answer is not acceptable, or undefined. */
function complaint(status: number, answer: string): string | undefined {
  if (status < 400) return undefined;
  const error = JSON.parse(answer) as Record<string, unknown>;
  if (typeof error['Message'] === 'string' && typeof error['MessageDetail'] === 'string') {
    return status < 500 ? undefined : 'a binding error with a server status';
  }
  const complete =
    error['Error'] === true && typeof error['ErrorMessage'] === 'string' && typeof error['ErrorSource'] === 'string';
  return complete && knownErrors.test(String(error['ErrorType']))
    ? undefined
    : `not a coded error: ${answer.slice(0, 300)}`;
}

test(`${caseCount} malformed requests get success or a coded error, and a good one is served next`, async () => {
  const { simulator, api, control } = await start();
  await control('POST', '/appointments', { associate: 'alice', title: 'Target', start: '2026-11-12T08:00:00Z' });
  const pool = new Pool(new URL(simulator.url).origin, { connections: batchSize });
  const run = async ({ method, path: target, headers: sent, body: content }: Case) => {
    const response = await pool.request({
      method,
      path: `/Cust00001/api/v1/${target}`,
      headers: sent,
      body: content ?? null,
    });
    const problem = complaint(response.statusCode, await response.body.text());
    if (problem !== undefined) throw new Error(`${method} ${target} -> ${response.statusCode}: ${problem}`);
  };
  let served = 0;
  const property = fc.asyncProperty(
    fc.array(fuzzCase, { minLength: batchSize, maxLength: batchSize }),
    async (cases) => {
      await Promise.all(cases.map(run));
      served += cases.length;
      expect((await api('GET', '/User/currentPrincipal')).status).toBe(200);
    },
  );
  const parameters = seed === undefined ? {} : { seed: Number(seed) };
  await fc.assert(property, { numRuns: caseCount / batchSize, ...parameters });
  await pool.close();
  expect(served).toBeGreaterThanOrEqual(caseCount);
  const good = await api('POST', '/Appointment', {
    Title: 'Good',
    StartDate: '2026-11-12T08:00:00Z',
    EndDate: '2026-11-12T09:00:00Z',
  });
  expect(good.status).toBe(200);
}, 180_000);

test('bytes that are no HTTP close the connection and nothing else', async () => {
  const { simulator, api } = await start();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
      const socket = connect(simulator.port, '127.0.0.1');
      let closed = false;
      socket.on('close', () => {
        closed = true;
      });
      socket.on('error', () => undefined);
      socket.on('data', () => undefined);
      socket.end(bytes);
      await until(() => closed);
    }),
    { numRuns: 200 },
  );
  expect((await api('GET', '/User/currentPrincipal')).status).toBe(200);
});
