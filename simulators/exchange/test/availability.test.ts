// GetUserAvailability: when people are free and busy, as much of it as the one who asks may see.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { all, type EwsAnswer, type EwsCall, first } from './ews-client.ts';
import { type AvailabilityQuestion, availability, createAppointment, europe } from './requests.ts';
import { people, startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await server.control('POST', 'reset');
  await server.control('POST', 'seed', people);
});
afterAll(() => server.finish());

const ask = (asked: AvailabilityQuestion = {}, call: EwsCall = {}): Promise<EwsAnswer> =>
  server.client(call).call(availability(asked));

const put = (entry: object, who = 'alice@lockstep.test'): Promise<unknown> =>
  server.control('POST', `mailboxes/${who}/calendar/items`, entry);

/** Start, end and state of every appointment. */
const events = ({ text }: EwsAnswer): readonly string[][] =>
  all(text, 'CalendarEvent').map((each) => each.children.slice(0, 3).map((child) => child.text));

const details = ({ text }: EwsAnswer): readonly object[] =>
  all(text, 'CalendarEventDetails').map((each) =>
    Object.fromEntries(each.children.map((child) => [child.name, child.text])),
  );

describe('the availability of oneself', () => {
  it('is told with every detail, in the order of the schema, in local time without a zone', async () => {
    await put({
      subject: 'Talk',
      location: 'Room 1',
      start: '2026-03-02T08:00:00Z',
      end: '2026-03-02T09:30:00Z',
      reminder: 10,
    });
    const answer = await ask();
    const view = all(answer.text, 'FreeBusyView')[0];
    expect(answer.codes).toEqual(['NoError']);
    expect(view?.children.map(({ name }) => name)).toEqual([
      'FreeBusyViewType',
      'MergedFreeBusy',
      'CalendarEventArray',
      'WorkingHours',
    ]);
    expect(first(answer.text, 'FreeBusyViewType')).toBe('DetailedMerged');
    expect(events(answer)).toEqual([['2026-03-02T09:00:00', '2026-03-02T10:30:00', 'Busy']]);
    expect(details(answer)).toEqual([
      {
        ID: expect.stringMatching(/^([0-9A-F]{2})+$/),
        Subject: 'Talk',
        Location: 'Room 1',
        IsMeeting: 'false',
        IsRecurring: 'false',
        IsException: 'false',
        IsReminderSet: 'true',
        IsPrivate: 'false',
      },
    ]);
  });

  it('names appointments by ids that ConvertId understands', async () => {
    const made = (await put({ subject: 'a', start: '2026-03-02T08:00:00Z' })) as { id: string };
    const id = first((await ask()).text, 'ID');
    const convert = `<m:ConvertId DestinationFormat="EwsId"><m:SourceIds><t:AlternateId Format="HexEntryId" Id="${id}" Mailbox="alice@lockstep.test"/></m:SourceIds></m:ConvertId>`;
    const answer = await server.client().call(convert);
    expect(all(answer.text, 'AlternateId')[0]?.attributes['Id']).toBe(made.id);
  });

  it('is a digit a part of the window, the highest where appointments overlap', async () => {
    const at = (from: string, to: string, busy: string): Promise<unknown> =>
      put({ start: `2026-03-02T${from}:00Z`, end: `2026-03-02T${to}:00Z`, busy });
    await at('00:00', '01:00', 'OOF');
    await at('01:00', '02:30', 'Busy');
    await at('02:15', '02:45', 'Tentative');
    await at('03:00', '04:00', 'Free');
    await at('04:00', '05:00', 'WorkingElsewhere');
    await at('05:00', '06:00', 'NoData');
    const window = { from: '2026-03-02T00:00:00Z', to: '2026-03-02T07:30:00Z' };
    expect(first((await ask(window)).text, 'MergedFreeBusy')).toBe('32200400');
    expect(first((await ask({ ...window, interval: 30 })).text, 'MergedFreeBusy')).toBe('332221000044000');
    expect(events(await ask(window))).toHaveLength(6);
  });

  it('is told whole for appointments that are only partly in the window', async () => {
    await put({ start: '2026-03-01T22:00:00Z', end: '2026-03-02T00:00:00Z' });
    const answer = await ask({ to: '2026-03-02T04:00:00' });
    expect(first(answer.text, 'MergedFreeBusy')).toBe('2000');
    expect(events(answer)).toEqual([['2026-03-01T23:00:00', '2026-03-02T01:00:00', 'Busy']]);
  });

  it('has the occurrences of series, changed ones where they are now and deleted ones not at all', async () => {
    const start = '<t:Start>2026-03-02T08:00:00Z</t:Start><t:End>2026-03-02T09:00:00Z</t:End>';
    const daily =
      '<t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence><t:NumberedRecurrence><t:StartDate>2026-03-02</t:StartDate><t:NumberOfOccurrences>4</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>';
    const alice = server.client({ timeZone: 'W. Europe Standard Time' });
    const made = await alice.call(createAppointment(`<t:Subject>Daily</t:Subject>${start}${daily}`));
    const master = all(made.text, 'ItemId')[0]?.attributes['Id'] ?? '';
    const occurrence = (index: number): string =>
      `<t:OccurrenceItemId RecurringMasterId="${master}" InstanceIndex="${index}"/>`;
    const move = `<m:UpdateItem ConflictResolution="AlwaysOverwrite" SendMeetingInvitationsOrCancellations="SendToNone"><m:ItemChanges><t:ItemChange>${occurrence(2)}<t:Updates><t:SetItemField><t:FieldURI FieldURI="calendar:Start"/><t:CalendarItem><t:Start>2026-03-03T12:00:00Z</t:Start></t:CalendarItem></t:SetItemField><t:SetItemField><t:FieldURI FieldURI="calendar:End"/><t:CalendarItem><t:End>2026-03-03T13:00:00Z</t:End></t:CalendarItem></t:SetItemField></t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`;
    expect((await alice.call(move)).codes).toEqual(['NoError']);
    const drop = `<m:DeleteItem DeleteType="HardDelete" SendMeetingCancellations="SendToNone"><m:ItemIds>${occurrence(3)}</m:ItemIds></m:DeleteItem>`;
    expect((await alice.call(drop)).codes).toEqual(['NoError']);
    const answer = await ask({ to: '2026-03-09T00:00:00' });
    expect(events(answer).map(([from]) => from)).toEqual([
      '2026-03-02T09:00:00',
      '2026-03-03T13:00:00',
      '2026-03-05T09:00:00',
    ]);
    expect(details(answer)).toMatchObject([
      { IsRecurring: 'true', IsException: 'false' },
      { IsRecurring: 'true', IsException: 'true' },
      { IsRecurring: 'true', IsException: 'false' },
    ]);
  });

  it('has no array of appointments when there is none, and the working hours all the same', async () => {
    const answer = await ask({ view: 'FreeBusy' });
    expect(all(answer.text, 'CalendarEventArray')).toEqual([]);
    expect(all(answer.text, 'MergedFreeBusy')).toEqual([]);
    const hours = all(answer.text, 'WorkingHours')[0]?.children.map(({ name }) => name);
    expect(hours).toEqual(['TimeZone', 'WorkingPeriodArray']);
    expect(first(answer.text, 'DayOfWeek')).toBe('Sunday');
    expect(all(answer.text, 'TimeZone')[0]?.children.map((each) => each.children.map(({ text }) => text))).toEqual([
      [],
      ['0', '03:00:00', '5', '10', 'Sunday'],
      ['-60', '02:00:00', '5', '3', 'Sunday'],
    ]);
  });

  it('is the stream alone when that is asked for', async () => {
    await put({ start: '2026-03-02T08:00:00Z' });
    const view = all((await ask({ view: 'MergedOnly' })).text, 'FreeBusyView')[0];
    expect(view?.children.map(({ name }) => name)).toEqual(['FreeBusyViewType', 'MergedFreeBusy']);
  });
});

