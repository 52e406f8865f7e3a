// Push subscriptions: the server calls the client. A minute takes 40 ms here.
import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { all, type EwsAnswer, type EwsClient, first } from './ews-client.ts';
import { fail, PushReceiver, say } from './push-receiver.ts';
import { createAppointment, hour, stream, subscribeToPush } from './requests.ts';
import { people, startTestServer, type TestServer } from './test-server.ts';

const minuteMs = 40;
/** So many minutes that no status event comes while a test runs. */
const long = 1440;

let server: TestServer;
let alice: EwsClient;
let receiver: PushReceiver;
beforeAll(async () => {
  server = await startTestServer({ minuteMs, maxQueuedEvents: 100 });
});
beforeEach(async () => {
  await server.control('POST', 'reset');
  await server.control('POST', 'seed', people);
  alice = server.client();
  receiver = new PushReceiver();
  await receiver.listen();
});
afterEach(async () => {
  await server.control('POST', 'restart');
  await receiver.close();
});
afterAll(() => server.finish());

const subscribe = (minutes = long, url = receiver.url): Promise<EwsAnswer> => alice.call(subscribeToPush(url, minutes));
const create = async (): Promise<void> => {
  expect((await alice.call(createAppointment(hour))).codes).toEqual(['NoError']);
};
const alive = async (): Promise<number> => ((await server.control('GET', 'subscriptions')) as { count: number }).count;
const gone = (): Promise<unknown> => vi.waitUntil(async () => (await alive()) === 0, { timeout: 20_000, interval: 10 });

/** Names of the elements of a notification. */
const parts = (message: string): readonly string[] =>
  (all(message, 'Notification')[0]?.children ?? []).map(({ name }) => name);

/** Keeps the answers back until they are called. */
function hold(): ServerResponse[] {
  const held: ServerResponse[] = [];
  receiver.answer = (response) => held.push(response);
  return held;
}

describe('a push subscription', () => {
  it('begins with a status event, and tells what happens after it', async () => {
    const subscribed = await subscribe();
    const id = first(subscribed.text, 'SubscriptionId');
    const mark = first(subscribed.text, 'Watermark');
    expect(subscribed.codes).toEqual(['NoError']);
    const status = await receiver.message(0);
    expect(parts(status)).toEqual(['SubscriptionId', 'PreviousWatermark', 'MoreEvents', 'StatusEvent']);
    expect([first(status, 'SubscriptionId'), first(status, 'PreviousWatermark'), first(status, 'Watermark')]).toEqual([
      id,
      mark,
      mark,
    ]);
    await create();
    const news = await receiver.message(1);
    expect(parts(news)).toEqual(['SubscriptionId', 'PreviousWatermark', 'MoreEvents', 'CreatedEvent']);
    expect([first(news, 'PreviousWatermark'), first(news, 'MoreEvents')]).toEqual([mark, 'false']);
    expect(all(news, 'CreatedEvent')[0]?.children.map(({ name }) => name)).toEqual([
      'Watermark',
      'TimeStamp',
      'ItemId',
      'ParentFolderId',
    ]);
    await create();
    expect(first(await receiver.message(2), 'PreviousWatermark')).toBe(first(news, 'Watermark'));
  });

  it('is told by a request of SOAP', async () => {
    await subscribe();
    await receiver.message(0);
    expect(receiver.told[0]?.headers).toMatchObject({
      'content-type': 'text/xml; charset=utf-8',
      soapaction: 'http://schemas.microsoft.com/exchange/services/2006/messages/SendNotification',
    });
    const version = all(receiver.told[0]?.body ?? '', 'RequestServerVersion')[0]?.attributes['Version'];
    expect(version).toBe('Exchange2013');
  });

  it('has one message open at a time, of fifty events at most', async () => {
    const held = hold();
    await subscribe();
    await receiver.message(0);
    for (let count = 0; count < 60; count += 1) await create();
    expect(receiver.told).toHaveLength(1);
    receiver.answer = say('OK');
    for (const response of held) say('OK')(response, { body: '', headers: {} });
    const [many, rest] = [await receiver.message(1), await receiver.message(2)];
    expect([all(many, 'CreatedEvent').length, first(many, 'MoreEvents')]).toEqual([50, 'true']);
    expect([all(rest, 'CreatedEvent').length, first(rest, 'MoreEvents')]).toEqual([10, 'false']);
    expect(receiver.mostOpen).toBe(1);
  });

  it('is told that nothing happened, as often as it says', async () => {
    await subscribe(1);
    const third = await receiver.message(3);
    expect(parts(third)).toContain('StatusEvent');
    expect(await alive()).toBe(1);
  });

  it('ends when the answer says so', async () => {
    receiver.answer = say('Unsubscribe');
    await subscribe();
    await gone();
    await create();
    expect(receiver.told).toHaveLength(1);
  });

  it('does not end by Unsubscribe', async () => {
    const id = first((await subscribe()).text, 'SubscriptionId');
    const ended = await alice.call(`<m:Unsubscribe><m:SubscriptionId>${id}</m:SubscriptionId></m:Unsubscribe>`);
    expect(ended.codes).toEqual(['ErrorInvalidPullSubscriptionId']);
    expect(await alive()).toBe(1);
  });

  it('ends with a restart, and another one goes on from there', async () => {
    const old = first((await subscribe()).text, 'SubscriptionId');
    await receiver.message(0);
    hold();
    await create();
    await receiver.message(1);
    await server.control('POST', 'restart');
    await receiver.until(() => receiver.open === 0);
    expect(await alive()).toBe(0);
    receiver.answer = say('OK');
    const fresh = first((await subscribe()).text, 'SubscriptionId');
    await create();
    await receiver.message(3);
    expect(receiver.told.map(({ body }) => first(body, 'SubscriptionId'))).toEqual([old, old, fresh, fresh]);
  });

  it('can be neither asked for events nor streamed', async () => {
    const subscribed = await subscribe();
    const id = first(subscribed.text, 'SubscriptionId') ?? '';
    const events = `<m:GetEvents><m:SubscriptionId>${id}</m:SubscriptionId><m:Watermark>${first(subscribed.text, 'Watermark')}</m:Watermark></m:GetEvents>`;
    expect((await alice.call(events)).codes).toEqual(['ErrorInvalidPullSubscriptionId']);
    expect((await alice.call(stream([id]))).codes).toEqual(['ErrorInvalidSubscription']);
  });

  it('counts against the limit of its mailbox', async () => {
    await server.control('POST', 'policy', { maxSubscriptions: 1 });
    expect((await subscribe()).codes).toEqual(['NoError']);
    expect((await subscribe()).codes).toEqual(['ErrorExceededSubscriptionCount']);
  });

  it('needs an address that can be posted to', async () => {
    for (const url of ['', 'here', 'ftp://127.0.0.1/x', `http://127.0.0.1/${'x'.repeat(2100)}`]) {
      expect((await subscribe(long, url)).codes).toEqual(['ErrorInvalidPushSubscriptionUrl']);
    }
    expect(await alive()).toBe(0);
  });
});

