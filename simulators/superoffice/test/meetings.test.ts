import { afterEach, expect, test } from 'vitest';
import { basic, closeAll, start } from './harness.ts';

afterEach(closeAll);

type Simulator = Awaited<ReturnType<typeof start>>;
const agent = '/Agents/Appointment';

async function makeMeeting({ api, control, alice, bob }: Simulator) {
  const seeded = await control('POST', '/seed', {
    associates: [{ login: 'room3', password: 'x', email: 'room3@lockstep.test', fullName: 'Room 3', resource: true }],
  });
  const room = seeded.body.associates.find((associate: { login: string }) => associate.login === 'room3').id;
  const mother = await api('POST', `${agent}/Save`, {
    AppointmentEntity: {
      Title: 'Kick-off',
      StartDate: '2026-11-12T08:00:00Z',
      EndDate: '2026-11-12T09:00:00Z',
      Participants: [alice, bob, room].map((AssociateId) => ({ AssociateId })),
    },
    UpdateMode: 'OnlyThis',
    SendEmailToParticipants: false,
  });
  const motherId = mother.body.AppointmentId as number;
  const records = (await api('POST', `${agent}/GetAppointmentRecords`, { MotherId: motherId, RecurrenceRuleId: 0 }))
    .body;
  const idFor = (associate: number): number =>
    records.find((row: { AssociateId: number }) => row.AssociateId === associate).AppointmentId;
  return { mother: mother.body, motherId, records, childId: idFor(bob), roomId: idFor(room) };
}

test('each participant gets a row: the inviter owns the mother, users are asked, rooms are not', async () => {
  const simulator = await start();
  const { mother, motherId, records, childId, roomId } = await makeMeeting(simulator);
  expect(records).toHaveLength(3);
  expect(mother).toMatchObject({ MotherId: motherId, BookingType: 'Owner', InvitationStatus: 'Accepted' });
  expect(mother.Associate.AssociateId).toBe(simulator.alice);
  const child = (await simulator.api('GET', `/Appointment/${childId}`)).body;
  expect(child).toMatchObject({
    MotherId: motherId,
    BookingType: 'Participant',
    Type: 'BookingForDiary',
    InvitationStatus: 'Invitation',
    Title: 'Kick-off',
  });
  expect(child.Participants.map((one: { InvitationStatus: string }) => one.InvitationStatus)).toEqual([
    'Accepted',
    'Invitation',
    'Accepted',
  ]);
  expect((await simulator.api('GET', `/Appointment/${roomId}`)).body).toMatchObject({
    Type: 'inDiary',
    InvitationStatus: 'Accepted',
  });
});

test('accepting, declining and moving walk the status machine', async () => {
  const simulator = await start();
  const { api } = simulator;
  const { motherId, childId } = await makeMeeting(simulator);
  const asBob = { authorization: basic('bob', 'lockstep') };
  await api('POST', `${agent}/SetSeen`, { AppointmentId: childId }, asBob);
  expect((await api('GET', `/Appointment/${childId}`)).body.InvitationStatus).toBe('Seen');
  const accepted = await api('POST', `${agent}/Accept`, { AppointmentId: motherId, UpdateMode: 'OnlyThis' }, asBob);
  expect(accepted.body).toBeNull();
  expect((await api('GET', `/Appointment/${childId}`)).body).toMatchObject({
    Type: 'inDiary',
    InvitationStatus: 'Accepted',
  });
  const mother = (await api('GET', `/Appointment/${motherId}`)).body;
  await api('POST', `${agent}/Save`, {
    AppointmentEntity: { ...mother, StartDate: '2026-11-12T10:00:00Z', EndDate: '2026-11-12T11:00:00Z' },
    UpdateMode: 'OnlyThis',
  });
  expect((await api('GET', `/Appointment/${childId}`)).body).toMatchObject({
    InvitationStatus: 'Moved',
    Type: 'BookingForDiary',
    StartDate: '2026-11-12T10:00:00Z',
  });
  await api('POST', `${agent}/Reject`, { AppointmentId: childId, RejectReason: 'Away', UpdateMode: 'OnlyThis' }, asBob);
  expect((await api('GET', `/Appointment/${childId}`)).body.InvitationStatus).toBe('Declined');
  expect((await api('GET', `/Appointment/${motherId}`)).body).toMatchObject({ RejectCounter: 1, RejectReason: 'Away' });
});

