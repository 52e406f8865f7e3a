import { until } from '@lockstep/bus/testing/until';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { account, World } from './harness.ts';

const turns = 'lockstep_superoffice_watcher_polling_turns_total{result="ok"}';

/** Waits for two turns to end: the second of them began after this was called. */
async function afterATurn(world: World): Promise<void> {
  const before = (await world.metric(turns)) ?? 0;
  await until(async () => ((await world.metric(turns)) ?? 0) >= before + 2, 'a turn');
}

describe('polling without webhooks', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ webhooks: false, pollEveryMs: 200, logins: ['alice', 'bob'] });
    await world.takeChanges('alice');
    await world.takeChanges('bob');
  });
  afterAll(() => world.close());

  it('finds what is new, changed, moved to another owner and deleted', async () => {
    const row = await world.add('alice');
    await world.takeUntil('alice', row.id, false);
    await world.change(row.id, { title: 'Changed' });
    await world.takeUntil('alice', row.id, false);
    await world.change(row.id, { associate: 'bob' });
    await world.takeUntil('alice', row.id, true);
    await world.takeUntil('bob', row.id, false);
    await world.remove(row.id);
    await world.takeUntil('bob', row.id, true);
  });

  it('does not publish again what did not change', async () => {
    const row = await world.add('alice');
    await world.takeUntil('alice', row.id, false);
    await afterATurn(world);
    expect(await world.takeChanges('alice')).toEqual([]);
  });

  it('stops reading a row once its time stamp is old enough to be final', async () => {
    const row = await world.add('alice');
    await world.takeUntil('alice', row.id, false);
    await until(async () => {
      await world.control('DELETE', '/log');
      await afterATurn(world);
      const { requests } = await world.control<{ requests: { path: string }[] }>('GET', '/log');
      return !requests.some((request) => request.path.endsWith(`/Appointment/${row.id}`));
    }, 'a turn that does not read the row');
    await world.change(row.id, { title: 'Changed after it was final' });
    await world.takeUntil('alice', row.id, false);
  });

  it.each([
    ['the state of polling', 'polling'],
    ['a record of loaded users', 'loaded'],
    ['a chunk of the index', 'rows'],
  ])('loads the users again when %s is damaged', async (_, prefix) => {
    const row = await world.add('alice');
    await world.takeUntil('alice', row.id, false);
    await world.takeChanges('alice');
    const bucket = world.operator.bucket('superoffice-index');
    const keys = (await bucket.keys('>')).filter((key) => key.startsWith(prefix));
    for (const key of keys) {
      const revision = async () => (await bucket.getBytes(key))?.revision ?? 0;
      await until(async () => (await bucket.update(key, { v: 1 }, await revision())).kind === 'written', 'the damage');
    }
    const another = await world.add('alice');
    const told = await until(async () => {
      const changes = await world.takeChanges('alice');
      return changes.some((change) => change.kind === 'all' && change.reason === 'first-load') || undefined;
    }, 'the first load');
    expect(told).toBe(true);
    await world.remove(another.id);
    await world.remove(row.id);
    await world.takeUntil('alice', row.id, true);
  });

  it('is not held up by a row that cannot be read', async () => {
    const [broken, whole] = [await world.add('alice'), await world.add('alice')];
    await world.control('POST', '/faults', { path: `*/Appointment/${broken.id}`, status: 200, body: '{"no":"row"}' });
    await world.change(broken.id, { title: 'Changed' });
    await world.change(whole.id, { title: 'Changed' });
    await world.takeUntil('alice', whole.id, false);
    await world.takeUntil('alice', broken.id, false);
    await world.control('DELETE', '/faults');
  });

  it('goes on when the transaction log may not be read', async () => {
    await world.control('POST', '/switches', { transactionLogReadable: false });
    const row = await world.add('alice');
    await world.takeUntil('alice', row.id, false);
    await world.remove(row.id);
    await afterATurn(world);
    await world.control('POST', '/switches', { transactionLogReadable: true });
    await world.takeUntil('alice', row.id, true);
  });

  it('makes up for a time in which SuperOffice was out of reach', async () => {
    await world.control('POST', '/faults', { path: '*', reset: true });
    const row = await world.add('alice');
    await until(
      () => world.metric('lockstep_superoffice_watcher_polling_turns_total{result="superoffice-unreachable"}'),
      'a failed turn',
    );
    await world.control('DELETE', '/faults');
    await world.takeUntil('alice', row.id, false);
  });
});

