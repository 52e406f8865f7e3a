// The throttling policy, by budget owner, with the answers that a client has to understand.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { first } from './ews-client.ts';
import { getFolder, stream, subscribe, sync } from './requests.ts';
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

const alice = { user: 'sync@lockstep.test', impersonate: 'alice@lockstep.test' };
const bob = { user: 'sync@lockstep.test', impersonate: 'bob@lockstep.test' };

describe('concurrency', () => {
  it('is counted by impersonated mailbox, and over the limit the fault names the policy', async () => {
    await server.control('POST', 'policy', { maxConcurrency: 2 });
    await server.control('POST', 'latency', { operations: { GetFolder: 400 } });
    const both = [server.client(alice), server.client(bob)];
    const answers = await Promise.all([0, 1, 2].flatMap(() => both.map((client) => client.call(getFolder()))));
    const codes = answers.map((answer) => answer.codes[0]).sort();
    expect(codes).toEqual([...Array(2).fill('ErrorExceededConnectionCount'), ...Array(4).fill('NoError')]);
    const refused = answers.find((answer) => answer.status === 500);
    expect(refused?.text).toContain('<t:Value Name="MaxConcurrencyLimit">2</t:Value>');
    const { budgets } = (await server.control('GET', 'peaks')) as {
      budgets: Record<string, { peak: number; now: number }>;
    };
    expect(budgets['alice@lockstep.test (impersonated)']?.now).toBe(0);
  });

  it('of sync calls has a limit of its own', async () => {
    await server.control('POST', 'policy', { maxConcurrentSyncCalls: 1 });
    await server.control('POST', 'latency', { operations: { SyncFolderItems: 300, GetFolder: 300 } });
    const client = server.client(alice);
    const requests = [sync(undefined), sync(undefined), getFolder()];
    const answers = await Promise.all(requests.map((request) => client.call(request)));
    expect(answers.map((answer) => answer.codes[0]).sort()).toEqual([
      'ErrorExceededConnectionCount',
      'NoError',
      'NoError',
    ]);
  });
});

describe('subscriptions and streams', () => {
  it('are limited by the mailbox that is watched', async () => {
    await server.control('POST', 'policy', { maxSubscriptions: 1 });
    expect((await server.client(alice).call(subscribe())).codes).toEqual(['NoError']);
    const refused = await server.client(alice).call(subscribe());
    expect([refused.status, refused.codes]).toEqual([200, ['ErrorExceededSubscriptionCount']]);
    expect((await server.client(bob).call(subscribe())).codes).toEqual(['NoError']);
  });

  it('that hang are limited by who is impersonated, and free their place when the client leaves', async () => {
    await server.control('POST', 'policy', { hangingConnectionLimit: 1 });
    const client = server.client(alice);
    const id = async (): Promise<string> => first((await client.call(subscribe())).text, 'SubscriptionId') ?? '';
    const abort = new AbortController();
    const open = await client.open(stream([await id()]), { signal: abort.signal });
    expect(open.status).toBe(200);
    const second = await id();
    expect((await client.call(stream([second]))).codes).toEqual(['ErrorExceededConnectionCount']);
    abort.abort();
    await expect
      .poll(async () => ((await server.control('GET', 'subscriptions')) as { streams: number }).streams)
      .toBe(0);
    const again = await client.open(stream([second]));
    expect(again.status).toBe(200);
    await again.body?.cancel();
  });
});

describe('a budget that is used up', () => {
  const tight = { maxBurstMs: 1000, cutoffMs: 0, rechargeMsPerHour: 3_600_000, costMs: { '*': 3000 } };
  const use = async (): Promise<void> => {
    expect((await server.client(alice).call(getFolder())).codes).toEqual(['NoError']);
  };

  it('is answered with the time until it is recharged, and then serves again', async () => {
    await server.control('POST', 'policy', tight);
    await use();
    const refused = await server.client(alice).call(getFolder());
    expect([refused.status, refused.codes]).toEqual([500, ['ErrorServerBusy']]);
    const hint = Number(/BackOffMilliseconds">(\d+)</.exec(refused.text)?.[1]);
    expect(hint).toBeGreaterThan(0);
    expect(hint).toBeLessThanOrEqual(2100);
    await server.control('POST', 'clock', { advanceMs: hint });
    await use();
  });

  it('is another owner’s own affair', async () => {
    await server.control('POST', 'policy', tight);
    await use();
    expect((await server.client(bob).call(getFolder())).codes).toEqual(['NoError']);
    expect((await server.client({ user: 'alice@lockstep.test' }).call(getFolder())).codes).toEqual(['NoError']);
  });

  it.each([
    ['message', 200, 'ErrorServerBusy'],
    ['http503', 503, undefined],
    ['html500', 500, undefined],
    ['http401', 401, undefined],
  ])('can be answered as %s', async (busyAnswer, status, code) => {
    await server.control('POST', 'policy', { ...tight, busyAnswer });
    await use();
    const refused = await server.client(alice).call(getFolder());
    expect([refused.status, refused.codes[0]]).toEqual([status, code]);
    if (status === 503) expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('latency', () => {
  it('rises with the load beyond the capacity', async () => {
    await server.control('POST', 'latency', { baseMs: 50, capacity: 1 });
    const client = server.client(alice);
    await Promise.all([0, 1, 2, 3].map(() => client.call(getFolder())));
    const { records } = (await server.control('GET', 'log')) as {
      records: { startedMs: number; endedMs: number; inFlight: number }[];
    };
    const crowded = records.slice(-4).filter((each) => each.inFlight > 1);
    expect(crowded.length).toBeGreaterThan(0);
    for (const each of crowded) expect(each.endedMs - each.startedMs).toBeGreaterThanOrEqual(50 * each.inFlight - 5);
  });
});

describe('noise', () => {
  it('meets requests at random, the same for the same seed', async () => {
    const draw = async (): Promise<readonly number[]> => {
      await server.control('POST', 'noise', { probability: 0.5, kinds: ['http503', 'html500'], seed: 7 });
      const seen: number[] = [];
      for (let index = 0; index < 12; index += 1) seen.push((await server.client(alice).call(getFolder())).status);
      return seen;
    };
    const once = await draw();
    expect(new Set(once)).toEqual(new Set([200, 500, 503]));
    expect(await draw()).toEqual(once);
  });
});