test('only the inviter changes text and time; an invited user may set the own alarm', async () => {
  const simulator = await start();
  const { childId } = await makeMeeting(simulator);
  const patch = (path: string, value: unknown) =>
    simulator.api('PATCH', `/Appointment/${childId}`, [{ op: 'replace', path, value }]);
  expect((await patch('/Title', 'Mine')).status).toBe(403);
  expect((await patch('/StartDate', '2026-11-12T07:00:00Z')).status).toBe(403);
  expect((await patch('/AlarmLeadTime', '00:30:00')).status).toBe(200);
  expect((await simulator.api('GET', `/Appointment/${childId}`)).body.Title).toBe('Kick-off');
});

test('a deleted mother leaves cancelled invitations with their text, and takes rooms along', async () => {
  const simulator = await start();
  const { motherId, childId, roomId } = await makeMeeting(simulator);
  await simulator.api('POST', `${agent}/Delete`, {
    AppointmentId: motherId,
    UpdateMode: 'OnlyThis',
    SendEmailToParticipants: false,
  });
  const child = (await simulator.api('GET', `/Appointment/${childId}`)).body;
  expect(child).toMatchObject({ InvitationStatus: 'Cancelled', Title: 'Kick-off', MotherId: motherId });
  expect((await simulator.api('GET', `/Appointment/${roomId}`)).status).toBe(404);
  expect((await simulator.api('DELETE', `/Appointment/${childId}`)).status).toBe(204);
});

test('participants are added and removed by saving the list', async () => {
  const simulator = await start();
  const { api, alice, bob } = simulator;
  const plain = (
    await simulator.control('POST', '/appointments', {
      associate: 'alice',
      title: 'x',
      start: '2026-11-12T08:00:00Z',
      end: '2026-11-12T09:00:00Z',
    })
  ).body;
  const entity = (await api('GET', `/Appointment/${plain.id}`)).body;
  const invited = { ...entity, Participants: [...entity.Participants, { AssociateId: bob }] };
  const mother = (await api('POST', `${agent}/Save`, { AppointmentEntity: invited, UpdateMode: 'OnlyThis' })).body;
  expect(mother).toMatchObject({ MotherId: plain.id, BookingType: 'Owner' });
  const records = () => api('POST', `${agent}/GetAppointmentRecords`, { MotherId: plain.id, RecurrenceRuleId: 0 });
  expect((await records()).body).toHaveLength(2);
  const alone = {
    ...mother,
    Participants: mother.Participants.filter((one: { AssociateId: number }) => one.AssociateId === alice),
  };
  await api('POST', `${agent}/Save`, { AppointmentEntity: alone, UpdateMode: 'OnlyThis' });
  expect((await records()).body).toHaveLength(1);
  const wrong = { ...alone, Participants: [{ AssociateId: alice }, { AssociateId: bob, PersonId: 999 }] };
  expect((await api('POST', `${agent}/Save`, { AppointmentEntity: wrong, UpdateMode: 'OnlyThis' })).status).toBe(500);
});

test('a meeting can be a series, and a UID ties it to another calendar', async () => {
  const simulator = await start();
  const { api, alice, bob } = simulator;
  const entity = {
    Title: 'Weekly',
    StartDate: '2026-11-12T08:00:00Z',
    EndDate: '2026-11-12T09:00:00Z',
    Participants: [{ AssociateId: alice }, { AssociateId: bob }],
    Recurrence: {
      IsRecurrence: true,
      Pattern: 'Weekly',
      WeekPattern: { Weekdays: 8, Cycle: 1 },
      StartDate: '2026-11-12',
      RecurrenceEndType: 'EndDate',
      EndDate: '2026-11-26',
    },
  };
  const first = (await api('POST', `${agent}/CreateAppointmentForUID`, { appointmentEntity: entity, uid: 'uid-1' }))
    .body;
  const records = (
    await api('POST', `${agent}/GetAppointmentRecords`, {
      MotherId: 0,
      RecurrenceRuleId: first.Recurrence.RecurrenceId,
    })
  ).body;
  expect(records).toHaveLength(6);
  expect(new Set(records.map((row: { MotherId: number }) => row.MotherId)).size).toBe(3);
  expect(
    (await api('POST', `${agent}/CreateAppointmentForUID`, { appointmentEntity: entity, uid: 'uid-1' })).body,
  ).toBeNull();
  expect((await api('POST', `${agent}/GetAppointmentFromUID`, { uid: 'uid-1' })).body.AppointmentId).toBe(
    first.AppointmentId,
  );
  expect(
    (await api('POST', `${agent}/GetUIDFromAppointmentId`, { appointmentId: first.AppointmentId, useMotherId: false }))
      .body,
  ).toBe('uid-1');
});
