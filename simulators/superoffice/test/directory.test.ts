import { afterEach, expect, test } from 'vitest';
import { basic, closeAll, receiver, start, until } from './harness.ts';

afterEach(closeAll);

const list = (path: string, select: string, filter: string, rest = '') =>
  `${path}?$select=${select}&$filter=${encodeURIComponent(filter)}${rest}`;

type Simulator = Awaited<ReturnType<typeof start>>;

async function makeArne({ api }: Simulator) {
  const company = (await api('POST', '/Contact', { Name: 'Fjord Kebab AS', Department: 'Oslo' })).body;
  const template = (await api('GET', '/Person/default')).body;
  const person = await api('POST', '/Person/', {
    ...template,
    Firstname: 'Arne',
    Lastname: 'Abel',
    Contact: { ContactId: company.ContactId },
    Emails: [{ Value: 'arne@fjordkebab.no' }],
    MobilePhones: [{ Value: '+47 91 00 00 00', Description: 'work' }],
    BirthDate: '1999-05-13T00:00:00Z',
  });
  return { company, person: person.body };
}

async function subscribe({ api }: Simulator) {
  const hook = await receiver();
  const events = ['person', 'contact'].flatMap((name) =>
    ['created', 'changed', 'softdeleted', 'deleted'].map((what) => `${name}.${what}`),
  );
  await api('POST', '/Webhook', {
    Name: 'people',
    Events: events,
    TargetUrl: hook.url,
    Type: 'webhook',
    State: 'Active',
  });
  return { hook, names: () => hook.received.slice(1).map((delivery) => delivery.body.Event) };
}

test('a person belongs to a company and reads back as written', async () => {
  const simulator = await start();
  const { person, company } = await makeArne(simulator);
  expect(person).toMatchObject({ FullName: 'Arne Abel', BirthDate: '1999-05-13T00:00:00Z', UpdatedBy: null });
  expect(person.MobilePhones[0]).toMatchObject({ Value: '+47 91 00 00 00', StrippedValue: '+4791000000' });
  expect(person.Contact).toMatchObject({ ContactId: company.ContactId, FullName: 'Fjord Kebab AS, Oslo' });
  expect((await simulator.api('GET', `/Contact/${company.ContactId}`)).body.Persons).toMatchObject([
    { PersonId: person.PersonId },
  ]);
  expect((await simulator.api('POST', '/Person', { Firstname: 'Nobody' })).status).toBe(500);
});

test('an e-mail edit is silent, a name edit is told; both are read', async () => {
  const simulator = await start();
  const { api } = simulator;
  const { person } = await makeArne(simulator);
  const { hook, names } = await subscribe(simulator);
  const path = `/Person/${person.PersonId}`;
  const silent = await api('PATCH', path, [
    { op: 'replace', path: '/Emails', value: [{ Value: 'new@fjordkebab.no' }] },
  ]);
  expect(silent.body).toMatchObject({ UpdatedDate: '0001-01-01T00:00:00Z' });
  expect(silent.body.Emails[0].Value).toBe('new@fjordkebab.no');
  await api('PATCH', path, [{ op: 'replace', path: '/Title', value: 'Owner' }]);
  await until(() => names().length === 1);
  expect(hook.received[1]?.body).toMatchObject({ Event: 'person.changed', PrimaryKey: person.PersonId });
  expect(hook.received[1]?.body.Changes).toEqual([
    'person_id',
    'title',
    'updated',
    'updated_associate_id',
    'updatedCount',
  ]);
  const found = (
    await api(
      'GET',
      list('/Person', 'personId,email/emailAddress', "personUpdatedDate afterTime '2026-01-01T00:00:00'"),
    )
  ).body.value;
  expect(found).toMatchObject([{ personId: person.PersonId, 'email/emailAddress': 'new@fjordkebab.no' }]);
});

