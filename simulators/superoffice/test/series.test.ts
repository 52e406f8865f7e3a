import { afterEach, expect, test } from 'vitest';
import { closeAll, start } from './harness.ts';

afterEach(closeAll);

type Simulator = Awaited<ReturnType<typeof start>>;

const agent = '/Agents/Appointment';

async function makeSeries({ api, alice }: Simulator, more: Record<string, unknown> = {}) {
  const template = (
    await api('POST', `${agent}/CreateDefaultAppointmentEntityByTypeAndAssociate`, {
      Type: 'Appointment',
      AssociateId: alice,
    })
  ).body;
  const entity = {
    ...template,
    Title: 'Standup',
    StartDate: '2026-10-19T07:00:00Z',
    EndDate: '2026-10-19T07:15:00Z',
    Recurrence: {
      ...template.Recurrence,
      IsRecurrence: true,
      Pattern: 'Weekly',
      WeekPattern: { Weekdays: 'Monday', Cycle: 1 },
      StartDate: '2026-10-19',
      RecurrenceEndType: 'Counter',
      RecurrenceCounter: 4,
    },
    ...more,
  };
  entity.Recurrence = (await api('POST', `${agent}/CalculateDays`, { AppointmentEntity: entity })).body;
  const first = (await api('POST', `${agent}/Save`, { AppointmentEntity: entity, UpdateMode: 'OnlyThis' })).body;
  return { entity, first, ruleId: first.Recurrence.RecurrenceId as number };
}

async function rowsOf({ api }: Simulator, ruleId: number) {
  return (await api('POST', `${agent}/GetAppointmentRecords`, { MotherId: 0, RecurrenceRuleId: ruleId })).body as {
    AppointmentId: number;
    StartDate: string;
    Title: string;
  }[];
}

test('a series is one row per day, at the same hour over the end of summer time', async () => {
  const simulator = await start();
  const { entity, first, ruleId } = await makeSeries(simulator);
  expect(entity.Recurrence.Dates.map((item: { Date: string }) => item.Date.slice(0, 10))).toEqual([
    '2026-10-19',
    '2026-10-26',
    '2026-11-02',
    '2026-11-09',
  ]);
  const rows = await rowsOf(simulator, ruleId);
  expect(rows.map((row) => row.StartDate)).toEqual([
    '2026-10-19T07:00:00Z',
    '2026-10-26T08:00:00Z',
    '2026-11-02T08:00:00Z',
    '2026-11-09T08:00:00Z',
  ]);
  expect(first).toMatchObject({ AppointmentId: rows[0]?.AppointmentId, Title: 'Standup' });
  expect(first.Recurrence).toMatchObject({ IsRecurrence: true, Pattern: 'Weekly', EndDate: '2026-11-09T00:00:00Z' });
});

test('one occurrence moved alone keeps the rule and remembers its slot', async () => {
  const simulator = await start();
  const { ruleId } = await makeSeries(simulator);
  const [, second] = await rowsOf(simulator, ruleId);
  const path = `/Appointment/${second?.AppointmentId}`;
  const entity = (await simulator.api('GET', path)).body;
  await simulator.api('POST', `${agent}/Save`, {
    AppointmentEntity: {
      ...entity,
      StartDate: '2026-10-27T10:00:00Z',
      EndDate: '2026-10-27T11:00:00Z',
      Title: 'Moved',
    },
    UpdateMode: 'OnlyThis',
  });
  const rows = await rowsOf(simulator, ruleId);
  expect(rows.map((row) => row.Title)).toEqual(['Standup', 'Moved', 'Standup', 'Standup']);
  const query = '/Archive/dynamic?$select=appointment.original_start_date&$filter=appointment.appointment_id%20eq%20';
  const archived = (await simulator.api('GET', query + second?.AppointmentId)).body.value[0];
  expect(archived['appointment.original_start_date']).toBe('2026-10-26T08:00:00Z');
});

test('this and forward moves the later rows only', async () => {
  const simulator = await start();
  const { ruleId } = await makeSeries(simulator);
  const [, second] = await rowsOf(simulator, ruleId);
  const entity = (await simulator.api('GET', `/Appointment/${second?.AppointmentId}`)).body;
  await simulator.api('POST', `${agent}/Save`, {
    AppointmentEntity: {
      ...entity,
      StartDate: '2026-10-26T09:00:00Z',
      EndDate: '2026-10-26T09:30:00Z',
      Title: 'Later',
    },
    UpdateMode: 'ThisAndForward',
  });
  const rows = await rowsOf(simulator, ruleId);
  expect(rows.map((row) => `${row.Title} ${row.StartDate.slice(11, 16)}`)).toEqual([
    'Standup 07:00',
    'Later 09:00',
    'Later 09:00',
    'Later 09:00',
  ]);
});

