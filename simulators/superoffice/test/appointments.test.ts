import { afterEach, expect, test } from 'vitest';
import { basic, call, closeAll, start } from './harness.ts';

afterEach(closeAll);

const meeting = (associate: number) => ({
  Title: 'R&D <"x"> 🙂 Ærø',
  Description: 'Body',
  StartDate: '2026-11-12T08:00:00Z',
  EndDate: '2026-11-12T09:00:00Z',
  Associate: { AssociateId: associate },
  Task: { TaskListItemId: 2 },
  Type: 'inDiary',
  Location: 'Room 3',
});

test('an appointment is created from the template, read back and deleted for good', async () => {
  const { api, alice, sync } = await start();
  const template = (await api('GET', '/Appointment/default')).body;
  const created = await api('POST', '/Appointment/', { ...template, ...meeting(alice) });
  expect(created.status).toBe(200);
  expect(created.body).toMatchObject({
    Title: 'R&D <"x"> 🙂 Ærø',
    StartDate: '2026-11-12T08:00:00Z',
    EndDate: '2026-11-12T09:00:00Z',
    ActiveDate: '2026-11-12T08:00:00Z',
    UpdatedDate: '0001-01-01T00:00:00Z',
    UpdatedBy: null,
    InvitationStatus: 'Accepted',
    Type: 'inDiary',
  });
  expect(created.body.Associate.AssociateId).toBe(alice);
  expect(created.body.CreatedBy.AssociateId).toBe(sync);
  const path = `/Appointment/${created.body.AppointmentId}`;
  const read = await api('GET', path);
  expect(read.body).toEqual(created.body);
  expect(read.headers.get('last-modified')).toBe(new Date(read.body.CreatedDate).toUTCString());
  expect((await api('DELETE', path)).status).toBe(204);
  const gone = await api('GET', path);
  expect(gone.status).toBe(404);
  expect(gone.body).toEqual({
    Error: true,
    ErrorType: 'SoNotFoundException',
    ErrorMessage: `Appointment id ${created.body.AppointmentId} not found`,
    ErrorSource: 'SuperOffice.Services.Implementation',
  });
  expect(
    (
      await api(
        'POST',
        `/Agents/Appointment/GetAppointmentEntity?appointmentEntityId=${created.body.AppointmentId}`,
        'null',
      )
    ).body,
  ).toBeNull();
});

test('the same row reads differently by time zone header, and property names are taken in any case', async () => {
  const { api, alice } = await start();
  const created = await api('POST', '/appointment', {
    title: 'Spring',
    STARTDATE: '2026-03-31T16:00:00Z',
    endDate: '2026-03-31T19:00:00+02:00',
    associate: { associateId: alice },
    task: { taskListItemId: 2 },
  });
  const path = `/Appointment/${created.body.AppointmentId}`;
  const plain = (await api('GET', path, undefined, { 'SO-TimeZone': '' })).body;
  expect(plain.StartDate).toBe('2026-03-31T18:00:00');
  expect(plain.UpdatedDate).toBe('0001-01-01T00:00:00');
  expect(plain.Recurrence.StartDate).toBe('2026-03-31T00:00:00');
  const utc = (await api('GET', path, undefined, { 'SO-TimeZone': 'utc,includeTZOffset,includeTZOffset' })).body;
  expect([utc.StartDate, utc.EndDate]).toEqual(['2026-03-31T16:00:00Z', '2026-03-31T17:00:00Z']);
  expect(utc.Recurrence.StartDate).toBe('2026-03-31T00:00:00Z');
  const norway = (await api('GET', path, undefined, { 'SO-TimeZone': 'NO, includeTZOffset' })).body;
  expect(norway.StartDate).toBe('2026-03-31T18:00:00+02:00');
  expect(norway.CreatedDate).toBe(utc.CreatedDate);
  expect(norway.UpdatedDate).toBe('0001-01-01T00:00:00Z');
  expect(norway.PublishFrom).toBe('0001-01-01T01:00:00+01:00');
  expect((await api('GET', path, undefined, { 'SO-TimeZone': 'XX' })).status).toBe(400);
});

test('a switched-off multi-time-zone support ignores the header', async () => {
  const { api, control, alice } = await start();
  await control('POST', '/switches', { multiTimeZone: false });
  const created = await api('POST', '/Appointment', { ...meeting(alice), StartDate: '2026-11-12T08:00:00' });
  expect(created.body.StartDate).toBe('2026-11-12T08:00:00');
});

test('JSON Patch changes what it names, its test operation refuses with 409, and a stale condition with 412', async () => {
  const { api, control, alice, sync } = await start();
  const { AppointmentId: id, CreatedDate } = (await api('POST', '/Appointment', meeting(alice))).body;
  await control('POST', '/clock', { advanceMs: 5000 });
  const patched = await api(
    'PATCH',
    `/Appointment/${id}`,
    [
      { op: 'test', path: 'startdate', value: '2026-11-12T09:00:00.000+01:00' },
      { op: 'replace', path: '/startDate', value: '2026-11-12T08:30:00Z' },
      { op: 'replace', path: '/Title', value: 'New' },
    ],
    { 'If-Unmodified-Since': new Date(CreatedDate).toUTCString(), 'content-type': 'application/json-patch+json' },
  );
  expect(patched.status).toBe(200);
  expect(patched.body).toMatchObject({
    StartDate: '2026-11-12T08:30:00Z',
    Title: 'New',
    Description: 'Body',
    Location: 'Room 3',
  });
  expect(patched.body.UpdatedBy.AssociateId).toBe(sync);
  const conflict = await api('PATCH', `/Appointment/${id}`, [
    { op: 'test', path: '/Title', value: 'Old' },
    { op: 'replace', path: '/Title', value: 'Newer' },
  ]);
  expect(conflict.status).toBe(409);
  const stale = await api('PATCH', `/Appointment/${id}`, [{ op: 'replace', path: '/Title', value: 'Newer' }], {
    'If-Unmodified-Since': new Date(CreatedDate).toUTCString(),
  });
  expect(stale.status).toBe(412);
  const now = (await api('GET', `/Appointment/${id}`)).body;
  expect(now.Title).toBe('New');
  const unchanged = await api('GET', `/Appointment/${id}`, undefined, {
    'If-Modified-Since': new Date(now.UpdatedDate).toUTCString(),
  });
  expect(unchanged.status).toBe(304);
});