test('a deleted person is gone softly, can come back, and is purged after two weeks; the log knows neither', async () => {
  const simulator = await start();
  const { api, control } = simulator;
  const { person } = await makeArne(simulator);
  const { names } = await subscribe(simulator);
  const path = `/Person/${person.PersonId}`;
  expect((await api('DELETE', path)).status).toBe(204);
  expect((await api('GET', path)).status).toBe(404);
  expect((await api('GET', list('/Person', 'personId', `personId = ${person.PersonId}`))).body.value).toEqual([]);
  expect((await api('POST', '/Agents/Person/Undelete', { id: person.PersonId })).status).toBe(200);
  expect((await api('GET', path)).status).toBe(200);
  await api('DELETE', path);
  await control('POST', '/clock', { advanceMs: 15 * 86_400_000 });
  await until(() => names().length === 4);
  expect(names()).toEqual(['person.softdeleted', 'person.created', 'person.softdeleted', 'person.deleted']);
  const log = list(
    '/Archive/dynamic',
    'traveltransactionlog.type',
    'traveltransactionlog.tablenumber = 6 and traveltransactionlog.type = 4864',
  );
  expect((await api('GET', log)).body.value).toEqual([]);
});

test('a merge moves appointments and is told by mergemovelog alone', async () => {
  const simulator = await start();
  const { api, control } = simulator;
  const first = await makeArne(simulator);
  const second = await makeArne(simulator);
  const { id } = (
    await control('POST', '/appointments', {
      associate: 'alice',
      title: 'x',
      start: '2026-11-12T08:00:00Z',
      personId: first.person.PersonId,
    })
  ).body;
  expect((await api('POST', `/Person/${first.person.PersonId}/MergeTo/${second.person.PersonId}`)).status).toBe(204);
  expect((await control('GET', `/appointments/${id}`)).body.personId).toBe(second.person.PersonId);
  const query = list(
    '/Archive/dynamic',
    'mergemovelog.operation,mergemovelog.sourceRecord,mergemovelog.destinationRecord',
    'mergemovelog.tableNumber = 6',
  );
  expect((await api('GET', query)).body.value).toMatchObject([
    { 'mergemovelog.sourceRecord': first.person.PersonId, 'mergemovelog.destinationRecord': second.person.PersonId },
  ]);
});

test('a static selection tells when its members change, a dynamic one only finds them', async () => {
  const simulator = await start();
  const { api, control } = simulator;
  const { person, company } = await makeArne(simulator);
  const made = (
    await api('POST', '/Selection', { Name: 'To sync', SelectionType: 'Static', TargetTableName: 'person' })
  ).body;
  const path = `/Selection/${made.SelectionId}`;
  await control('POST', '/clock', { advanceMs: 60_000 });
  const member = [{ ContactId: company.ContactId, PersonId: person.PersonId }];
  expect((await api('POST', `${path}/Members/AddPerson`, member)).body).toBe(1);
  expect((await api('GET', `${path}/Members?$select=personId,fullName`)).body.value).toMatchObject([
    { fullName: 'Arne Abel' },
  ]);
  const changed = list('/Selection', 'selectionId', `lastMembershipChange afterTime '${made.LastMembershipChange}'`);
  expect((await api('GET', changed)).body.value).toMatchObject([{ selectionId: made.SelectionId }]);
  await api('POST', `${path}/Members/Remove`, [person.PersonId]);
  const dynamic = (
    await api('POST', '/Selection', {
      Name: 'All Arnes',
      SelectionType: 'Dynamic',
      TargetTableName: 'person',
      Criteria: "firstName begins 'Arn'",
    })
  ).body;
  const members = () => api('GET', `/Selection/${dynamic.SelectionId}/Members?$select=personId`);
  expect((await members()).body.value).toHaveLength(1);
  await makeArne(simulator);
  expect((await members()).body.value).toHaveLength(2);
  expect((await api('GET', `/Selection/${dynamic.SelectionId}`)).body.LastMembershipChange).toBe(
    dynamic.LastMembershipChange,
  );
  expect((await api('GET', '/Selection/9999/Members?$select=personId')).status).toBe(404);
});

test('a private appointment does not exist for another user, but the system user sees it', async () => {
  const { api, control, alice } = await start();
  const { id } = (
    await control('POST', '/appointments', {
      associate: 'alice',
      title: 'Doctor',
      start: '2026-11-12T08:00:00Z',
      private: 'PrivateUser',
    })
  ).body;
  const asBob = { authorization: basic('bob', 'lockstep') };
  expect((await api('GET', `/Appointment/${id}`, undefined, asBob)).status).toBe(404);
  const query = list('/Appointment', 'appointmentId', `associateId = ${alice}`);
  expect((await api('GET', query, undefined, asBob)).body.value).toEqual([]);
  expect((await api('GET', query)).body.value).toHaveLength(1);
  expect(
    (await api('GET', `/Appointment/${id}`, undefined, { authorization: basic('alice', 'lockstep') })).status,
  ).toBe(200);
});
