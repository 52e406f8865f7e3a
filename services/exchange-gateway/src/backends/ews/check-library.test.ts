// Each repaired defect of ews-javascript-api 0.15.3 (patches/), tried on the library as it is installed. The number is the one in
// the patch's comments.
import {
  Appointment,
  DateTime,
  Exception,
  ExchangeService,
  ExchangeVersion,
  ExtendedPropertyDefinition,
  FolderId,
  Guid,
  ItemId,
  ItemView,
  MapiPropertyType,
  PropertySet,
  SearchFilter,
  ServiceError,
  ServiceResponseException,
  TimeZoneInfo,
  Uri,
  WebCredentials,
  WellKnownFolderName,
} from 'ews-javascript-api';
import { describe, expect, test } from 'vitest';
import { checkLibrary } from './check-library.ts';

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** A service whose every request is answered with `answer`; `requests` keeps what was sent. */
function serviceAnswering(answer: Answer | Error) {
  const requests: string[] = [];
  const service = new ExchangeService(ExchangeVersion.Exchange2013_SP1, TimeZoneInfo.Utc);
  service.Url = new Uri('http://exchange.invalid/EWS/Exchange.asmx');
  service.Credentials = new WebCredentials('none', 'none');
  service.XHRApi = {
    apiName: 'test',
    xhr: async (options: { data?: unknown }) => {
      requests.push(String(options.data));
      if (answer instanceof Error) throw answer;
      const response = {
        status: answer.status,
        headers: {},
        responseText: answer.text,
        getResponseHeader: () => null,
        getAllResponseHeaders: () => '',
      };
      if (answer.status !== 200) throw response;
      return response as never;
    },
    xhrStream: () => Promise.reject(new Error('not used')),
    disconnect: () => undefined,
  };
  return { service, requests };
}

