// Series: expanded in a calendar view, changed and deleted one by one, in local time across the change of the clocks.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, type EwsClient, first, type ItemId, ids, writeItemId } from './ews-client.ts';
import { createAppointment, getItems, idOnly, remove, setField, sync, update } from './requests.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let alice: EwsClient;
beforeAll(async () => {
  server = await startTestServer();
  alice = server.client();
});
afterAll(() => server.finish());

/** Mondays at nine in Berlin, around the change to summer time on 29 March 2026. */
const weekly = (count: number): string =>
  `<t:Subject>weekly</t:Subject><t:Start>2026-03-16T09:00:00</t:Start><t:End>2026-03-16T10:00:00</t:End><t:Recurrence><t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Monday</t:DaysOfWeek></t:WeeklyRecurrence><t:NumberedRecurrence><t:StartDate>2026-03-16</t:StartDate><t:NumberOfOccurrences>${count}</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence><t:StartTimeZone Id="W. Europe Standard Time"/><t:EndTimeZone Id="W. Europe Standard Time"/>`;

async function create(fields: string): Promise<ItemId> {
  const answer = await alice.call(createAppointment(fields));
  const [id] = ids(answer.text);
  if (id === undefined) throw new Error(answer.codes.join());
  return id;
}

const occurrence = (master: ItemId, index: number): string =>
  `<t:OccurrenceItemId RecurringMasterId="${master.Id}" InstanceIndex="${index}"/>`;

const getOccurrence = (id: string): string =>
  `<m:GetItem><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:ItemIds>${id}</m:ItemIds></m:GetItem>`;

async function view(from: string, to: string): Promise<readonly string[]> {
  const answer = await alice.call(
    `<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:CalendarView StartDate="${from}" EndDate="${to}"/><m:ParentFolderIds><t:DistinguishedFolderId Id="calendar"/></m:ParentFolderIds></m:FindItem>`,
  );
  return all(answer.text, 'CalendarItem').map((item) => {
    const text = (name: string): string | undefined => item.children.find((child) => child.name === name)?.text;
    return `${text('Start')} ${text('CalendarItemType')} ${text('Subject')}`;
  });
}

