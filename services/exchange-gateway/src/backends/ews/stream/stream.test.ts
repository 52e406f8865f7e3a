import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SubscriptionId } from '../../../backend.ts';
import { descend, readXml, textOf } from '../soap/xml-reader.ts';
import { EnvelopeSplitter } from './envelope-splitter.ts';
import { streamingRequest } from './hold-stream.ts';
import { readNews } from './stream-news.ts';

// As captured from Exchange 2016, shortened: the envelope has no prefix, a declaration may stand before each.
const envelope = (text: string) =>
  `<?xml version="1.0" encoding="utf-8"?>\r\n<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><soap11:Body xmlns:soap11="x"><m:GetStreamingEventsResponse><m:ResponseMessages>${text}</m:ResponseMessages></m:GetStreamingEventsResponse></soap11:Body></Envelope>`;
const success = (inner: string) =>
  envelope(
    `<m:GetStreamingEventsResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>${inner}</m:GetStreamingEventsResponseMessage>`,
  );

describe('the splitter', () => {
  test('finds every envelope however the network cuts the stream', () => {
    const prefixed = success('ÆØ🙂').replaceAll('<Envelope', '<s:Envelope').replaceAll('</Envelope', '</s:Envelope');
    const whole = Buffer.from(success('one') + prefixed + success('three'), 'utf8');
    fc.assert(
      fc.property(fc.array(fc.nat({ max: whole.length }), { maxLength: 12 }), (cuts) => {
        const splitter = new EnvelopeSplitter(10_000);
        const borders = [0, ...[...cuts].sort((one, other) => one - other), whole.length];
        const found = borders.slice(1).flatMap((end, index) => splitter.push(whole.subarray(borders[index], end)));
        expect(found).toHaveLength(3);
        expect(found[1]).toContain('ÆØ🙂');
        for (const one of found) expect(() => readNews(one)).not.toThrow();
      }),
      { numRuns: 50 },
    );
  });

  test('gives an envelope as soon as it is complete', () => {
    const splitter = new EnvelopeSplitter(10_000);
    expect(splitter.push(Buffer.from(success('one')))).toHaveLength(1);
  });

  test('refuses a stream that never ends an envelope, or that is none', () => {
    const endless = new EnvelopeSplitter(1_000);
    expect(() => {
      for (let piece = 0; piece < 100; piece++) endless.push(Buffer.from('<Envelope> more and more'));
    }).toThrow(RangeError);
    expect(() => new EnvelopeSplitter(100).push(Buffer.from('x'.repeat(101)))).toThrow(RangeError);
    expect(() => new EnvelopeSplitter(100).push(Buffer.from([0xff, 0xfe, 0x3c]))).toThrow(TypeError);
  });
});

describe('the news of a stream', () => {
  const event = '<t:ModifiedEvent><t:TimeStamp>2019-06-27T11:37:36Z</t:TimeStamp></t:ModifiedEvent>';
  const notification = (id: string, events: string) =>
    `<m:Notification><t:SubscriptionId>${id}</t:SubscriptionId>${events}</m:Notification>`;

  test('counts events by subscription, in either namespace, and no signs of life', () => {
    const typed = notification('b', event).replaceAll('m:Notification', 't:Notification');
    const status = notification('c', '<t:StatusEvent/>');
    const news = readNews(
      success(`<m:Notifications>${notification('a', event + event)}${typed}${status}</m:Notifications>`),
    );
    expect(news).toEqual({
      events: new Map([
        ['a', 2],
        ['b', 1],
      ]),
      closed: false,
    });
    expect(readNews(success('<m:ConnectionStatus>OK</m:ConnectionStatus>'))).toEqual({
      events: new Map(),
      closed: false,
    });
  });

  test('tells a good end from an error with its subscriptions', () => {
    expect(readNews(success('<m:ConnectionStatus>Closed</m:ConnectionStatus>')).closed).toBe(true);
    const error = envelope(
      '<m:GetStreamingEventsResponseMessage ResponseClass="Error"><m:ResponseCode>ErrorSubscriptionNotFound</m:ResponseCode><m:ErrorSubscriptionIds><t:SubscriptionId>a</t:SubscriptionId></m:ErrorSubscriptionIds><m:ConnectionStatus>Closed</m:ConnectionStatus></m:GetStreamingEventsResponseMessage>',
    );
    expect(readNews(error).failure).toEqual({
      code: 'ErrorSubscriptionNotFound',
      backOffMs: undefined,
      subscriptionIds: ['a'],
    });
  });
});

test('the streaming request holds every id, escaped', () => {
  const request = readXml(streamingRequest('r&d@x.test', ['a<', 'b'] as SubscriptionId[], 30));
  const asked = descend(request, 'Body', 'GetStreamingEvents');
  expect(descend(asked, 'SubscriptionIds')?.children.map((id) => id.text)).toEqual(['a<', 'b']);
  expect(textOf(asked, 'ConnectionTimeout')).toBe('30');
});
