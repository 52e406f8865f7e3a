// What the settings may be, and what the watcher makes of wrong ones.
import { until } from '@lockstep/bus/testing/until';
import { superoffice, superofficeItems, superofficePurpose } from '@lockstep/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { account, World } from './harness.ts';

let world: World;
beforeAll(async () => {
  world = await World.start({ webhooks: false });
});
afterAll(() => world.close());

const list = () => world.tryAsk(superoffice.listAssociates, { afterAssociateId: 0, maxItems: 10 });
const right = () => world.settings({ webhooks: false });

describe('the SuperOffice settings', () => {
  it('take effect without a restart, wrong ones and mended ones', async () => {
    expect(await list()).toMatchObject({ ok: true });
    await world.kit.changeSettings({ superoffice: { ...(await right()), baseUrl: '' } });
    expect(await list()).toMatchObject({ error: { code: 'superoffice-not-configured', field: 'baseUrl' } });
    await world.kit.changeSettings({ superoffice: await right() });
    expect(await list()).toMatchObject({ ok: true });
  });

  it('may not use a password for another host, account or authentication than it was sealed for', async () => {
    const settings = await right();
    const other = 'http://127.0.0.1:1/Cust00001';
    await world.kit.changeSettings({ superoffice: { ...settings, baseUrl: other } });
    expect(await list()).toMatchObject({ error: { code: 'credential-host-mismatch' } });
    await world.kit.changeSettings({ superoffice: { ...settings, userName: 'alice@lockstep.test' } });
    expect(await list()).toMatchObject({ error: { code: 'credential-host-mismatch' } });
    const forExchange = { ...superofficePurpose(settings), use: 'exchange' };
    const password = await world.seal(account.password, forExchange);
    await world.kit.changeSettings({ superoffice: { ...settings, password } });
    expect(await list()).toMatchObject({ error: { code: 'credential-host-mismatch' } });
    await world.kit.changeSettings({ superoffice: settings });
  });

  it('say when the password cannot be opened', async () => {
    const settings = await right();
    const damaged = { jwe: 'a.b.c.d.e', changedAt: '2026-11-22T08:00:00.000Z' };
    await world.kit.changeSettings({ superoffice: { ...settings, password: damaged } });
    expect(await list()).toMatchObject({ error: { code: 'credential-unreadable' } });
    await world.kit.changeSettings({ superoffice: settings });
  });

  it('send Basic over plain http to this machine only', async () => {
    const settings = { ...(await right()), baseUrl: 'http://crm.example.test/SuperOffice' };
    const password = await world.seal(account.password, superofficePurpose(settings));
    await world.kit.changeSettings({ superoffice: { ...settings, password } });
    expect(await list()).toMatchObject({ error: { code: 'superoffice-not-configured', field: 'baseUrl' } });
    await world.kit.changeSettings({ superoffice: await right() });
  });

  it('with a wrong password stop asking after two refusals, until the password changes', async () => {
    const settings = await right();
    const password = await world.seal('wrong', superofficePurpose(settings));
    await world.kit.changeSettings({ superoffice: { ...settings, password } });
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await list()).toMatchObject({ error: { code: 'superoffice-unauthorized' } });
    }
    await world.control('DELETE', '/log');
    expect(await list()).toMatchObject({ error: { code: 'superoffice-unauthorized' } });
    expect(await world.control('GET', '/log')).toMatchObject({ requests: [] });
    await world.kit.changeSettings({ superoffice: settings });
    expect(await list()).toMatchObject({ ok: true });
  });
});

describe('a server that does not keep time zones', () => {
  it('is refused instead of read an hour wrong', async () => {
    const row = await world.add('alice');
    await world.control('POST', '/switches', { multiTimeZone: false });
    const about = { mailbox: world.mailbox('alice'), priority: 'change', kind: 'appointment' } as const;
    const answer = await world.tryAsk(superofficeItems.read, { ...about, ids: [String(row.id)] });
    expect(answer).toMatchObject({ ok: false, error: { code: 'superoffice-dates-without-offset' } });
    await world.control('POST', '/switches', { multiTimeZone: true });
  });

  it('is told at once, in the log and the metrics, and everything goes on when it is mended', async () => {
    const other = await World.create(['bob']);
    try {
      await other.control('POST', '/switches', { multiTimeZone: false });
      const row = await other.add('bob');
      await other.beginWatcher({ webhooks: false, pollEveryMs: 200 });
      const turns = 'lockstep_superoffice_watcher_polling_turns_total{result="superoffice-dates-without-offset"}';
      await until(() => other.metric(turns), 'the turn that fails');
      const told = other.kit.logged.filter(({ code }) => code === 'superoffice-dates-without-offset');
      expect(told.length).toBeGreaterThan(0);
      expect(await other.takeChanges('bob')).toEqual([]);
      await other.control('POST', '/switches', { multiTimeZone: true });
      await until(
        async () => (await other.takeChanges('bob')).some((change) => change.kind === 'all'),
        'the first load',
      );
      await other.change(row.id, { title: 'Changed' });
      await other.takeUntil('bob', row.id, false);
    } finally {
      await other.close();
    }
  });
});

describe('the metrics', () => {
  it('name no person and no mailbox', async () => {
    const text = await world.kit.metrics.metrics();
    expect(text).toContain('lockstep_superoffice_watcher_call_duration_seconds');
    expect(text).not.toContain(world.mailbox('alice'));
    expect(text).not.toContain('lockstep.test');
  });
});
