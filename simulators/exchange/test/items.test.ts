// Items over EWS: what is written comes back, versions guard against overwriting, ids stay as long as they should.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, type EwsClient, first, ids, writeItemId } from './ews-client.ts';
import {
  createAppointment,
  findByStamp,
  getFolder,
  getItems,
  hour,
  idOnly,
  remove,
  setField,
  stamp,
  update,
} from './requests.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let alice: EwsClient;
beforeAll(async () => {
  server = await startTestServer();
  alice = server.client();
});
afterAll(() => server.finish());

async function created(fields: string): Promise<{ Id: string; ChangeKey: string }> {
  const [id] = ids((await alice.call(createAppointment(fields))).text);
  if (id === undefined) throw new Error('nothing was created');
  return id;
}

describe('an appointment', () => {
  it('comes back as it was written, Unicode and XML specials included', async () => {
    const subject = 'R&D <"x"> 🙂 Ærø';
    const escaped = 'R&amp;D &lt;"x"&gt; 🙂 Ærø';
    const id = await created(
      `<t:Subject>${escaped}</t:Subject><t:Sensitivity>Private</t:Sensitivity><t:Body BodyType="HTML">&lt;p&gt;${escaped}&lt;/p&gt;</t:Body><t:Categories><t:String>A &amp; B</t:String><t:String>C</t:String></t:Categories>${hour}<t:Location>${escaped}</t:Location>`,
    );
    const { text } = await alice.call(getItems([id]));
    expect(first(text, 'Subject')).toBe(subject);
    expect(first(text, 'Location')).toBe(subject);
    expect(all(text, 'Body')[1]?.text).toContain('<p>R&amp;D &lt;"x"> 🙂 Ærø</p>');
    expect(all(text, 'Categories')[0]?.children.map((each) => each.text)).toEqual(['A & B', 'C']);
    expect(first(text, 'Start')).toBe('2026-03-02T08:00:00Z');
    expect(first(text, 'CalendarItemType')).toBe('Single');
    expect(first(text, 'UID')).toMatch(/^040000008200E00074C5B7101A82E008/);
  });

  it('for whole days is snapped to the midnights of its zone', async () => {
    const id = await created(
      '<t:Start>2026-03-02T10:00:00Z</t:Start><t:End>2026-03-02T11:00:00Z</t:End><t:IsAllDayEvent>true</t:IsAllDayEvent><t:StartTimeZone Id="W. Europe Standard Time"/>',
    );
    const { text } = await alice.call(getItems([id]));
    expect([first(text, 'Start'), first(text, 'End')]).toEqual(['2026-03-01T23:00:00Z', '2026-03-02T23:00:00Z']);
  });

  it('takes times without an offset in the zone of the request', async () => {
    const fields = '<t:Start>2026-07-01T09:00:00</t:Start><t:End>2026-07-01T10:00:00</t:End>';
    const answer = await alice.call(createAppointment(fields), { timeZone: 'W. Europe Standard Time' });
    const { text } = await alice.call(getItems(ids(answer.text)));
    expect(first(text, 'Start')).toBe('2026-07-01T07:00:00Z');
    expect(all(text, 'StartTimeZone')[0]?.attributes['Id']).toBe('W. Europe Standard Time');
  });

  it('is refused when it ends before it begins, or its zone is unknown', async () => {
    const wrong = '<t:Start>2026-03-02T08:00:00Z</t:Start><t:End>2026-03-02T07:00:00Z</t:End>';
    expect((await alice.call(createAppointment(wrong))).codes).toEqual(['ErrorCalendarEndDateIsEarlierThanStartDate']);
    const nowhere = `${hour}<t:StartTimeZone Id="Nowhere Standard Time"/>`;
    expect((await alice.call(createAppointment(nowhere))).codes).toEqual(['ErrorTimeZone']);
  });

  it('is found by an extended property, and not by another value', async () => {
    const id = await created(stamp('4711') + hour);
    const found = await alice.call(findByStamp('4711'));
    expect(ids(found.text)).toEqual([id]);
    expect(first(found.text, 'Value')).toBe('4711');
    expect(ids((await alice.call(findByStamp('471'))).text)).toEqual([]);
  });

  it('is hidden from FindItem as to its body, and cut as to long texts', async () => {
    await created(
      `<t:Subject>${'x'.repeat(300)}</t:Subject><t:Body BodyType="Text">secret</t:Body>${stamp('long')}${hour}`,
    );
    const request = findByStamp('long').replace('IdOnly', 'AllProperties');
    const { text } = await alice.call(request);
    expect(first(text, 'Subject')).toHaveLength(255);
    expect(text).not.toContain('secret');
  });
});