describe('a weekly series', () => {
  it('that says of which type it is is stored without that, and refused with an attribute that the schema does not know', async () => {
    const later = weekly(2).replaceAll('2026-03-16', '2027-03-15');
    const xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
    const master = await create(later.replace('<t:Recurrence>', `<t:Recurrence ${xsi} xsi:type="t:RecurrenceType">`));
    const answer = await alice.call(getItems([master]));
    expect(first(answer.text, 'DaysOfWeek')).toBe('Monday');
    expect(answer.text).not.toContain('RecurrenceType');
    const refused = await alice.call(
      createAppointment(later.replace('<t:Recurrence>', '<t:Recurrence xml:lang="en">')),
    );
    expect(refused.codes).toEqual(['ErrorSchemaValidation']);
    expect(refused.text).toContain('http://www.w3.org/XML/1998/namespace:lang');
  });

  it('keeps its local time when the clocks change', async () => {
    const master = await create(weekly(4));
    expect(await view('2026-03-01T00:00:00Z', '2026-05-01T00:00:00Z')).toEqual([
      '2026-03-16T08:00:00Z Occurrence weekly',
      '2026-03-23T08:00:00Z Occurrence weekly',
      '2026-03-30T07:00:00Z Occurrence weekly',
      '2026-04-06T07:00:00Z Occurrence weekly',
    ]);
    await alice.call(remove(master, 'HardDelete'));
  });

  it('keeps changed and deleted occurrences in its master, which is what synchronization sees', async () => {
    const master = await create(weekly(4));
    const state = first((await alice.call(sync(undefined))).text, 'SyncState');
    const later =
      setField('calendar:Start', '<t:Start>2026-03-23T12:00:00Z</t:Start>') +
      setField('calendar:End', '<t:End>2026-03-23T13:00:00Z</t:End>') +
      setField('item:Subject', '<t:Subject>moved</t:Subject>');
    expect((await alice.call(update(occurrence(master, 2), later, 'AlwaysOverwrite'))).codes).toEqual(['NoError']);
    const third = ids((await alice.call(getOccurrence(occurrence(master, 3)))).text)[0];
    expect((await alice.call(remove(third ?? master))).codes).toEqual(['NoError']);
    expect(await view('2026-03-01T00:00:00Z', '2026-05-01T00:00:00Z')).toEqual([
      '2026-03-16T08:00:00Z Occurrence weekly',
      '2026-03-23T12:00:00Z Exception moved',
      '2026-04-06T07:00:00Z Occurrence weekly',
    ]);
    const { text } = await alice.call(getItems([master]));
    expect(first(text, 'CalendarItemType')).toBe('RecurringMaster');
    expect(
      all(text, 'Occurrence')[0]
        ?.children.slice(1)
        .map((each) => each.text),
    ).toEqual(['2026-03-23T12:00:00Z', '2026-03-23T13:00:00Z', '2026-03-23T08:00:00Z']);
    expect(first(text, 'DeletedOccurrences')).toBe('');
    expect(all(text, 'DeletedOccurrence')[0]?.children[0]?.text).toBe('2026-03-30T07:00:00Z');
    expect(all(text, 'LastOccurrence')[0]?.children[1]?.text).toBe('2026-04-06T07:00:00Z');
    const changes = await alice.call(sync(state));
    expect(all(changes.text, 'Update')).toHaveLength(1);
    expect(ids(changes.text)[0]?.ChangeKey).not.toBe(master.ChangeKey);
    expect((await alice.call(getOccurrence(occurrence(master, 3)))).codes).toEqual([
      'ErrorCalendarOccurrenceIsDeletedFromRecurrence',
    ]);
    expect((await alice.call(getOccurrence(occurrence(master, 5)))).codes).toEqual([
      'ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange',
    ]);
    expect((await alice.call(getItems([third ?? master], idOnly))).codes).toEqual(['ErrorItemNotFound']);
    await alice.call(remove(master, 'HardDelete'));
  });

  it('is found from one of its occurrences', async () => {
    const master = await create(weekly(2));
    const second = ids((await alice.call(getOccurrence(occurrence(master, 2)))).text)[0];
    const back = await alice.call(getOccurrence(`<t:RecurringMasterItemId OccurrenceId="${second?.Id}"/>`));
    expect(ids(back.text)[0]).toEqual(master);
    await alice.call(remove(master, 'HardDelete'));
  });

  it('does not let an occurrence pass its neighbour', async () => {
    const master = await create(weekly(3));
    const past =
      setField('calendar:Start', '<t:Start>2026-03-31T08:00:00Z</t:Start>') +
      setField('calendar:End', '<t:End>2026-03-31T09:00:00Z</t:End>');
    expect((await alice.call(update(occurrence(master, 2), past, 'AlwaysOverwrite'))).codes).toEqual([
      'ErrorOccurrenceCrossingBoundary',
    ]);
    await alice.call(remove(master, 'HardDelete'));
  });

  it('gives up its exceptions when its times change, and keeps them when only its subject does', async () => {
    const master = await create(weekly(3));
    await alice.call(
      update(occurrence(master, 2), setField('item:Subject', '<t:Subject>special</t:Subject>'), 'AlwaysOverwrite'),
    );
    await alice.call(
      update(writeItemId(master), setField('item:Subject', '<t:Subject>other</t:Subject>'), 'AlwaysOverwrite'),
    );
    expect(first((await alice.call(getOccurrence(occurrence(master, 2)))).text, 'Subject')).toBe('special');
    const earlier =
      setField('calendar:Start', '<t:Start>2026-03-16T07:00:00Z</t:Start>') +
      setField('calendar:End', '<t:End>2026-03-16T08:00:00Z</t:End>');
    await alice.call(update(writeItemId(master), earlier, 'AlwaysOverwrite'));
    expect(first((await alice.call(getOccurrence(occurrence(master, 2)))).text, 'Subject')).toBe('other');
    await alice.call(remove(master, 'HardDelete'));
  });

  it('that never takes place, or overlaps itself, is refused', async () => {
    const never = weekly(1).replace(
      /<t:NumberedRecurrence>.*<\/t:NumberedRecurrence>/,
      '<t:EndDateRecurrence><t:StartDate>2026-03-17</t:StartDate><t:EndDate>2026-03-18</t:EndDate></t:EndDateRecurrence>',
    );
    expect((await alice.call(createAppointment(never))).codes).toEqual(['ErrorRecurrenceHasNoOccurrence']);
    const long = weekly(2).replace('2026-03-16T10:00:00', '2026-03-26T10:00:00');
    expect((await alice.call(createAppointment(long))).codes).toEqual(['ErrorOccurrenceTimeSpanTooBig']);
  });

  it('has no two occurrences on one day', async () => {
    const master = await create(weekly(4));
    const to = (start: string, end: string): string =>
      update(
        occurrence(master, 2),
        setField('calendar:Start', `<t:Start>${start}</t:Start>`) + setField('calendar:End', `<t:End>${end}</t:End>`),
        'AlwaysOverwrite',
      );
    expect((await alice.call(to('2026-03-16T14:00:00Z', '2026-03-16T15:00:00Z'))).codes).toEqual([
      'ErrorOccurrenceCrossingBoundary',
    ]);
    expect((await alice.call(to('2026-03-30T05:00:00Z', '2026-03-30T06:00:00Z'))).codes).toEqual([
      'ErrorOccurrenceCrossingBoundary',
    ]);
    expect((await alice.call(to('2026-03-17T14:00:00Z', '2026-03-17T15:00:00Z'))).codes).toEqual(['NoError']);
    await alice.call(remove(master, 'HardDelete'));
  });
});
