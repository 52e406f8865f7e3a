// Streaming notifications, as they are on the wire.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, type EwsClient, first, ids, writeItemId } from './ews-client.ts';
import { createAppointment, hour, remove, setField, stream, subscribe, update } from './requests.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let alice: EwsClient;
beforeAll(async () => {
  server = await startTestServer({ heartbeatMs: 300 });
  alice = server.client();
});
afterAll(() => server.finish());

async function newSubscription(client = alice): Promise<string> {
  return first((await client.call(subscribe())).text, 'SubscriptionId') ?? '';
}

/** Reads whole envelopes off a stream. */
class StreamReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #rest = '';

  constructor(response: Response) {
    if (response.body === null) throw new Error('there is no body');
    this.#reader = response.body.getReader();
  }

  /** The next envelope; undefined at the end. */
  async next(): Promise<string | undefined> {
    for (;;) {
      const end = this.#rest.indexOf('</Envelope>');
      if (end !== -1) {
        const envelope = this.#rest.slice(0, end + 11);
        this.#rest = this.#rest.slice(end + 11);
        return envelope;
      }
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#rest += this.#decoder.decode(value, { stream: true });
    }
  }

  /** The next envelope that is not a heartbeat. */
  async news(): Promise<string | undefined> {
    for (;;) {
      const envelope = await this.next();
      if (envelope === undefined || !envelope.includes('<t:StatusEvent/>')) return envelope;
    }
  }
}

async function open(subscriptions: readonly string[], client = alice): Promise<StreamReader> {
  return new StreamReader(await client.open(stream(subscriptions)));
}

const events = (envelope: string | undefined): readonly string[] =>
  (all(envelope ?? '', 'Notification')[0]?.children ?? []).slice(1).map((child) => child.name);

describe('a stream', () => {
  it('begins with OK in an unprefixed envelope, then tells a save as three events', async () => {
    const reader = await open([await newSubscription()]);
    const opening = await reader.next();
    expect(opening).toMatch(/^<\?xml version="1.0" encoding="utf-8"\?><Envelope xmlns=/);
    expect(first(opening ?? '', 'ConnectionStatus')).toBe('OK');
    const [id] = ids((await alice.call(createAppointment(hour))).text);
    const item = await reader.news();
    expect(events(item)).toEqual(['CreatedEvent', 'FreeBusyChangedEvent']);
    expect(all(item ?? '', 'ItemId')[0]?.attributes).toMatchObject({ Id: id?.Id, ChangeKey: 'DwAAAA==' });
    expect(item).toContain('<m:Notification>');
    expect(item).not.toContain('Watermark');
    const folder = await reader.news();
    expect(events(folder)).toEqual(['ModifiedEvent']);
    expect(all(folder ?? '', 'FolderId')).toHaveLength(1);
  });

  it('tells of a delete into Deleted Items as a move, and of one for good as a delete', async () => {
    const [one] = ids((await alice.call(createAppointment(hour))).text);
    const [two] = ids((await alice.call(createAppointment(hour))).text);
    if (one === undefined || two === undefined) throw new Error('nothing was created');
    const reader = await open([await newSubscription()]);
    await reader.next();
    await alice.call(remove(one));
    const moved = await reader.news();
    expect(events(moved)[0]).toBe('MovedEvent');
    expect(all(moved ?? '', 'OldItemId')[0]?.attributes['Id']).toBe(one.Id);
    await reader.news();
    await alice.call(remove(two, 'HardDelete'));
    expect(events(await reader.news())[0]).toBe('DeletedEvent');
  });

  it('delivers what happened while no connection was open', async () => {
    const subscription = await newSubscription();
    const [id] = ids((await alice.call(createAppointment(hour))).text);
    await alice.call(
      update(writeItemId(id ?? { Id: '', ChangeKey: '' }), setField('item:Subject', '<t:Subject>x</t:Subject>')),
    );
    const reader = await open([subscription]);
    await reader.next();
    const told = [await reader.news(), await reader.news(), await reader.news()].flatMap(events);
    expect(told).toEqual([
      'CreatedEvent',
      'FreeBusyChangedEvent',
      'ModifiedEvent',
      'ModifiedEvent',
      'FreeBusyChangedEvent',
    ]);
  });

  it('beats while nothing happens, and closes at the time-out', async () => {
    const reader = await open([await newSubscription()]);
    await reader.next();
    expect(await reader.next()).toContain('<t:StatusEvent/>');
    await server.control('POST', 'clock', { advanceMs: 31 * 60_000 });
    let last = await reader.news();
    while (last !== undefined && first(last, 'ConnectionStatus') !== 'Closed') last = await reader.news();
    expect(first(last ?? '', 'ConnectionStatus')).toBe('Closed');
    expect(await reader.next()).toBeUndefined();
  });

  it('names the ids that it cannot serve, and serves none of the others', async () => {
    const good = await newSubscription();
    const reader = await open([good, 'bm90IG9uZSBvZiBvdXJz']);
    const refusal = (await reader.next()) ?? '';
    expect(first(refusal, 'ResponseCode')).toBe('ErrorSubscriptionNotFound');
    expect(all(refusal, 'SubscriptionId').map((each) => each.text)).toEqual(['bm90IG9uZSBvZiBvdXJz']);
    expect(await reader.next()).toBeUndefined();
  });

  it('is taken over by a newer one for the same subscription', async () => {
    const subscription = await newSubscription();
    const older = await open([subscription]);
    await older.next();
    const newer = await open([subscription]);
    expect(first((await older.news()) ?? '', 'ResponseCode')).toBe('ErrorNewEventStreamConnectionOpened');
    expect(first((await newer.next()) ?? '', 'ConnectionStatus')).toBe('OK');
    await alice.call(createAppointment(hour));
    expect(events(await newer.news())).toContain('CreatedEvent');
  });

  it('is cut by a restart, which loses the subscription', async () => {
    const subscription = await newSubscription();
    const reader = await open([subscription]);
    await reader.next();
    await server.control('POST', 'restart');
    await expect(reader.news()).rejects.toThrow();
    const again = await open([subscription]);
    expect(first((await again.next()) ?? '', 'ResponseCode')).toBe('ErrorSubscriptionNotFound');
  });

  it('belongs to the account that subscribed', async () => {
    const sync = server.client({ user: 'sync@lockstep.test', impersonate: 'alice@lockstep.test' });
    const subscription = await newSubscription(sync);
    const refusal = await (await open([subscription])).next();
    expect(first(refusal ?? '', 'ResponseCode')).toBe('ErrorSubscriptionAccessDenied');
    expect(first((await (await open([subscription], sync)).next()) ?? '', 'ConnectionStatus')).toBe('OK');
  });
});
