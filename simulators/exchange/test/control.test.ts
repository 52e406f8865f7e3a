// The control API: people change appointments, faults come by script, the log tells what was asked.

import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startExchangeSimulator } from '../src/index.ts';
import { EwsClient, first, ids } from './ews-client.ts';
import { createAppointment, getFolder, getItems, hour, sync } from './requests.ts';
import { people, startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.finish());

interface Entry {
  readonly id: string;
  readonly urlId: string;
  readonly changeKey: string;
  readonly subject: string;
  readonly lastModifiedBy: string;
}

interface LogRecord {
  readonly seq: number;
  readonly clientRequestId?: string;
  readonly operation?: string;
  readonly closedByClient: boolean;
  readonly endedMs?: number;
}

const entries = 'mailboxes/bob@lockstep.test/calendar/items';

describe('an appointment changed by a person', () => {
  it('has a new change key, his name on it, and is told to who synchronizes', async () => {
    const bob = server.client({ user: 'bob@lockstep.test' });
    const state = first((await bob.call(sync(undefined))).text, 'SyncState');
    const made = (await server.control('POST', entries, { subject: 'a', start: '2026-03-02T08:00:00Z' })) as Entry;
    const changed = (await server.control('PATCH', `${entries}/${made.urlId}`, { subject: 'b' })) as Entry;
    expect(changed).toMatchObject({ id: made.id, subject: 'b', lastModifiedBy: 'Bob Sample' });
    expect(changed.changeKey).not.toBe(made.changeKey);
    expect(ids((await bob.call(sync(state))).text)).toEqual([{ Id: made.id, ChangeKey: changed.changeKey }]);
    await server.control('DELETE', `${entries}/${made.urlId}`);
    expect((await bob.call(getItems([{ Id: made.id }]))).codes).toEqual(['ErrorItemNotFound']);
    expect(await server.control('GET', entries)).toEqual([]);
  });

  it('is refused with the name of the field that is wrong', async () => {
    await expect(server.control('POST', entries, { colour: 'red' })).rejects.toThrow("no field 'colour'");
    await expect(server.control('POST', entries, { start: 'soon' })).rejects.toThrow('400');
  });
});

describe('a fault by script', () => {
  const alice = (): EwsClient => server.client();

  it('meets the requests that it names, and no others, as often as it says', async () => {
    await server.control('POST', 'faults', {
      match: { operation: 'GetFolder', mailbox: 'alice@lockstep.test', skip: 1, count: 2 },
      action: { kind: 'fault', code: 'ErrorServerBusy', backOffMs: 5000 },
    });
    const seen: (readonly string[])[] = [];
    for (let index = 0; index < 4; index += 1) seen.push((await alice().call(getFolder())).codes);
    expect(seen).toEqual([['NoError'], ['ErrorServerBusy'], ['ErrorServerBusy'], ['NoError']]);
    expect((await server.client({ user: 'bob@lockstep.test' }).call(getFolder())).codes).toEqual(['NoError']);
    await server.control('DELETE', 'faults');
  });

  it('carries the back-off hint in a fault and inside HTTP 200', async () => {
    const action = { code: 'ErrorServerBusy', backOffMs: 5000 };
    await server.control('POST', 'faults', { action: { kind: 'fault', ...action } });
    const fault = await alice().call(sync(undefined));
    expect(fault.status).toBe(500);
    expect(fault.text).toContain('<t:Value Name="BackOffMilliseconds">5000</t:Value>');
    await server.control('POST', 'faults', { action: { kind: 'message', ...action } });
    const message = await alice().call(sync(undefined));
    expect([message.status, message.codes]).toEqual([200, ['ErrorServerBusy']]);
    expect(message.text).toContain('<t:Value Name="BackOffMilliseconds">5000</t:Value>');
  });

  it('comes before the effect, or after it', async () => {
    const count = async (): Promise<number> => {
      const list = (await server.control('GET', 'mailboxes/alice@lockstep.test/calendar/items')) as readonly Entry[];
      return list.length;
    };
    const before = await count();
    const match = { operation: 'CreateItem' };
    await server.control('POST', 'faults', {
      match,
      when: 'before',
      action: { kind: 'http', status: 503, headers: { 'Retry-After': '7' } },
    });
    const refused = await alice().call(createAppointment(hour));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '7']);
    expect(await count()).toBe(before);
    await server.control('POST', 'faults', { match, when: 'after', action: { kind: 'reset' } });
    await expect(alice().call(createAppointment(hour))).rejects.toThrow();
    expect(await count()).toBe(before + 1);
    await server.control('POST', 'faults', { match, when: 'later', effectDelayMs: 5000, action: { kind: 'reset' } });
    await expect(alice().call(createAppointment(hour))).rejects.toThrow();
    expect(await count()).toBe(before + 1);
    await server.control('POST', 'clock', { advanceMs: 5000 });
    await expect.poll(count).toBe(before + 2);
  });
});

