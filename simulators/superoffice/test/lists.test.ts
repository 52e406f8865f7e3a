import { afterEach, expect, test } from 'vitest';
import { closeAll, start } from './harness.ts';

afterEach(closeAll);

const list = (path: string, select: string, filter: string, rest = '') =>
  `${path}?$select=${select}&$filter=${encodeURIComponent(filter)}${rest}`;

const made = (associate: string, title: string, day = '12') => ({
  associate,
  title,
  start: `2026-11-${day}T08:00:00Z`,
  end: `2026-11-${day}T09:00:00Z`,
});

test('appointments are listed by associate, paged by key, and the next page has an address', async () => {
  const { api, control, alice, bob } = await start();
  for (const title of ['a', 'b', 'c']) await control('POST', '/appointments', made('alice', title));
  await control('POST', '/appointments', made('bob', 'd'));
  const filter = `associateId associateIsOneOf (${alice})`;
  const columns = 'appointmentId,associateId,rawType,updatedDate,text';
  const page = (await api('GET', list('/Appointment', columns, filter, '&$orderby=appointmentId&$top=2'))).body;
  expect(page.value.map((row: { text: string }) => row.text)).toEqual(['a', 'b']);
  expect(page.value[0]).toMatchObject({
    EntityName: 'appointment',
    associateId: 'alice',
    rawType: 1,
    updatedDate: '0001-01-01T00:00:00Z',
  });
  expect(page.value[0].PrimaryKey).toBe(String(page.value[0].appointmentId));
  const next = new URL(page['odata.nextLink']);
  const second = (await api('GET', `/Appointment${next.search}`)).body;
  expect(second.value.map((row: { text: string }) => row.text)).toEqual(['c']);
  expect(second['odata.nextLink']).toBeNull();
  const full = (await api('GET', list('/Appointment', columns, `associateId eq ${bob}`, '&$mode=Full'))).body.value[0];
  expect(full.Column.associateId).toMatchObject({ RawValue: bob, DisplayValue: 'bob' });
});

test("rows changed or registered after a time are found with the literal read in the header's zone", async () => {
  const { api, control } = await start();
  const before = new Date(Date.now() - 2000).toISOString().slice(0, 19);
  const { id } = (await control('POST', '/appointments', made('alice', 'old'))).body;
  await control('POST', '/appointments', made('alice', 'untouched'));
  await control('PATCH', `/appointments/${id}`, { title: 'new' });
  const updated = (await api('GET', list('/Appointment', 'appointmentId', `updatedDate afterTime '${before}'`))).body
    .value;
  expect(updated.map((row: { appointmentId: number }) => row.appointmentId)).toEqual([id]);
  const registered = (await api('GET', list('/Appointment', 'appointmentId', `registeredDate afterTime '${before}'`)))
    .body.value;
  expect(registered).toHaveLength(2);
  const local = list('/Appointment', 'appointmentId', `registeredDate afterTime '${before}'`);
  expect((await api('GET', local, undefined, { 'SO-TimeZone': 'US-NY' })).body.value).toHaveLength(0);
});

test('dates between two days hold the whole of the last one, at any time of it', async () => {
  const { api, control } = await start();
  for (const day of ['11', '12', '13']) await control('POST', '/appointments', made('alice', `day ${day}`, day));
  const titles = async (filter: string) =>
    (await api('GET', list('/Appointment', 'text', filter))).body.value.map((row: { text: string }) => row.text).sort();
  expect(await titles("date between ('2026-11-11','2026-11-12')")).toEqual(['day 11', 'day 12']);
  expect(await titles("date dateBetween ('2026-11-12','2026-11-13')")).toEqual(['day 12', 'day 13']);
  expect(await titles("date dateTimeBetween ('2026-11-11T00:00:00','2026-11-12T00:00:00')")).toEqual(['day 11']);
});

test('the root of the API names every address with its verbs', async () => {
  const { api } = await start();
  const { status, body } = await api('GET', '');
  expect(status).toBe(200);
  const verbsOf = (path: string) => Object.entries(body).find(([url]) => url.endsWith(`/Cust00001/api/v1${path}`))?.[1];
  expect(verbsOf('/Appointment/{id}')).toEqual(expect.arrayContaining(['DELETE', 'GET', 'PATCH', 'PUT']));
  expect(verbsOf('/User/currentPrincipal')).toEqual(['GET']);
});

test('a list without restriction, with an unknown column or a broken filter is refused', async () => {
  const { api } = await start();
  expect((await api('GET', '/Appointment?$select=appointmentId')).status).toBe(500);
  for (const bad of [
    'appointmentId gt',
    'nothing = 1',
    "text likes 'x'",
    '(appointmentId gt 1',
    'appointmentId gt 1 or',
    '%',
  ]) {
    const refused = await api('GET', list('/Appointment', 'appointmentId', bad));
    expect([bad, refused.status, refused.body.Error]).toEqual([bad, 400, true]);
  }
});

test('a table that only a JavaScript object knows is no table', async () => {
  const { api } = await start();
  expect((await api('GET', list('/Archive/dynamic', 'constructor', 'constructor = 1'))).status).toBe(400);
});