describe('the zone of the question', () => {
  it('turns its clocks on the day that its rules say', async () => {
    const first8 = (day: string): Promise<unknown> => put({ start: `${day}T08:00:00Z`, end: `${day}T08:30:00Z` });
    await first8('2026-03-28');
    await first8('2026-03-29');
    await first8('2026-10-24');
    await first8('2026-10-25');
    const starts = async (from: string, to: string): Promise<unknown> =>
      events(await ask({ from, to })).map(([start]) => start);
    expect(await starts('2026-03-28T00:00:00', '2026-03-30T00:00:00')).toEqual([
      '2026-03-28T09:00:00',
      '2026-03-29T10:00:00',
    ]);
    expect(await starts('2026-10-24T00:00:00', '2026-10-26T00:00:00')).toEqual([
      '2026-10-24T10:00:00',
      '2026-10-25T09:00:00',
    ]);
  });

  it('lasts over the new year with summer south of the equator', async () => {
    await put({ start: '2026-01-05T00:00:00Z' });
    await put({ start: '2026-07-06T00:00:00Z' });
    const sydney =
      '<t:TimeZone><t:Bias>-600</t:Bias><t:StandardTime><t:Bias>0</t:Bias><t:Time>03:00:00</t:Time><t:DayOrder>1</t:DayOrder><t:Month>4</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:StandardTime><t:DaylightTime><t:Bias>-60</t:Bias><t:Time>02:00:00</t:Time><t:DayOrder>1</t:DayOrder><t:Month>10</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:DaylightTime></t:TimeZone>';
    const january = await ask({ zone: sydney, from: '2026-01-05T00:00:00', to: '2026-01-06T00:00:00' });
    expect(events(january)[0]?.[0]).toBe('2026-01-05T11:00:00');
    const july = await ask({ zone: sydney, from: '2026-07-06T00:00:00', to: '2026-07-07T00:00:00' });
    expect(events(july)[0]?.[0]).toBe('2026-07-06T10:00:00');
  });

  it('is that of the TimeZoneContext when it is not in the question, and else UTC', async () => {
    await put({ start: '2026-03-02T08:00:00Z' });
    const zoned = await ask({ zone: '' }, { timeZone: 'W. Europe Standard Time' });
    expect(events(zoned)[0]?.[0]).toBe('2026-03-02T09:00:00');
    expect(events(await ask({ zone: '' }))[0]?.[0]).toBe('2026-03-02T08:00:00');
  });

  it('is refused when it is none', async () => {
    expect((await ask({ zone: europe.replace('02:00:00', '2 am') })).codes).toEqual(['ErrorTimeZone']);
    expect((await ask({ zone: europe.replace('>10<', '>13<') })).codes).toEqual(['ErrorTimeZone']);
  });
});

