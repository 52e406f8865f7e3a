// SuperOffice's own client, @superoffice/webapi, against the simulator, step by step on one database. It loads as CommonJS only,
// and its options leak from call to call; each part therefore gets an own instance.
import { createRequire } from 'node:module';
import type * as webapi from '@superoffice/webapi';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { basic, closeAll, type Hook, receiver, start, until } from './harness.ts';

type Client = Record<string, (...values: unknown[]) => Promise<Entity>>;
// biome-ignore lint/suspicious/noExplicitAny: the package's types do not resolve here; its answers are what is tested
type Entity = any;
type Constructor = new (options: Record<string, unknown>) => Client;

const require = createRequire(import.meta.url);
const library = require('@superoffice/webapi') as typeof webapi & Record<string, unknown>;

function client(name: string, url: string, user = 'sync@lockstep.test'): Client {
  const Agent = require(`@superoffice/webapi/${name}.js`)[name] as Constructor;
  const axiosConfig = { headers: { Authorization: basic(user, 'lockstep') } };
  return new Agent({ baseUrl: `${url}/`, timezone: 'UTC', timezoneInclude: true, axiosConfig });
}

const onlyThis = 'OnlyThis';
const forward = 'ThisAndForward';

let simulator: Awaited<ReturnType<typeof start>>;
let hook: Hook;
let rest: Client;
let agent: Client;
let made: Entity;
let series: Entity;
let mother: Entity;
let childId: number;
let company: Entity;
let person: Entity;
let webhook: Entity;
let uidHolder: Entity;

beforeAll(async () => {
  simulator = await start();
  hook = await receiver();
  rest = client('AppointmentRestApi', simulator.simulator.url);
  agent = client('AppointmentAgent', simulator.simulator.url);
});
afterAll(closeAll);

const url = () => simulator.simulator.url;
const call = (target: Client, method: string, ...values: unknown[]): Promise<Entity> => {
  const run = target[method];
  if (run === undefined) throw new Error(`The client has no ${method}`);
  return run.call(target, ...values);
};
const status = (promise: Promise<unknown>): Promise<number> =>
  promise.then(
    () => 200,
    (error: { response?: { status: number } }) => error.response?.status ?? 0,
  );

test('1 the package loads', () => expect(Object.keys(library).length).toBeGreaterThan(50));

test('2 REST template', async () => {
  made = await call(rest, 'getDefaultAsync');
  expect(made.appointmentId).toBe(0);
  expect(made.startDate).toBeInstanceOf(Date);
});

test('3 REST create, in camel case and with a trailing slash', async () => {
  made = await call(rest, 'postAsync', {
    ...made,
    title: 'Contract',
    startDate: new Date('2026-11-12T08:00:00Z'),
    endDate: new Date('2026-11-12T09:00:00Z'),
    associate: { associateId: simulator.alice },
  });
  expect(made.appointmentId).toBeGreaterThan(0);
  expect(made.startDate.toISOString()).toBe('2026-11-12T08:00:00.000Z');
  expect(made.associate.associateId).toBe(simulator.alice);
});

test('4 REST read', async () => {
  expect((await call(rest, 'getByIdAsync', made.appointmentId)).title).toBe('Contract');
});

test('5 REST patch by operations', async () => {
  const operations = [
    { op: 'test', path: '/title', value: 'Contract' },
    { op: 'replace', path: '/Location', value: 'Room 3' },
  ];
  expect((await call(rest, 'patchByIdAsync', made.appointmentId, operations)).location).toBe('Room 3');
});

test('6 REST patch with a failing test is 409', async () => {
  const operations = [{ op: 'test', path: '/title', value: 'Other' }];
  expect(await status(call(rest, 'patchByIdAsync', made.appointmentId, operations))).toBe(409);
});

test('7 REST merge patch', async () => {
  expect((await call(rest, 'patchByIdAsync', made.appointmentId, { isFree: true })).isFree).toBe(true);
});

test('8 REST put of what was read', async () => {
  const read = await call(rest, 'getByIdAsync', made.appointmentId);
  const saved = await call(rest, 'putByIdAsync', made.appointmentId, { ...read, description: 'Longer' });
  expect([saved.description, saved.location, saved.isFree]).toEqual(['Longer', 'Room 3', true]);
});