describe('change keys', () => {
  it('are new after each write, and a stale one is refused, merged or overwritten as asked', async () => {
    const old = await created(`<t:Subject>a</t:Subject>${hour}`);
    const changed = await alice.call(update(writeItemId(old), setField('item:Subject', '<t:Subject>b</t:Subject>')));
    const [current] = ids(changed.text);
    expect(current?.Id).toBe(old.Id);
    expect(current?.ChangeKey).not.toBe(old.ChangeKey);
    const location = setField('calendar:Location', '<t:Location>Oslo</t:Location>');
    const subject = setField('item:Subject', '<t:Subject>c</t:Subject>');
    expect((await alice.call(update(writeItemId(old), location))).codes).toEqual(['ErrorIrresolvableConflict']);
    expect((await alice.call(update(writeItemId(old), location, 'AutoResolve'))).codes).toEqual(['NoError']);
    expect((await alice.call(update(writeItemId(old), subject, 'AutoResolve'))).codes).toEqual([
      'ErrorIrresolvableConflict',
    ]);
    expect((await alice.call(update(writeItemId(old), subject, 'AlwaysOverwrite'))).codes).toEqual(['NoError']);
    const { text } = await alice.call(getItems([old]));
    expect([first(text, 'Subject'), first(text, 'Location')]).toEqual(['c', 'Oslo']);
  });

  it('that cannot be read are told apart from stale ones', async () => {
    const id = await created(hour);
    const broken = update(
      `<t:ItemId Id="${id.Id}" ChangeKey="abc"/>`,
      setField('item:Subject', '<t:Subject>b</t:Subject>'),
    );
    expect((await alice.call(broken)).codes).toEqual(['ErrorInvalidChangeKey']);
  });

  it('stay when an update fails half way: nothing of it is stored', async () => {
    const id = await created(`<t:Subject>a</t:Subject>${hour}`);
    const half =
      setField('item:Subject', '<t:Subject>b</t:Subject>') +
      setField('calendar:End', '<t:End>2020-01-01T00:00:00Z</t:End>');
    expect((await alice.call(update(writeItemId(id), half))).codes).toEqual([
      'ErrorCalendarEndDateIsEarlierThanStartDate',
    ]);
    const { text } = await alice.call(getItems([id]));
    expect([first(text, 'Subject'), ids(text)[0]]).toEqual(['a', id]);
  });
});

describe('an update', () => {
  it('has to name the property that it brings, and one only', async () => {
    const id = writeItemId(await created(hour));
    const other = setField('item:Subject', '<t:Location>x</t:Location>');
    expect((await alice.call(update(id, other))).codes).toEqual(['ErrorUpdatePropertyMismatch']);
    const two = setField('item:Subject', '<t:Subject>x</t:Subject><t:Location>x</t:Location>');
    expect((await alice.call(update(id, two))).codes).toEqual(['ErrorIncorrectUpdatePropertyCount']);
    const readOnly = setField('calendar:IsRecurring', '<t:IsRecurring>true</t:IsRecurring>');
    expect((await alice.call(update(id, readOnly))).codes).toEqual(['ErrorInvalidPropertySet']);
  });

  it('deletes what it names, extended properties too', async () => {
    const id = await created(
      `<t:Categories><t:String>A</t:String></t:Categories>${stamp('9')}${hour}<t:Location>L</t:Location>`,
    );
    const path =
      '<t:ExtendedFieldURI PropertySetId="C11FF724-AA03-4555-9952-8FA248A11C3E" PropertyName="SuperOfficeId" PropertyType="String"/>';
    const fields = ['<t:FieldURI FieldURI="item:Categories"/>', '<t:FieldURI FieldURI="calendar:Location"/>', path];
    await alice.call(
      update(writeItemId(id), fields.map((each) => `<t:DeleteItemField>${each}</t:DeleteItemField>`).join('')),
    );
    const shape =
      '<m:ItemShape><t:BaseShape>AllProperties</t:BaseShape><t:AdditionalProperties>' +
      `${path}</t:AdditionalProperties></m:ItemShape>`;
    const { text } = await alice.call(getItems([id], shape));
    expect([first(text, 'Categories'), first(text, 'Location'), first(text, 'ExtendedProperty')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('ids', () => {
  it('change on a move to Deleted Items, while the UID stays', async () => {
    const id = await created(hour);
    const uid = first((await alice.call(getItems([id]))).text, 'UID');
    expect((await alice.call(remove(id))).codes).toEqual(['NoError']);
    expect((await alice.call(getItems([id], idOnly))).codes).toEqual(['ErrorItemNotFound']);
    const find = findByStamp('')
      .replace(/<m:Restriction>.*<\/m:Restriction>/, '')
      .replace('"calendar"', '"deleteditems"');
    const [moved] = ids((await alice.call(find)).text);
    expect(moved?.Id).not.toBe(id.Id);
    expect(first((await alice.call(getItems([moved ?? id]))).text, 'UID')).toBe(uid);
  });

  it('give each item of a batch its own outcome', async () => {
    const id = await created(hour);
    const folderId = all((await alice.call(getFolder())).text, 'FolderId')[0]?.attributes['Id'] ?? '';
    const gone = await created(hour);
    await alice.call(remove(gone, 'HardDelete'));
    const answer = await alice.call(getItems([{ Id: 'AAA=' }, id, gone, { Id: folderId }], idOnly));
    expect(answer.codes).toEqual([
      'ErrorInvalidIdMalformed',
      'NoError',
      'ErrorItemNotFound',
      'ErrorCannotUseFolderIdForItemId',
    ]);
    expect(answer.status).toBe(200);
  });

  it('are case-sensitive', async () => {
    const id = await created(hour);
    const swapped = id.Id.replace('AAMk', 'AAmk');
    expect((await alice.call(getItems([{ Id: swapped }], idOnly))).codes).toEqual(['ErrorInvalidIdMalformed']);
  });
});