describe('a first link', () => {
  let world: World;
  afterEach(() => world.close());

  it('asks for one listing, and its rows can be deleted unseen', async () => {
    world = await World.create(['alice']);
    const old = await world.add('alice');
    await world.startWatcher({ webhooks: false, pollEveryMs: 200 });
    const all = (await world.takeChanges('alice')).filter((change) => change.kind === 'all');
    expect(all).toMatchObject([{ reason: 'first-load', side: 'superoffice' }]);
    await world.remove(old.id);
    await world.takeUntil('alice', old.id, true);
    await world.stopWatcher();
    await world.startWatcher({ webhooks: false, pollEveryMs: 200 });
    await afterATurn(world);
    expect(await world.takeChanges('alice')).toEqual([]);
  });

  it('is noticed while the watcher runs, and again after a pause', async () => {
    world = await World.start({ webhooks: false, pollEveryMs: 200, logins: ['alice'] });
    await world.takeChanges('alice');
    const link = world.link('alice');
    await world.kit.changeSettings({ userLinks: [{ ...link, enabled: false }] });
    await world.add('alice');
    await afterATurn(world);
    expect(await world.takeChanges('alice')).toEqual([]);
    await world.kit.changeSettings({ userLinks: [link] });
    await until(async () => (await world.takeChanges('alice')).some((change) => change.kind === 'all'), 'the listing');
  });
});

describe('what happened while no watcher ran', () => {
  let world: World;
  afterEach(() => world.close());

  it('is found by the next one', async () => {
    world = await World.start({ webhooks: false, pollEveryMs: 200 });
    const [changed, removed] = [await world.add('alice'), await world.add('alice')];
    await world.takeUntil('alice', removed.id, false);
    await world.stopWatcher();
    await world.takeChanges('alice');
    const made = await world.add('alice');
    await world.change(changed.id, { title: 'Changed' });
    await world.remove(removed.id);
    await world.startWatcher({ webhooks: false, pollEveryMs: 200 });
    const seen = await world.takeChanges('alice');
    const summary = seen.map((change) => (change.kind === 'item' ? [change.id, change.vanished] : [change.kind]));
    expect(summary).toContainEqual([String(made.id), false]);
    expect(summary).toContainEqual([String(changed.id), false]);
    expect(summary).toContainEqual([String(removed.id), true]);
    expect(summary).toHaveLength(3);
  });

  it('is published again when NATS was replaced, deletes too', async () => {
    world = await World.start({ webhooks: false, pollEveryMs: 200 });
    const [kept, removed] = [await world.add('alice'), await world.add('alice')];
    await world.takeUntil('alice', removed.id, false);
    await world.remove(removed.id);
    await world.takeUntil('alice', removed.id, true);
    await world.takeChanges('alice');
    await world.nats.restart();
    await until(() => world.kit.bus.connected() && world.operator.connected(), 'the bus');
    await world.takeUntil('alice', removed.id, true);
    await world.change(kept.id, { title: 'Goes on' });
    await world.takeUntil('alice', kept.id, false);
  });
});

describe('a first load shortly before NATS was replaced', () => {
  let world: World;
  afterEach(() => world.close());

  it('is asked for again', async () => {
    world = await World.start({ webhooks: false, pollEveryMs: 200 });
    await world.takeChanges('alice');
    await world.nats.restart();
    await until(() => world.kit.bus.connected() && world.operator.connected(), 'the bus');
    await until(async () => (await world.takeChanges('alice')).some((change) => change.kind === 'all'), 'the listing');
    await afterATurn(world);
    expect((await world.takeChanges('alice')).filter((change) => change.kind === 'all')).toEqual([]);
  });
});