describe('the availability of somebody else', () => {
  const bob = { user: 'bob@lockstep.test' };
  const allow = (level: string, viewPrivate = false): Promise<unknown> =>
    server.control('POST', 'mailboxes/alice@lockstep.test/folders/calendar/permissions', {
      delegate: 'bob@lockstep.test',
      level,
      viewPrivate,
    });
  beforeEach(async () => {
    await put({ subject: 'Talk', start: '2026-03-02T08:00:00Z' });
    await put({ subject: 'Doctor', location: 'Town', start: '2026-03-02T10:00:00Z', sensitivity: 'Private' });
  });

  it('is free and busy times for everybody, whatever is asked for', async () => {
    const answer = await ask({}, bob);
    expect(first(answer.text, 'FreeBusyViewType')).toBe('FreeBusyMerged');
    expect(events(answer)).toHaveLength(2);
    expect(details(answer)).toEqual([]);
    expect(answer.text).not.toContain('Talk');
    expect(first((await ask({ view: 'Detailed' }, bob)).text, 'FreeBusyViewType')).toBe('FreeBusy');
  });

  it('has details for who may read the calendar, and none of what is private', async () => {
    await allow('Reviewer');
    const answer = await ask({}, bob);
    expect(first(answer.text, 'FreeBusyViewType')).toBe('DetailedMerged');
    const flags = { IsMeeting: 'false', IsRecurring: 'false', IsException: 'false', IsReminderSet: 'true' };
    expect(details(answer)).toMatchObject([{ Subject: 'Talk' }, { ...flags, IsPrivate: 'true' }]);
    expect(Object.keys(details(answer)[1] ?? {})).toEqual([...Object.keys(flags), 'IsPrivate']);
    expect(answer.text).not.toMatch(/Doctor|Town/);
  });

  it('says what is private to who may see that', async () => {
    await allow('Editor', true);
    expect(details(await ask({}, bob))[1]).toMatchObject({ Subject: 'Doctor', Location: 'Town', IsPrivate: 'true' });
    expect(details(await ask({}, bob))[1]).not.toHaveProperty('ID');
  });

  it('is refused to who was shut out, and to him alone', async () => {
    await allow('None');
    const answer = await ask({ who: ['alice@lockstep.test', 'bob@lockstep.test'] }, bob);
    expect(answer.codes).toEqual(['ErrorNoFreeBusyAccess', 'NoError']);
    expect(first(answer.text, 'FreeBusyViewType')).toBe('None');
    expect((await ask({}, { user: 'carol@lockstep.test' })).codes).toEqual(['NoError']);
  });

  it('is that of oneself for who is impersonated', async () => {
    const answer = await ask({}, { user: 'sync@lockstep.test', impersonate: 'alice@lockstep.test' });
    expect(details(answer)).toMatchObject([{ Subject: 'Talk' }, { Subject: 'Doctor' }]);
    expect(first((await ask({}, { user: 'sync@lockstep.test' })).text, 'FreeBusyViewType')).toBe('FreeBusyMerged');
  });
});

