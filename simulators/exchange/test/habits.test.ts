// Habits of the server that a client has to live with: HTML is rewritten, instants come in the zone of the request, seconds
// have no fractions, some properties are there although nobody wrote them. The first two can be switched off.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, type EwsClient, first, type ItemId, ids, writeItemId } from './ews-client.ts';
import { createAppointment, getItems, hour, setField, update } from './requests.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let alice: EwsClient;
beforeAll(async () => {
  server = await startTestServer();
  alice = server.client();
});
afterAll(() => server.finish());

async function created(fields: string): Promise<ItemId> {
  const answer = await alice.call(createAppointment(fields));
  const [id] = ids(answer.text);
  if (id === undefined) throw new Error(answer.codes.join());
  return id;
}

const html = (text: string): string => `<t:Body BodyType="HTML">${text.replaceAll('<', '&lt;')}</t:Body>`;
const bodyOf = (text: string): string | undefined => all(text, 'Body').at(-1)?.text;

describe('HTML', () => {
  it('comes back as a whole document without what runs, after a create and after an update', async () => {
    const id = await created(html('<P ALIGN=left>one</P><script>x()</script>') + hour);
    const read = async (): Promise<string | undefined> => bodyOf((await alice.call(getItems([id]))).text);
    expect(await read()).toBe(
      '<html>\r\n<head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\r\n</head>\r\n<body>\r\n<p align="left">one</p>\r\n</body>\r\n</html>\r\n',
    );
    await alice.call(update(writeItemId(id), setField('item:Body', html('<p>two</p>')), 'AlwaysOverwrite'));
    expect(await read()).toContain('<body>\r\n<p>two</p>\r\n</body>');
  });

  it('is left as it is when that is switched off', async () => {
    await server.control('POST', 'behaviour', { rewriteHtml: false });
    const id = await created(html('<P>one</P>') + hour);
    expect(bodyOf((await alice.call(getItems([id]))).text)).toBe('<P>one</P>');
    await server.control('POST', 'behaviour', { rewriteHtml: true });
  });
});

describe('instants', () => {
  const berlin = { timeZone: 'W. Europe Standard Time' };

  it('come in the zone of the request, with the offset of that day', async () => {
    const summer = '<t:Start>2026-07-02T08:00:00Z</t:Start><t:End>2026-07-02T09:00:00Z</t:End>';
    const [one, two] = [await created(hour), await created(summer)];
    const { text } = await alice.call(getItems([one, two]), berlin);
    expect(all(text, 'Start').map((each) => each.text)).toEqual([
      '2026-03-02T09:00:00+01:00',
      '2026-07-02T10:00:00+02:00',
    ]);
    expect(first(text, 'LastModifiedTime')).toMatch(/\+0[12]:00$/);
    expect(first((await alice.call(getItems([one]), { timeZone: 'UTC' })).text, 'Start')).toBe('2026-03-02T08:00:00Z');
  });

  it('leave texts alone that look like one', async () => {
    const id = await created(`<t:Subject>2026-03-02T08:00:00Z</t:Subject>${hour}`);
    expect(first((await alice.call(getItems([id]), berlin)).text, 'Subject')).toBe('2026-03-02T08:00:00Z');
  });

  it('come in UTC when that is switched off', async () => {
    await server.control('POST', 'behaviour', { answerInRequestZone: false });
    const { text } = await alice.call(getItems([await created(hour)]), berlin);
    expect(first(text, 'Start')).toBe('2026-03-02T08:00:00Z');
    await server.control('POST', 'behaviour', { answerInRequestZone: true });
  });

  it('have no fractions, in extended properties neither', async () => {
    const path =
      '<t:ExtendedFieldURI PropertySetId="c11ff724-aa03-4555-9952-8fa248a11c3e" PropertyName="At" PropertyType="SystemTime"/>';
    const fields = `<t:ExtendedProperty>${path}<t:Value>2026-03-02T08:00:00.123+01:00</t:Value></t:ExtendedProperty><t:Start>2026-03-02T08:00:00.999Z</t:Start><t:End>2026-03-02T09:00:00.5Z</t:End>`;
    const shape = `<m:ItemShape><t:BaseShape>AllProperties</t:BaseShape><t:AdditionalProperties>${path}</t:AdditionalProperties></m:ItemShape>`;
    const { text } = await alice.call(getItems([await created(fields)], shape));
    expect([first(text, 'Value'), first(text, 'Start'), first(text, 'End')]).toEqual([
      '2026-03-02T07:00:00Z',
      '2026-03-02T08:00:00Z',
      '2026-03-02T09:00:00Z',
    ]);
  });
});

describe('every item', () => {
  const paths = ['0x0e23" PropertyType="Integer', '0x3008" PropertyType="SystemTime']
    .map((tag) => `<t:ExtendedFieldURI PropertyTag="${tag}"/>`)
    .join('');
  const shape = `<m:ItemShape><t:BaseShape>AllProperties</t:BaseShape><t:AdditionalProperties>${paths}</t:AdditionalProperties></m:ItemShape>`;

  it('has a number and a time of its last change that nobody wrote', async () => {
    const { text } = await alice.call(getItems([await created(hour)], shape));
    const [number, changed] = all(text, 'Value').map((each) => each.text);
    expect(Number(number)).toBeGreaterThan(0);
    expect(changed).toBe(first(text, 'LastModifiedTime'));
  });

  it('takes what all items have in the general element of an update, and nothing else', async () => {
    const id = await created(hour);
    const renamed = update(writeItemId(id), setField('item:Subject', '<t:Subject>new</t:Subject>', 'Item'));
    expect((await alice.call(renamed)).codes).toEqual(['NoError']);
    expect(first((await alice.call(getItems([id]))).text, 'Subject')).toBe('new');
    const moved = update(writeItemId(id), setField('calendar:Location', '<t:Location>x</t:Location>', 'Item'));
    expect((await alice.call(moved)).codes).toEqual(['ErrorSchemaValidation']);
  });
});

describe('the zone of 2007', () => {
  const zone = '<t:MeetingTimeZone TimeZoneName="Pacific Standard Time"/>';

  it('is taken by its name, for the times and for the appointment', async () => {
    const id = await created(`<t:Start>2026-03-02T08:00:00</t:Start><t:End>2026-03-02T09:00:00</t:End>${zone}`);
    const { text } = await alice.call(getItems([id]));
    expect(first(text, 'Start')).toBe('2026-03-02T16:00:00Z');
    expect(all(text, 'StartTimeZone')[0]?.attributes['Id']).toBe('Pacific Standard Time');
  });

  it('changes with an update', async () => {
    const id = await created(`${hour}<t:StartTimeZone Id="W. Europe Standard Time"/>`);
    expect((await alice.call(update(writeItemId(id), setField('calendar:MeetingTimeZone', zone)))).codes).toEqual([
      'NoError',
    ]);
    expect(all((await alice.call(getItems([id]))).text, 'EndTimeZone')[0]?.attributes['Id']).toBe(
      'Pacific Standard Time',
    );
  });
});