describe('a webhook that SuperOffice switched off', () => {
  let world: World;
  afterEach(() => world.close());

  it('is switched on again, and what it missed is found', async () => {
    world = await World.start({ webhooks: true, pollEveryMs: 200 });
    await world.takeChanges('alice');
    const [webhook] = await world.control<{ id: number }[]>('GET', '/webhooks');
    expect(webhook).toBeDefined();
    await world.stopWatcher();
    const rows = await Promise.all(Array.from({ length: 4 }, () => world.add('alice')));
    await world.control('POST', '/webhooks/idle');
    expect(await world.control('GET', '/webhooks')).toMatchObject([{ state: 'TooManyErrors' }]);
    await world.startWatcher({ webhooks: true, pollEveryMs: 200 });
    expect(await world.control('GET', '/webhooks')).toMatchObject([{ state: 'Active' }]);
    const ids = (await world.takeChanges('alice')).map((change) => change.kind === 'item' && change.id);
    for (const row of rows) expect(ids).toContain(String(row.id));
  });
});

describe('webhooks of other keys and installations', () => {
  let world: World;
  afterEach(() => world.close());

  it('are removed when they point at us, and left alone when they do not', async () => {
    world = await World.start({ webhooks: true });
    await world.stopWatcher();
    const [own] = await world.control<{ name: string }[]>('GET', '/webhooks');
    const elsewhere = 'http://127.0.0.1:9/hooks/superoffice/Cust00001';
    await saveWebhook('Lockstep 000000000000', world.webhookUrl);
    await saveWebhook('Lockstep 111111111111', elsewhere);
    await world.startWatcher({ webhooks: true });
    const names = (await world.control<{ name: string }[]>('GET', '/webhooks')).map((webhook) => webhook.name);
    expect(names.sort()).toEqual(['Lockstep 111111111111', own?.name].sort());

    async function saveWebhook(name: string, targetUrl: string): Promise<void> {
      const credentials = Buffer.from(`${account.userName}:${account.password}`).toString('base64');
      const response = await fetch(`${world.simulator.url}/api/v1/Webhook`, {
        method: 'POST',
        // Stopped: an active one would be tried out, and nobody listens.
        body: JSON.stringify({ Name: name, TargetUrl: targetUrl, Events: ['activity.created'], State: 'Stopped' }),
        headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/json' },
      });
      expect(response.status).toBe(200);
    }
  });
});

describe('webhooks that get lost', () => {
  let world: World;
  afterEach(() => world.close());

  it('are made up for by polling', async () => {
    world = await World.start({ webhooks: true, pollEveryMs: 200 });
    await world.control('POST', '/webhooks/options', { drop: true });
    const row = await world.add('alice');
    await world.takeUntil('alice', row.id, false);
    await world.change(row.id, { title: 'Changed' });
    await world.takeUntil('alice', row.id, false);
    await world.remove(row.id);
    await world.takeUntil('alice', row.id, true);
  });
});

describe('two watchers', () => {
  it('share one lease: the second polls when the first stops', async () => {
    const world = await World.start({ webhooks: false, pollEveryMs: 200 });
    const { createTestKit } = await import('@lockstep/service-kit/testing/kit');
    const { start } = await import('../src/service.ts');
    const environment = { ...world.environment, LOCKSTEP_WEBHOOK_PORT: '0' };
    const kit = await createTestKit('superoffice-watcher', {
      natsUrl: world.nats.url,
      natsPasswords: world.nats.passwords,
      environment,
    });
    const second = await start(kit);
    await afterATurn(world);
    expect(await kit.metrics.getSingleMetricAsString(turns.slice(0, turns.indexOf('{')))).not.toContain('result="ok"');
    await world.takeChanges('alice');
    await world.stopWatcher();
    const row = await world.add('alice');
    await world.takeUntil('alice', row.id, false);
    await second.stop();
    await kit.close();
    await world.close();
  });
});

describe('polling of an older release', () => {
  it.each(['polling', 'loaded'])('stops where a newer one wrote what it relies on (%s)', async (prefix) => {
    const world = await World.start({ webhooks: false, pollEveryMs: 200 });
    try {
      const bucket = world.operator.bucket('superoffice-index');
      const [key = ''] = (await bucket.keys('>')).filter((one) => one.startsWith(prefix));
      const revision = async () => (await bucket.getBytes(key))?.revision ?? 0;
      await until(async () => (await bucket.update(key, { v: 99 }, await revision())).kind === 'written', 'the record');
      await until(() => world.kit.gaveUp.length > 0, 'it to give up');
      expect(world.kit.gaveUp[0]?.message).toMatch(/this release reads up to/);
    } finally {
      await world.close();
    }
  });
});