describe('a push notification without a right answer', () => {
  /** Ways in which an answer is none. */
  const ways: Readonly<Record<string, PushReceiver['answer']>> = {
    'an error': fail,
    'a connection that ends': (response) => response.destroy(),
    'no XML': (response) => response.end('fine'),
    'a status that does not exist': say('Perhaps'),
    'nothing in time': () => {},
  };

  it.each(Object.entries(ways))('is sent again: %s', async (_way, badly) => {
    const own = await startTestServer({ minuteMs, pushTimeoutMs: 50 });
    receiver.answer = (response, told) => {
      receiver.answer = say('OK');
      badly(response, told);
    };
    const answer = await own.client().call(subscribeToPush(receiver.url, long));
    const [once, again] = [await receiver.message(0), await receiver.message(1)];
    expect(again).toBe(once);
    expect(first(again, 'SubscriptionId')).toBe(first(answer.text, 'SubscriptionId'));
    await own.finish();
  });

  it.each([
    [1, 3],
    [3, 4],
    [4, 5],
    [30, 7],
  ])(
    'is tried at doubled distances up to a status frequency of %i: %i times, then the subscription is dropped',
    async (minutes, times) => {
      receiver.answer = fail;
      await subscribe(minutes);
      await gone();
      expect(receiver.told).toHaveLength(times);
    },
  );

  it('is counted anew after one that was answered', async () => {
    let count = 0;
    receiver.answer = (response, told) => {
      count += 1;
      // Two of three fail: with three failures in a row it would be gone.
      (count % 3 === 0 ? say('OK') : fail)(response, told);
    };
    await subscribe(1);
    await receiver.until(() => receiver.told.length >= 9);
    expect(await alive()).toBe(1);
  });

  it('loses no event that happens meanwhile', async () => {
    await subscribe();
    await receiver.message(0);
    receiver.answer = fail;
    await create();
    await receiver.message(1);
    await create();
    receiver.answer = say('OK');
    const known = new Set<string>();
    await receiver.until(() => {
      for (const { body } of receiver.told)
        for (const each of all(body, 'ItemId')) known.add(each.attributes['Id'] ?? '');
      return known.size === 2;
    });
  });

  it('has lost events when too many wait, and says so at the end of the subscription', async () => {
    const held = hold();
    await subscribe();
    await receiver.message(0);
    for (let count = 0; count < 101; count += 1) await create();
    receiver.answer = say('OK');
    for (const response of held) say('OK')(response, { body: '', headers: {} });
    const loss = await receiver.message(1);
    expect(all(loss, 'SendNotificationResponseMessage')[0]?.attributes['ResponseClass']).toBe('Error');
    expect(first(loss, 'ResponseCode')).toBe('ErrorReadEventsFailed');
    expect(all(loss, 'Value')[0]?.attributes['Name']).toBe('SubscriptionId');
    await gone();
  });
});

describe('the server', () => {
  it('sends nothing while it is frozen', async () => {
    await subscribe();
    await receiver.message(0);
    await server.control('POST', 'freeze');
    await server.control('POST', 'mailboxes/alice@lockstep.test/calendar/items', { start: '2026-03-02T08:00:00Z' });
    expect(receiver.told).toHaveLength(1);
    await server.control('POST', 'thaw');
    expect(parts(await receiver.message(1))).toContain('CreatedEvent');
  });

  it('awaits no answer when it is closed', async () => {
    hold();
    const own = await startTestServer();
    await own.client().call(subscribeToPush(receiver.url, long));
    await receiver.message(0);
    await own.finish();
    await receiver.until(() => receiver.open === 0);
  });
});
