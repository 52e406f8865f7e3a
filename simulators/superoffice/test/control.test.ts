import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { startSuperOfficeSimulator } from '../src/index.ts';
import { basic, call, closeAll, receiver, start, until } from './harness.ts';

afterEach(closeAll);

const appointment = { associate: 'alice', title: 'x', start: '2026-11-12T08:00:00Z', end: '2026-11-12T09:00:00Z' };

test('a fault strikes the request that it names, before or after the effect, and no other', async () => {
  const { api, control } = await start();
  const { id } = (await control('POST', '/appointments', appointment)).body;
  await control('POST', '/faults', {
    method: 'PATCH',
    path: '*/Appointment/*',
    from: 2,
    count: 1,
    when: 'after',
    status: 503,
    headers: { 'Retry-After': '7' },
    body: 'busy',
  });
  const patch = (title: string) =>
    api('PATCH', `/Appointment/${id}`, [{ op: 'replace', path: '/Title', value: title }]);
  expect((await patch('one')).status).toBe(200);
  const struck = await patch('two');
  expect([struck.status, struck.headers.get('retry-after'), struck.body]).toEqual([503, '7', 'busy']);
  expect((await control('GET', `/appointments/${id}`)).body.title).toBe('two');
  expect((await patch('three')).status).toBe(200);
  await control('DELETE', '/faults');
  await control('POST', '/faults', { account: 'sync@lockstep.test', status: 429 });
  expect((await patch('four')).status).toBe(429);
  expect((await control('GET', `/appointments/${id}`)).body.title).toBe('three');
  expect((await control('GET', '/faults')).body).toMatchObject([{ struck: 1 }]);
});

test('an answer can be lost: the effect stays, the connection is cut or hangs', async () => {
  const { api, control, simulator } = await start();
  await control('POST', '/faults', { method: 'POST', path: '*/Appointment', when: 'after', reset: true, count: 1 });
  const body = { Title: 'x', StartDate: '2026-11-12T08:00:00Z', EndDate: '2026-11-12T09:00:00Z' };
  await expect(api('POST', '/Appointment', body)).rejects.toThrow();
  expect((await control('GET', '/appointments')).body).toHaveLength(1);
  await control('POST', '/faults', { method: 'GET', path: '*/Appointment/default', hang: true });
  const abort = new AbortController();
  const headers = { authorization: basic('alice', 'lockstep') };
  const hanging = fetch(`${simulator.url}/api/v1/Appointment/default`, { signal: abort.signal, headers });
  const outcome = expect(hanging).rejects.toThrow();
  await api('GET', '/timezone');
  abort.abort();
  await outcome;
});

test('a request that is cut off before its effect has none', async () => {
  const { api, control } = await start();
  await control('POST', '/faults', { method: 'POST', path: '*/Appointment', reset: true, count: 1 });
  await expect(api('POST', '/Appointment', { Title: 'x', StartDate: '2026-11-12T08:00:00Z' })).rejects.toThrow();
  expect((await control('GET', '/appointments')).body).toEqual([]);
});

test('it closes while requests hang and webhooks wait', async () => {
  const { simulator, api, control } = await start({ webhookRetryWaitsMs: [600_000] });
  const hook = await receiver();
  await api('POST', '/Webhook', { Name: 'x', Events: ['activity.created'], TargetUrl: hook.url, Type: 'webhook' });
  hook.answers = [500];
  await control('POST', '/appointments', appointment);
  await until(() => hook.received.length === 2);
  await control('POST', '/faults', { path: '*/timezone', hang: true });
  const hanging = expect(api('GET', '/timezone')).rejects.toThrow();
  await until(async () => (await control('GET', '/faults')).body[0].struck === 1);
  await simulator.close();
  await hanging;
});

test('the log names method, path, account and status of each request', async () => {
  const { api, control } = await start();
  await api('GET', '/Appointment/9999');
  const { requests } = (await control('GET', '/log')).body;
  expect(requests).toMatchObject([
    { method: 'GET', path: '/Cust00001/api/v1/Appointment/9999', account: 'sync@lockstep.test', status: 404 },
  ]);
  expect(Object.keys(requests[0])).toEqual(expect.arrayContaining(['started', 'ended']));
});

test('the clock moves and stamps follow it', async () => {
  const { control } = await start();
  await control('POST', '/clock', { advanceMs: 86_400_000 });
  const { registered } = (await control('POST', '/appointments', appointment)).body;
  expect(Date.parse(registered)).toBeGreaterThan(Date.now() + 86_000_000);
});

test('a reset empties everything but the system account, and ids go on', async () => {
  const { control } = await start();
  const { id } = (await control('POST', '/appointments', appointment)).body;
  await control('POST', '/reset');
  expect((await control('GET', '/appointments')).body).toEqual([]);
  expect((await control('GET', '/associates')).body).toMatchObject([
    { login: 'sync@lockstep.test', type: 'SystemAssociate' },
  ]);
  await control('POST', '/seed', {
    associates: [{ login: 'alice', password: 'p', email: 'alice@lockstep.test', fullName: 'Alice' }],
  });
  expect((await control('POST', '/appointments', appointment)).body.id).toBeGreaterThan(id);
});

test('what was made survives a restart, and after a crash no id is given twice', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'superoffice-simulator-'));
  try {
    const snapshotFile = join(folder, 'snapshot.json');
    const first = await start({ snapshotFile });
    const { id } = (await first.control('POST', '/appointments', appointment)).body;
    await closeAll();
    const second = await start({ snapshotFile });
    expect((await second.control('GET', `/appointments/${id}`)).body).toMatchObject({
      title: 'x',
      associateId: first.alice,
    });
    expect(second.alice).toBe(first.alice);
    // A second simulator on the same file sees what a crash leaves: the state written at the start of the first.
    const afterCrash = await startSuperOfficeSimulator({ port: 0, snapshotFile });
    const made = (await call('POST', `${afterCrash.controlUrl}/appointments`, appointment, {})).body;
    const lost = (await second.control('POST', '/appointments', appointment)).body;
    expect(made.id).toBeGreaterThan(lost.id);
    await afterCrash.close();
  } finally {
    await closeAll();
    await rm(folder, { recursive: true });
  }
});

test('run alone it prints its address and ends on SIGTERM', async () => {
  const main = new URL('../src/main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [main], { env: { ...process.env, LOCKSTEP_SUPEROFFICE_SIMULATOR_PORT: '0' } });
  const line = await new Promise<string>((resolve) =>
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
  );
  const url = /(http:\S+\/Cust00001)/.exec(line)?.[1];
  expect((await call('GET', `${url}/api`, undefined, {})).body).toMatchObject({ Version: 'v1' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});