test('9 REST put with a stale condition is 412', async () => {
  const own = client('AppointmentRestApi', url());
  const read = await call(own, 'getByIdAsync', made.appointmentId);
  const condition = { ifUnmodifiedSince: new Date('2020-01-01T00:00:00Z') };
  expect(await status(call(own, 'putByIdAsync', made.appointmentId, read, condition))).toBe(412);
});

test('10 REST read if modified is null when it is not', async () => {
  const own = client('AppointmentRestApi', url());
  const condition = { ifModifiedSince: new Date(Date.now() + 60_000) };
  expect(await call(own, 'getByIdAsync', made.appointmentId, condition)).toBeNull();
});

test('11 agent read, and null for what is not there', async () => {
  expect((await call(agent, 'getAppointmentEntityAsync', made.appointmentId)).title).toBe('Contract');
  expect(await call(agent, 'getAppointmentEntityAsync', 99_999)).toBeNull();
});

test('12 agent template of a task', async () => {
  const task = await call(agent, 'createDefaultAppointmentEntityByTypeAndAssociateAsync', 'ToDo', simulator.alice);
  expect([task.type, task.task.type]).toEqual(['inChecklist', 'ToDo']);
  const saved = await call(agent, 'saveAppointmentEntityAsync', { ...task, title: 'Call back' });
  expect(saved.appointmentId).toBeGreaterThan(made.appointmentId);
  await call(agent, 'setActivityStatusAsync', [String(saved.appointmentId)], 'Completed');
  expect((await call(agent, 'getAppointmentEntityAsync', saved.appointmentId)).completed).toBe('Completed');
});

test('13 durations go out as ISO and come back', async () => {
  const read = await call(agent, 'getAppointmentEntityAsync', made.appointmentId);
  read.hasAlarm = true;
  read.alarmLeadTime = 'PT45M';
  const saved = await call(agent, 'saveAsync', read, onlyThis, false, null, null);
  expect(saved.alarmLeadTime.asMinutes()).toBe(45);
});

test('14 agent move keeps the length', async () => {
  const moved = await call(agent, 'moveAsync', made.appointmentId, new Date('2026-11-13T10:00:00Z'), onlyThis);
  expect(moved.endDate.toISOString()).toBe('2026-11-13T11:00:00.000Z');
});

test('15 the days of a recurrence', async () => {
  const template = await call(agent, 'createDefaultAppointmentEntityAsync');
  const recurrence = { ...template.recurrence, isRecurrence: true, pattern: 'Weekly' };
  recurrence.weekPattern = { weekdays: 1 + 4, cycle: 1 };
  recurrence.startDate = new Date('2026-11-16T00:00:00Z');
  recurrence.endDate = new Date('2026-11-25T00:00:00Z');
  recurrence.recurrenceEndType = 'EndDate';
  const times = { startDate: new Date('2026-11-16T08:00:00Z'), endDate: new Date('2026-11-16T08:30:00Z') };
  series = { ...template, ...times, title: 'Series', associate: { associateId: simulator.alice }, recurrence };
  series.recurrence = await call(agent, 'calculateDaysAsync', series);
  expect(series.recurrence.dates).toHaveLength(4);
});

test('16 a series is saved as rows', async () => {
  series = await call(agent, 'saveAsync', series, onlyThis, false, null, null);
  const rows = await call(agent, 'getAppointmentRecordsAsync', 0, series.recurrence.recurrenceId);
  expect(rows.map((row: Entity) => row.startDate.toISOString().slice(0, 10))).toEqual([
    '2026-11-16',
    '2026-11-18',
    '2026-11-23',
    '2026-11-25',
  ]);
});

test('17 this and forward renames the later rows', async () => {
  const rows = await call(agent, 'getAppointmentRecordsAsync', 0, series.recurrence.recurrenceId);
  const third = await call(agent, 'getAppointmentEntityAsync', rows[2].appointmentId);
  await call(agent, 'saveAsync', { ...third, title: 'Renamed' }, forward, false, null, null);
  const after = await call(agent, 'getAppointmentRecordsAsync', 0, series.recurrence.recurrenceId);
  expect(after.map((row: Entity) => row.title)).toEqual(['Series', 'Series', 'Renamed', 'Renamed']);
});

test('18 this and forward deletes the later rows', async () => {
  const rows = await call(agent, 'getAppointmentRecordsAsync', 0, series.recurrence.recurrenceId);
  await call(agent, 'deleteAsync', rows[1].appointmentId, forward, false, null, null);
  expect(await call(agent, 'getAppointmentRecordsAsync', 0, series.recurrence.recurrenceId)).toHaveLength(1);
});