describe('the log', () => {
  it('has every request with its id, and a closed socket is not in flight any more', async () => {
    await server.control('POST', 'faults', { match: { operation: 'GetFolder' }, action: { kind: 'hang' } });
    await server.control('POST', 'peaks/reset');
    const abort = new AbortController();
    const hanging = server
      .client()
      .call(getFolder(), { headers: { 'client-request-id': 'lost' }, signal: abort.signal });
    const now = async (): Promise<number | undefined> => {
      const peaks = (await server.control('GET', 'peaks')) as {
        accounts: Record<string, { now: number; peak: number }>;
      };
      return peaks.accounts['alice@lockstep.test']?.now;
    };
    await expect.poll(now).toBe(1);
    abort.abort();
    await expect(hanging).rejects.toThrow();
    await expect.poll(now).toBe(0);
    await server.client().call(getFolder(), { headers: { 'client-request-id': 'answered' } });
    const log = (await server.control('GET', 'log?account=alice@lockstep.test')) as { records: readonly LogRecord[] };
    const last = log.records
      .slice(-2)
      .map(({ clientRequestId, operation, closedByClient }) => ({ clientRequestId, operation, closedByClient }));
    expect(last).toEqual([
      { clientRequestId: 'lost', operation: 'GetFolder', closedByClient: true },
      { clientRequestId: 'answered', operation: 'GetFolder', closedByClient: false },
    ]);
  });
});

describe('a snapshot', () => {
  it('brings everything back: ids, change keys, cookies; and no id comes twice', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'exchange-simulator-'));
    const snapshotFile = join(folder, 'snapshot');
    const before = await startExchangeSimulator({ snapshotFile });
    await fetch(`${before.url}/control/seed`, { method: 'POST', body: JSON.stringify(people) });
    const user = { user: 'alice@lockstep.test', password: 'lockstep' };
    const [id] = ids(
      (await new EwsClient(before.url, user).call(createAppointment(`<t:Subject>kept</t:Subject>${hour}`))).text,
    );
    const state = first((await new EwsClient(before.url, user).call(sync(undefined))).text, 'SyncState');
    await before.close();
    const after = await startExchangeSimulator({ snapshotFile });
    const client = new EwsClient(after.url, user);
    const answer = await client.call(getItems([id ?? { Id: '' }]));
    expect(first(answer.text, 'Subject')).toBe('kept');
    expect(ids(answer.text)[0]).toEqual(id);
    expect(ids((await client.call(sync(state))).text)).toEqual([]);
    const [next] = ids((await client.call(createAppointment(hour))).text);
    expect(next?.Id).not.toBe(id?.Id);
    expect(ids((await client.call(sync(state))).text)).toEqual([next]);
    await after.close();
    await rm(folder, { recursive: true });
  });

  it('that is older than a cookie refuses it, so that the client loads anew', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'exchange-simulator-'));
    const [snapshotFile, kept] = [join(folder, 'snapshot'), join(folder, 'kept')];
    const user = { user: 'alice@lockstep.test', password: 'lockstep' };
    const run = await startExchangeSimulator({ snapshotFile });
    await fetch(`${run.url}/control/seed`, { method: 'POST', body: JSON.stringify(people) });
    const early = first((await new EwsClient(run.url, user).call(sync(undefined))).text, 'SyncState');
    await run.close();
    await copyFile(snapshotFile, kept);
    const second = await startExchangeSimulator({ snapshotFile });
    await new EwsClient(second.url, user).call(createAppointment(hour));
    const late = first((await new EwsClient(second.url, user).call(sync(early))).text, 'SyncState');
    await second.close();
    const third = await startExchangeSimulator({ snapshotFile: kept });
    const client = new EwsClient(third.url, user);
    expect((await client.call(sync(late))).codes).toEqual(['ErrorInvalidSyncStateData']);
    expect((await client.call(sync(early))).codes).toEqual(['NoError']);
    const now = first((await client.call(sync(undefined))).text, 'SyncState');
    expect((await client.call(sync(now))).codes).toEqual(['NoError']);
    await third.close();
    await rm(folder, { recursive: true });
  });
});
