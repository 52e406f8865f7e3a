import { describe, expect, test } from 'vitest';
import { readReply } from './reply.ts';

// The structure of two independent captures.
const busyFault = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>
<faultcode xmlns:a="http://schemas.microsoft.com/exchange/services/2006/types">a:ErrorServerBusy</faultcode>
<faultstring xml:lang="en-US">The server cannot service this request right now. Try again later.</faultstring>
<detail><e:ResponseCode xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">ErrorServerBusy</e:ResponseCode>
<e:Message xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">…</e:Message>
<t:MessageXml xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><t:Value Name="BackOffMilliseconds">297749</t:Value></t:MessageXml>
</detail></s:Fault></s:Body></s:Envelope>`;

const envelope = (messages: string) =>
  `<s:Envelope xmlns:s="x"><s:Header/><s:Body><m:XResponse><m:ResponseMessages>${messages}</m:ResponseMessages></m:XResponse></s:Body></s:Envelope>`;

describe('reading an answer', () => {
  test('a fault gives its code and the pause it asks for', () => {
    expect(readReply(busyFault)).toEqual({ kind: 'fault', code: 'ErrorServerBusy', backOffMs: 297_749 });
  });

  test('a fault without detail gives its fault code', () => {
    const text = '<s:Envelope><s:Body><s:Fault><faultcode>s:Client</faultcode></s:Fault></s:Body></s:Envelope>';
    expect(readReply(text)).toEqual({ kind: 'fault', code: 'Client', backOffMs: undefined });
  });

  test('messages come in order, each with class, code and pause', () => {
    const reply = readReply(
      envelope(
        '<m:M ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode></m:M><m:M ResponseClass="Error"><m:ResponseCode>ErrorServerBusy</m:ResponseCode><m:MessageXml><t:Value Name="BackOffMilliseconds">0</t:Value></m:MessageXml></m:M>',
      ),
    );
    expect(reply).toMatchObject({
      kind: 'messages',
      messages: [
        { responseClass: 'Success', code: 'NoError', backOffMs: undefined },
        { responseClass: 'Error', code: 'ErrorServerBusy', backOffMs: 0 },
      ],
    });
  });

  test.each([
    ['a logon page', '<html><body>Sign in</body></html>'],
    ['an envelope without a body', '<s:Envelope><s:Header/></s:Envelope>'],
    ['an envelope without messages', '<s:Envelope><s:Body><m:XResponse/></s:Body></s:Envelope>'],
    ['an unknown response class', envelope('<m:M ResponseClass="Odd"/>')],
  ])('refuses %s', (_, text) => {
    expect(() => readReply(text)).toThrow(/^XML: /);
  });
});