test('the transaction log tells inserts, updates, owner changes and deletes in base-local time', async () => {
  const { api, control, alice, bob } = await start({ now: () => Date.UTC(2026, 10, 12, 8, 0, 0, 500) });
  const { id } = (await control('POST', '/appointments', made('alice', 'x'))).body;
  await control('PATCH', `/appointments/${id}`, { associate: 'bob', as: 'alice' });
  await control('DELETE', `/appointments/${id}?as=bob`);
  const columns = ['type', 'record_id', 'associate_id', 'prev_record_id', 'ttime'].map(
    (name) => `traveltransactionlog.${name}`,
  );
  const query = list(
    '/Archive/dynamic',
    columns.join(','),
    'traveltransactionlog.tablenumber = 9 and traveltransactionlog.traveltransactionlog_id gt 0',
  );
  const rows = (await api('GET', query)).body.value;
  const tuples = rows.map((row: Record<string, unknown>) => columns.map((name) => row[name]));
  const ttime = '2026-11-12T09:00:00';
  expect(tuples).toEqual([
    [4352, id, alice, 0, ttime],
    [4608, id, alice, 0, ttime],
    [5120, id, alice, alice, ttime],
    [4864, id, bob, 0, ttime],
  ]);
  await control('POST', '/switches', { transactionLogReadable: false });
  expect((await api('GET', query)).status).toBe(403);
});

test('the dynamic archive shows what the entity hides, and AllUsers the addresses', async () => {
  const { api, control, alice } = await start();
  const { id } = (await control('POST', '/appointments', made('alice', 'x'))).body;
  await control('PATCH', `/appointments/${id}`, { title: 'y' });
  const query = list(
    '/Archive/dynamic',
    'appointment.appointment_id,appointment.updatedCount,appointment.original_start_date,appointment.do_by',
    `appointment.associate_id = ${alice}`,
  );
  expect((await api('GET', query)).body.value[0]).toMatchObject({
    'appointment.appointment_id': id,
    'appointment.updatedCount': 1,
    'appointment.do_by': '2026-11-12T08:00:00Z',
    'appointment.original_start_date': '0001-01-01T00:00:00Z',
  });
  const users = (
    await api(
      'GET',
      list('/Archive/AllUsers', 'associateDbId,assocName,personEmail,userName,isActive,assocType', 'isActive = 1'),
    )
  ).body.value;
  expect(users).toContainEqual(
    expect.objectContaining({
      associateDbId: alice,
      assocName: 'alice',
      personEmail: 'alice@lockstep.test',
      isActive: true,
      assocType: 'Internal user',
    }),
  );
});

test('the principal names our own associate, and lists name types and zones', async () => {
  const { api, sync } = await start();
  expect((await api('GET', '/User/currentPrincipal')).body).toMatchObject({
    AssociateId: sync,
    EMailAddress: 'sync@lockstep.test',
  });
  expect((await api('GET', '/MDOList/task')).body).toContainEqual(expect.objectContaining({ Id: 2, Name: 'Meeting' }));
  expect((await api('GET', '/timezone')).body).toContainEqual(
    expect.objectContaining({ TZLocationID: 261, TZLocationCode: 'NO' }),
  );
});

test('foreign keys tie rows to other systems, touch nothing and vanish with their row', async () => {
  const { api, control } = await start();
  const { id } = (await control('POST', '/appointments', made('alice', 'x'))).body;
  const device = '/ForeignApp/Lockstep/exchange/mailbox-1';
  expect((await api('POST', `${device}/Key`, { Key: 'link' })).status).toBe(404);
  await api('POST', '/ForeignApp/Lockstep');
  expect((await api('POST', device)).body).toMatchObject({ Name: 'exchange', DeviceIdentifier: 'mailbox-1' });
  const key = { Key: 'link', Value: 'AAMk+/=', TableName: 'appointment', RecordId: id };
  expect((await api('POST', `${device}/Key`, key)).body).toMatchObject(key);
  expect((await api('GET', `${device}/Key/link/appointment/${id}/Value`)).body).toBe('AAMk+/=');
  const found = await api('GET', `${device}/Key/link/appointment?Value=${encodeURIComponent('AAMk+/=')}`);
  expect(found.body.RecordId).toBe(id);
  expect((await api('GET', `/Appointment/${id}?fk=true`)).body.ExtraFields).toEqual({
    'Lockstep.exchange.link': 'AAMk+/=',
  });
  const shown = (await control('GET', `/appointments/${id}`)).body;
  expect(shown).toMatchObject({ updatedCount: 0, foreignKeys: [{ name: 'Lockstep.exchange.link', value: 'AAMk+/=' }] });
  await api('PUT', `${device}/Key`, { ...key, Value: 'B' });
  await api('POST', `${device}/Key`, { ...key, Value: 'C' });
  expect((await api('GET', `/Appointment/${id}/ForeignKey`)).body.map((item: { Value: string }) => item.Value)).toEqual(
    ['B', 'C'],
  );
  await control('DELETE', `/appointments/${id}`);
  expect((await api('GET', `${device}/Key/link/appointment/${id}`)).status).toBe(404);
});