test('a merge patch replaces properties and appends an object to an array', async () => {
  const { api, alice } = await start();
  const { AppointmentId: id } = (await api('POST', '/Appointment', meeting(alice))).body;
  const patched = await api('PATCH', `/Appointment/${id}`, {
    location: 'Room 4',
    visibleFor: { visibility: 'Associate', visibleId: alice },
  });
  expect(patched.body.Location).toBe('Room 4');
  expect(patched.body.VisibleFor).toHaveLength(2);
});

test('writing back what was read changes neither stamp nor count', async () => {
  const { api, control, alice } = await start();
  const { body } = await api('POST', '/Appointment', meeting(alice));
  const saved = await api('PUT', `/Appointment/${body.AppointmentId}`, body);
  expect(saved.body.UpdatedDate).toBe('0001-01-01T00:00:00Z');
  expect((await control('GET', `/appointments/${body.AppointmentId}`)).body.updatedCount).toBe(0);
});

test('a full PUT erases what it leaves out', async () => {
  const { api, alice } = await start();
  const { body } = await api('POST', '/Appointment', meeting(alice));
  const { Location: _location, ...rest } = body;
  expect((await api('PUT', `/Appointment/${body.AppointmentId}`, rest)).body.Location).toBe('');
});

test("bad input is refused with the product's bodies and changes nothing", async () => {
  const { api, control, simulator, alice } = await start();
  const broken = await api('POST', '/Appointment', '{"Title": ');
  expect([broken.status, Object.keys(broken.body)]).toEqual([400, ['Message', 'MessageDetail']]);
  expect((await api('POST', '/Appointment', { ...meeting(alice), StartDate: 'soon' })).status).toBe(400);
  expect((await api('POST', '/Appointment', { ...meeting(alice), Type: 'inCalendar' })).status).toBe(400);
  expect((await api('POST', '/Appointment', { ...meeting(9999) })).status).toBe(500);
  expect((await api('POST', '/Appointment', { ...meeting(alice), EndDate: '2026-11-12T07:00:00Z' })).status).toBe(500);
  expect((await api('GET', '/Nothing')).status).toBe(404);
  expect((await call('GET', `${simulator.url}/api/v1/Appointment/default`, undefined, {})).status).toBe(401);
  const wrong = { authorization: basic('alice', 'wrong') };
  expect((await call('GET', `${simulator.url}/api/v1/Appointment/default`, undefined, wrong)).status).toBe(401);
  expect((await control('GET', '/appointments')).body).toEqual([]);
});

test('a task comes from the agent template and keeps its own type', async () => {
  const { api, alice } = await start();
  const template = await api('POST', '/Agents/Appointment/CreateDefaultAppointmentEntityByTypeAndAssociate', {
    Type: 'ToDo',
    AssociateId: alice,
  });
  expect(template.body).toMatchObject({ Type: 'inChecklist', AppointmentId: 0 });
  const saved = await api('POST', '/Agents/Appointment/Save', {
    appointmentEntity: { ...template.body, Title: 'Call back', AlarmLeadTime: 'PT15M', HasAlarm: true },
    updateMode: 'OnlyThis',
    sendEmailToParticipants: false,
  });
  expect(saved.body).toMatchObject({
    Type: 'inChecklist',
    Title: 'Call back',
    AlarmLeadTime: '00:15:00',
    HasAlarm: true,
  });
  expect(saved.body.Task.Type).toBe('ToDo');
  const deleted = await api('POST', '/Agents/Appointment/Delete', {
    AppointmentId: saved.body.AppointmentId,
    UpdateMode: 'OnlyThis',
  });
  expect([deleted.status, deleted.body]).toEqual([200, null]);
});

test('an all-day appointment of a user has working hours and the flag', async () => {
  const { api, control } = await start();
  const made = await control('POST', '/appointments', {
    associate: 'alice',
    title: 'Fair',
    start: '2026-11-12',
    end: '2026-11-13',
    isAllDay: true,
  });
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({
    start: '2026-11-12T07:00:00.000Z',
    end: '2026-11-13T15:00:00.000Z',
    isAllDay: true,
  });
  expect((await api('GET', `/Appointment/${made.body.id}`)).body).toMatchObject({
    IsAlldayEvent: true,
    StartDate: '2026-11-12T07:00:00Z',
  });
});

test('Private and VisibleFor mirror each other', async () => {
  const { api, alice } = await start();
  const { AppointmentId: id } = (await api('POST', '/Appointment', { ...meeting(alice), Private: 'PrivateUser' })).body;
  const read = (await api('GET', `/Appointment/${id}`)).body;
  expect(read.VisibleFor).toMatchObject([{ VisibleId: alice, Visibility: 'Associate' }]);
  const opened = await api('PATCH', `/Appointment/${id}`, [
    { op: 'replace', path: '/VisibleFor', value: [{ VisibleId: 0, Visibility: 'All' }] },
  ]);
  expect(opened.body.Private).toBe('Public');
});