test('another pattern from here on ends the old rule and makes a new one', async () => {
  const simulator = await start();
  const { ruleId } = await makeSeries(simulator);
  const [, , third] = await rowsOf(simulator, ruleId);
  const entity = (await simulator.api('GET', `/Appointment/${third?.AppointmentId}`)).body;
  const recurrence = {
    ...entity.Recurrence,
    Pattern: 'Daily',
    DayPattern: { Pattern: 'EveryWorkday', Cycle: 1 },
    StartDate: '2026-11-05',
    RecurrenceCounter: 3,
    Dates: [],
  };
  const moved = {
    ...entity,
    StartDate: '2026-11-05T08:00:00Z',
    EndDate: '2026-11-05T08:15:00Z',
    Recurrence: recurrence,
  };
  const saved = (
    await simulator.api('POST', `${agent}/Save`, { AppointmentEntity: moved, UpdateMode: 'ThisAndForward' })
  ).body;
  const newRule = saved.Recurrence.RecurrenceId;
  expect(newRule).not.toBe(ruleId);
  expect((await rowsOf(simulator, ruleId)).map((row) => row.StartDate.slice(0, 10))).toEqual([
    '2026-10-19',
    '2026-10-26',
  ]);
  expect((await rowsOf(simulator, newRule)).map((row) => row.StartDate.slice(0, 10))).toEqual([
    '2026-11-05',
    '2026-11-06',
    '2026-11-09',
  ]);
  expect((await rowsOf(simulator, newRule)).every((row) => row.Title === 'Standup')).toBe(true);
});

test('stopping deletes the later rows, by mode and by an entity without recurrence', async () => {
  const simulator = await start();
  const { ruleId, first } = await makeSeries(simulator);
  const rows = await rowsOf(simulator, ruleId);
  await simulator.api('POST', `${agent}/Delete`, {
    AppointmentId: rows[2]?.AppointmentId,
    UpdateMode: 'StopRecurrence',
  });
  expect(await rowsOf(simulator, ruleId)).toHaveLength(3);
  const stopped = { ...first, Recurrence: { ...first.Recurrence, IsRecurrence: false, Pattern: 'Unknown' } };
  await simulator.api('POST', `${agent}/Save`, { AppointmentEntity: stopped, UpdateMode: 'ThisAndForward' });
  expect(await rowsOf(simulator, ruleId)).toHaveLength(1);
});

test('deleting one row leaves a hole, this and forward takes the rest', async () => {
  const simulator = await start();
  const { ruleId } = await makeSeries(simulator);
  const rows = await rowsOf(simulator, ruleId);
  expect((await simulator.api('DELETE', `/Appointment/${rows[1]?.AppointmentId}`)).status).toBe(204);
  expect(await rowsOf(simulator, ruleId)).toHaveLength(3);
  await simulator.api('POST', `${agent}/Delete`, {
    AppointmentId: rows[2]?.AppointmentId,
    UpdateMode: 'ThisAndForward',
  });
  expect((await rowsOf(simulator, ruleId)).map((row) => row.AppointmentId)).toEqual([rows[0]?.AppointmentId]);
});

test('the days that the client sends win over the pattern', async () => {
  const simulator = await start();
  const { first, ruleId } = await makeSeries(simulator, {});
  const custom = {
    ...first,
    AppointmentId: 0,
    Recurrence: {
      ...first.Recurrence,
      Dates: first.Recurrence.Dates.filter((_day: unknown, index: number) => index !== 1),
    },
  };
  const saved = (await simulator.api('POST', `${agent}/Save`, { AppointmentEntity: custom, UpdateMode: 'OnlyThis' }))
    .body;
  expect(saved.Recurrence.RecurrenceId).not.toBe(ruleId);
  expect(await rowsOf(simulator, saved.Recurrence.RecurrenceId)).toHaveLength(3);
});

test('a series without end and a recurrence that is no recurrence are refused', async () => {
  const { api, alice } = await start();
  const base = {
    Title: 'x',
    StartDate: '2026-10-19T07:00:00Z',
    EndDate: '2026-10-19T08:00:00Z',
    Associate: { AssociateId: alice },
  };
  const endless = { ...base, Recurrence: { IsRecurrence: true, Pattern: 'Daily', StartDate: '2026-10-19' } };
  expect((await api('POST', '/Appointment', endless)).status).toBe(500);
  expect((await api('POST', `${agent}/CalculateDays`, { AppointmentEntity: base })).status).toBe(400);
});