const calendar = () => new FolderId(WellKnownFolderName.Calendar);
const find = (service: ExchangeService) => service.FindItems(calendar(), new ItemView(1));
const thrownBy = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );
const envelope = (body: string) =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><s:Body>${body}</s:Body></s:Envelope>`;
const getItemAnswer = (messages: string) =>
  envelope(`<m:GetItemResponse><m:ResponseMessages>${messages}</m:ResponseMessages></m:GetItemResponse>`);
const message = (code: string) =>
  `<m:GetItemResponseMessage ResponseClass="Error"><m:MessageText>x</m:MessageText><m:ResponseCode>${code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey><m:MessageXml><t:Value Name="BackOffMilliseconds">1234</t:Value></m:MessageXml></m:GetItemResponseMessage>`;

describe('ews-javascript-api with its repairs', () => {
  test('passes the self-test of the start', async () => {
    await expect(checkLibrary()).resolves.toBeUndefined();
  });

  test('1: an extended property is written on a Node without util.isNullOrUndefined', async () => {
    const { service, requests } = serviceAnswering(new Error('enough'));
    const property = new ExtendedPropertyDefinition(
      new Guid('6f1c2b1e-6c1a-4d6e-9d0f-3c5a5b0e7a21'),
      'N',
      MapiPropertyType.String,
    );
    await thrownBy(service.FindItems(calendar(), new SearchFilter.IsEqualTo(property, 'v'), new ItemView(1)));
    expect(requests[0]).toContain('PropertyName="N"');
  });

  test('2: text and attributes are escaped, and what XML forbids is left out', async () => {
    const { service, requests } = serviceAnswering(new Error('enough'));
    const item = new Appointment(service);
    item.Subject = `R&D <x> \u0001\ud800`;
    item.Start = new DateTime('2026-03-02T08:00:00Z');
    await thrownBy(service.CreateItems([item], calendar(), 0, 0));
    expect(requests[0]).toContain('<t:Subject>R&amp;D &lt;x&gt; </t:Subject>');
    const property = new ExtendedPropertyDefinition(new Guid(), 'N', MapiPropertyType.String);
    await thrownBy(service.FindItems(calendar(), new SearchFilter.IsEqualTo(property, 'a"/><evil'), new ItemView(1)));
    expect(requests[1]).toContain('Value="a&quot;/&gt;&lt;evil"');
  });

  test('3: damaged XML is an error and nothing is written to the console', async () => {
    const written: unknown[] = [];
    const { error, warn, log } = console;
    Object.assign(console, { error: keep, warn: keep, log: keep });
    function keep(...values: unknown[]) {
      written.push(values);
    }
    try {
      const thrown = await thrownBy(find(serviceAnswering({ status: 200, text: '<a><b></a>' }).service));
      expect(thrown).toBeInstanceOf(Error);
      expect(String(thrown)).toContain('XML');
      const entity = '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>';
      expect(await thrownBy(find(serviceAnswering({ status: 200, text: entity }).service))).toBeInstanceOf(Error);
      expect(written).toEqual([]);
    } finally {
      Object.assign(console, { error, warn, log });
    }
  });

  test('4: text is read as it is stored', async () => {
    const text = getItemAnswer(
      '<m:GetItemResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:Items><t:CalendarItem><t:ItemId Id="a" ChangeKey="b"/><t:Subject>  x  </t:Subject></t:CalendarItem></m:Items></m:GetItemResponseMessage>',
    );
    const answers = await serviceAnswering({ status: 200, text }).service.BindToItems(
      [new ItemId('a')],
      new PropertySet(),
    );
    expect(answers.Responses[0]?.Item.Subject).toBe('  x  ');
  });

  test.each([
    ['an empty body', { status: 500, text: '' }],
    ['an HTML page', { status: 500, text: '<html><br></html>' }],
    ['plain text', { status: 500, text: 'Server Error' }],
    ['a locked account', { status: 456, text: '' }],
    ['an empty success', { status: 200, text: '' }],
    ['a logon page', { status: 200, text: '<html><body>Sign in</body></html>' }],
  ])('5: %s settles the call with an error', async (_, answer) => {
    expect(await thrownBy(find(serviceAnswering(answer).service))).toBeInstanceOf(Error);
  });

  test('5: what the transport throws passes unchanged, and the answer is asked for once', async () => {
    const cause = new Error('reset');
    const { service, requests } = serviceAnswering(cause);
    expect(await thrownBy(find(service))).toBe(cause);
    expect(requests).toHaveLength(1);
  });

  test('6: exceptions are errors with their message', () => {
    const cause = new Exception('inner');
    const exception = new Exception('outer', cause);
    expect(exception).toBeInstanceOf(Error);
    expect([exception.message, exception.Message, exception.InnerException]).toEqual(['outer', 'outer', cause]);
  });

  test('7: a batch that fails as a whole tells its code and pause', async () => {
    const { service } = serviceAnswering({ status: 200, text: getItemAnswer(message('ErrorServerBusy')) });
    const thrown = await thrownBy(service.BindToItems([new ItemId('a'), new ItemId('b')], new PropertySet()));
    expect(thrown).toBeInstanceOf(ServiceResponseException);
    const { ErrorCode, Response } = thrown as ServiceResponseException;
    expect(ErrorCode).toBe(ServiceError.ErrorServerBusy);
    expect(Response.ErrorDetails.get('BackOffMilliseconds')).toBe('1234');
  });

  test('8: a code that the library does not know is kept as text', async () => {
    const text = getItemAnswer(message('ErrorServiceUnavailable'));
    const answers = await serviceAnswering({ status: 200, text }).service.BindToItems(
      [new ItemId('a')],
      new PropertySet(),
    );
    expect(answers.Responses[0]?.codeText).toBe('ErrorServiceUnavailable');
  });

  test('9: a property that was set twice is written once', async () => {
    const { service, requests } = serviceAnswering(new Error('enough'));
    const item = new Appointment(service);
    const loadable = item as unknown as { LoadFromXmlJsObject(...values: unknown[]): void };
    loadable.LoadFromXmlJsObject({ ItemId: { Id: 'a', ChangeKey: 'b' } }, service, true, null, false);
    item.Subject = 'first';
    item.Subject = 'second';
    await thrownBy(service.UpdateItems([item], null as never, 0, 0, 0));
    expect(requests[0]?.match(/<t:SetItemField>/g)).toHaveLength(1);
    expect(requests[0]).toContain('second');
  });
});