describe('a question about several people', () => {
  it('is answered in its order, and somebody who does not exist is an error among the others', async () => {
    await put({ start: '2026-03-02T08:00:00Z' }, 'bob@lockstep.test');
    const answer = await ask({ who: ['nobody@lockstep.test', 'bob@lockstep.test', 'alice@lockstep.test'] });
    expect(answer.status).toBe(200);
    expect(answer.codes).toEqual(['ErrorMailRecipientNotFound', 'NoError', 'NoError']);
    expect(all(answer.text, 'ResponseMessage').map((each) => each.attributes['ResponseClass'])).toEqual([
      'Error',
      'Success',
      'Success',
    ]);
    expect(first(answer.text, 'MessageText')).toBe(
      'Unable to resolve e-mail address <>SMTP:nobody@lockstep.test to an Active Directory object.',
    );
    expect(all(answer.text, 'FreeBusyResponse').map((each) => each.children.map(({ name }) => name))).toEqual(
      Array(3).fill(['ResponseMessage', 'FreeBusyView']),
    );
    expect(all(answer.text, 'FreeBusyView').map(({ children }) => children.length)).toEqual([1, 4, 3]);
  });

  it('names one to a hundred', async () => {
    const many = (count: number): Promise<EwsAnswer> => ask({ who: Array(count).fill('alice@lockstep.test') });
    expect((await many(100)).codes).toHaveLength(100);
    expect((await many(101)).codes).toEqual(['ErrorMailboxDataArrayTooBig']);
    expect((await many(0)).codes).toEqual(['ErrorMailboxDataArrayEmpty']);
  });
});

describe('a question that makes no sense', () => {
  const refused: Readonly<Record<string, AvailabilityQuestion>> = {
    ErrorInvalidTimeInterval: { to: '2026-03-02T00:00:00' },
    ErrorTimeIntervalTooBig: { to: '2026-05-05T00:00:00' },
    ErrorInvalidMergedFreeBusyInterval: { interval: 4 },
    ErrorInvalidFreeBusyViewType: { view: 'None' },
  };

  it.each(Object.entries(refused))('is a fault: %s', async (code, asked) => {
    const answer = await ask(asked);
    expect([answer.status, answer.codes]).toEqual([500, [code]]);
  });

  it('is one whose parts are longer than a day or than the window', async () => {
    const code = ['ErrorInvalidMergedFreeBusyInterval'];
    expect((await ask({ interval: 1441, to: '2026-03-05T00:00:00' })).codes).toEqual(code);
    expect((await ask({ interval: 15, to: '2026-03-02T00:10:00' })).codes).toEqual(code);
    expect((await ask({ interval: 1440 })).codes).toEqual(['NoError']);
  });

  it('may be 62 days long', async () => {
    const answer = await ask({ to: '2026-05-03T00:00:00' });
    expect(first(answer.text, 'MergedFreeBusy')).toHaveLength(62 * 24 - 1); // an hour is lost on the way
    const tooLong = await ask({ from: '2026-01-01T00:00:00Z', to: '2026-03-05T00:00:00Z' });
    expect(tooLong.text).toContain('The allowed limit = 62 days; the actual limit = 63 days.');
  });

  it('is one that asks for nothing, or for suggestions', async () => {
    const none = availability().replace(/<t:FreeBusyViewOptions>.*<\/t:FreeBusyViewOptions>/, '');
    expect((await server.client().call(none)).codes).toEqual(['ErrorMissingArgument']);
    const window =
      '<t:SuggestionsViewOptions><t:DetailedSuggestionsWindow><t:StartTime>2026-03-02T00:00:00</t:StartTime><t:EndTime>2026-03-03T00:00:00</t:EndTime></t:DetailedSuggestionsWindow></t:SuggestionsViewOptions>';
    expect((await ask({ more: window })).codes).toEqual(['ErrorInvalidOperation']);
  });

  it('violates the schema when its elements are in another order', async () => {
    const moved = availability().replace(europe, '').replace('</m:MailboxDataArray>', `</m:MailboxDataArray>${europe}`);
    expect((await server.client().call(moved)).codes).toEqual(['ErrorSchemaValidation']);
  });
});

describe('a script', () => {
  it('fails every mailbox that was asked about, in the form of this operation', async () => {
    const match = { operation: 'GetUserAvailabilityRequest' };
    await server.control('POST', 'faults', {
      match,
      when: 'before',
      action: { kind: 'message', code: 'ErrorServerBusy' },
    });
    const answer = await ask({ who: ['alice@lockstep.test', 'bob@lockstep.test'] });
    expect(answer.codes).toEqual(['ErrorServerBusy', 'ErrorServerBusy']);
    expect(all(answer.text, 'FreeBusyResponse')).toHaveLength(2);
  });

  it('fails GetDelegate in the form of that', async () => {
    const match = { operation: 'GetDelegate' };
    await server.control('POST', 'faults', {
      match,
      when: 'before',
      action: { kind: 'message', code: 'ErrorServerBusy' },
    });
    const body =
      '<m:GetDelegate IncludePermissions="true"><m:Mailbox><t:EmailAddress>alice@lockstep.test</t:EmailAddress></m:Mailbox></m:GetDelegate>';
    const answer = await server.client().call(body);
    expect(answer.codes).toEqual(['ErrorServerBusy']);
    expect(all(answer.text, 'GetDelegateResponse')[0]?.attributes).toEqual({ ResponseClass: 'Error' });
  });
});