test('19 an invitation makes a mother and a child', async () => {
  const template = await call(agent, 'createDefaultAppointmentEntityAsync');
  const participants = [{ associateId: simulator.alice }, { associateId: simulator.bob }];
  mother = await call(agent, 'saveAsync', { ...template, title: 'Meeting', participants }, onlyThis, false, null, null);
  const rows = await call(agent, 'getAppointmentRecordsAsync', mother.appointmentId, 0);
  childId = rows.find((row: Entity) => row.associateId === simulator.bob).appointmentId;
  expect([mother.bookingType, rows.length]).toEqual(['Owner', 2]);
});

test('20 the invited sees, accepts and declines', async () => {
  const bob = client('AppointmentAgent', url(), 'bob');
  const state = async () => (await call(agent, 'getAppointmentEntityAsync', childId)).invitationStatus;
  await call(bob, 'setSeenAsync', childId, onlyThis);
  expect(await state()).toBe('Seen');
  await call(bob, 'acceptAsync', childId, onlyThis);
  expect(await state()).toBe('Accepted');
  await call(bob, 'rejectAsync', childId, 'Away', onlyThis);
  expect(await state()).toBe('Declined');
});

test('21 a deleted meeting is cancelled for the invited', async () => {
  await call(agent, 'deleteAsync', mother.appointmentId, onlyThis, false, null, null);
  expect((await call(agent, 'getAppointmentEntityAsync', childId)).invitationStatus).toBe('Cancelled');
});

test('22 a UID is taken once', async () => {
  const template = await call(agent, 'createDefaultAppointmentEntityAsync');
  uidHolder = await call(agent, 'createAppointmentForUIDAsync', { ...template, title: 'With UID' }, 'uid-1');
  expect(await call(agent, 'createAppointmentForUIDAsync', template, 'uid-1')).toBeNull();
  expect((await call(agent, 'getAppointmentFromUIDAsync', 'uid-1')).appointmentId).toBe(uidHolder.appointmentId);
  expect(await call(agent, 'getUIDFromAppointmentIdAsync', uidHolder.appointmentId, false)).toBe('uid-1');
});

test('23 a diary lists what lies in it', async () => {
  const [from, to] = [new Date('2026-11-13T00:00:00Z'), new Date('2026-11-14T00:00:00Z')];
  const diary = await call(agent, 'getAssociateDiaryAsync', simulator.alice, from, to, 10);
  expect(diary.map((row: Entity) => row.appointmentId)).toEqual([made.appointmentId]);
});

test('24 REST delete, and again is 404', async () => {
  await call(rest, 'deleteByIdAsync', made.appointmentId);
  expect(await status(call(rest, 'deleteByIdAsync', made.appointmentId))).toBe(404);
});

test('25 a company by REST', async () => {
  const contacts = client('ContactRestApi', url());
  const template = await call(contacts, 'getDefaultAsync');
  company = await call(contacts, 'postAsync', { ...template, name: 'Fjord Kebab AS', department: 'Oslo' });
  const changed = await call(contacts, 'patchByIdAsync', company.contactId, [
    { op: 'replace', path: '/Department', value: 'Bergen' },
  ]);
  expect(changed.department).toBe('Bergen');
});

test('26 a person by REST', async () => {
  const persons = client('PersonRestApi', url());
  const template = await call(persons, 'getDefaultAsync');
  const emails = [{ value: 'arne@fjordkebab.no', description: '' }];
  person = await call(persons, 'postAsync', {
    ...template,
    firstname: 'Arne',
    lastname: 'Abel',
    contact: { contactId: company.contactId },
    emails,
  });
  const read = await call(persons, 'getByIdAsync', person.personId);
  expect([read.fullName, read.emails[0].value, read.contact.fullName]).toEqual([
    'Arne Abel',
    'arne@fjordkebab.no',
    'Fjord Kebab AS, Bergen',
  ]);
});

test('27 a person by agent: saved, deleted, brought back', async () => {
  const persons = client('PersonAgent', url());
  const read = await call(persons, 'getPersonEntityAsync', person.personId);
  expect((await call(persons, 'savePersonEntityAsync', { ...read, title: 'Owner' })).title).toBe('Owner');
  await call(persons, 'deletePersonEntityAsync', person.personId);
  expect(await call(persons, 'getPersonEntityAsync', person.personId)).toBeNull();
  await call(persons, 'undeleteAsync', person.personId);
  expect((await call(persons, 'getPersonEntityAsync', person.personId)).title).toBe('Owner');
});

test('28 users by agent', async () => {
  const associates = client('AssociateAgent', url());
  expect((await call(associates, 'getAssociateAsync', simulator.alice)).name).toBe('alice');
  expect((await call(associates, 'getAssociateListAsync', true)).length).toBeGreaterThan(2);
});

test('29 an archive by agent, with encoded values', async () => {
  const archives = client('ArchiveAgent', url());
  const restriction = `associateId = ${simulator.alice}`;
  const rows = await call(
    archives,
    'getArchiveListByColumns2Async',
    'FindAppointment',
    'appointmentId,date',
    'appointmentId',
    restriction,
    '',
    0,
    100,
  );
  expect(rows[0].columnData.appointmentId.displayValue).toMatch(/^\[I:\d+\]$/);
  expect(rows[0].columnData.date.displayValue).toMatch(/^\[DT:\d\d\/\d\d\/\d{4} /);
  const none = call(
    archives,
    'getArchiveListByColumns2Async',
    'FindAppointment',
    'appointmentId',
    '',
    null,
    '',
    0,
    100,
  );
  expect(await status(none)).toBe(500);
});

test('30 webhook: template, refused save, save', async () => {
  const webhooks = client('WebhookAgent', url());
  webhook = await call(webhooks, 'createDefaultWebhookAsync');
  webhook = { ...webhook, name: 'conformance', events: ['activity.created'], targetUrl: hook.url, secret: 's3cret' };
  hook.answers = [500];
  expect(await status(call(webhooks, 'saveWebhookAsync', webhook))).toBe(500);
  hook.answers = [200];
  webhook = await call(webhooks, 'saveWebhookAsync', webhook);
  expect(webhook.webhookId).toBeGreaterThan(0);
});

test('31 webhook: an appointment made by the client is told', async () => {
  const before = hook.received.length;
  const saved = await call(rest, 'postAsync', await call(rest, 'getDefaultAsync'));
  await until(() => hook.received.length > before);
  expect(hook.received.at(-1)?.body).toMatchObject({ Event: 'activity.created', PrimaryKey: saved.appointmentId });
});

test('32 webhook: listed, tested, switched off, deleted', async () => {
  const webhooks = client('WebhookAgent', url());
  expect(await call(webhooks, 'getAllWebhooksAsync', 'conformance', '', 'Unknown')).toHaveLength(1);
  expect((await call(webhooks, 'testWebhookAsync', webhook)).success).toBe(true);
  expect((await call(webhooks, 'saveWebhookAsync', { ...webhook, state: 'Stopped' })).state).toBe('Stopped');
  await call(webhooks, 'deleteWebhookAsync', webhook.webhookId);
  expect(await call(webhooks, 'getWebhookAsync', webhook.webhookId)).toBeNull();
});

test('33 foreign keys by agent', async () => {
  const keys = client('ForeignSystemAgent', url());
  await call(keys, 'saveForeignAppEntityAsync', { name: 'Lockstep' });
  await call(keys, 'addDeviceByIdentifierAsync', 'Lockstep', 'exchange', 'mailbox-1');
  const key = { key: 'link', value: 'AAMk=', tableName: 'appointment', recordId: uidHolder.appointmentId };
  await call(keys, 'addForeignKeyAsync', key, 'Lockstep', 'exchange', 'mailbox-1');
  const found = await call(keys, 'getKeyByValueAsync', 'Lockstep', 'exchange', 'link', 'AAMk=', 'appointment');
  expect(found.recordId).toBe(uidHolder.appointmentId);
  expect(await call(keys, 'getAllForeignKeysOnEntityAsync', 'appointment', uidHolder.appointmentId)).toEqual({
    'Lockstep.exchange.link': 'AAMk=',
  });
  await call(
    keys,
    'deleteForeignKeyOnNameAsync',
    'Lockstep',
    'exchange',
    'mailbox-1',
    'link',
    'appointment',
    uidHolder.appointmentId,
  );
  expect(
    await call(keys, 'getKeyAsync', 'Lockstep', 'exchange', 'link', 'appointment', uidHolder.appointmentId),
  ).toBeNull();
});

test('34 a request without credentials is 401', async () => {
  const stranger = client('AppointmentRestApi', url(), 'nobody');
  expect(await status(call(stranger, 'getDefaultAsync'))).toBe(401);
});
