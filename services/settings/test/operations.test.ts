import { until } from '@lockstep/bus/testing/until';
import {
  codedError,
  exchange,
  governor,
  type MailboxKey,
  partitionOf,
  success,
  superoffice,
  sync,
} from '@lockstep/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SettingsUnderTest, startSettings } from './settings-under-test.ts';

const bounds = { running: 4, waiting: 4 };
const unknown = 'aaaaaaaaaaaaaaaa';

let settings: SettingsUnderTest;
let mailbox: MailboxKey;
beforeAll(async () => {
  settings = await startSettings();
  const link = { address: 'alice@example.com', associateId: 1, zone: 'Europe/Oslo' };
  mailbox = (await settings.call('POST', '/user-links', link)).body['mailbox'] as MailboxKey;
});
afterAll(() => settings?.end());

describe('an operation', () => {
  it('tests the connection with the gateway, with or without a mailbox', async () => {
    const asked: unknown[] = [];
    const steps = [{ step: 'ews', ok: true, tookMs: 12 }];
    const serving = await settings.operator.serve(exchange.testConnection, bounds, async (body) => {
      asked.push(body);
      return success({ ok: true, steps });
    });
    const answers = [
      await settings.call('POST', '/test-connection'),
      await settings.call('POST', '/test-connection', { mailbox }),
    ];
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expect(body).toEqual({ ok: true, steps });
    }
    expect(asked).toEqual([{}, { mailbox }]);
    await serving.stop();
  });

  it('lists associates page by page', async () => {
    const serving = await settings.operator.serve(superoffice.listAssociates, bounds, async (body) =>
      success({
        associates: [{ associateId: body.afterAssociateId + 1, name: 'A', fullName: 'A A', active: true }],
        more: body.maxItems === 1,
      }),
    );
    const { body } = await settings.call('GET', '/associates?after=6&limit=1');
    expect(body).toEqual({ associates: [{ associateId: 7, name: 'A', fullName: 'A A', active: true }], more: true });
    expect((await settings.call('GET', '/associates?limit=501')).body).toMatchObject({ field: 'limit' });
    await serving.stop();
  });

  it('passes on what another system refused, coded, with its status and pause', async () => {
    const refusals = [
      [codedError('superoffice-busy', { backOffMs: 1500 }), 503],
      [codedError('superoffice-unauthorized'), 502],
      [codedError('superoffice-timeout'), 504],
      [codedError('superoffice-not-configured', { field: 'baseUrl' }), 409],
    ] as const;
    for (const [error, status] of refusals) {
      const refuse = async () => ({ ok: false, error }) as const;
      const serving = await settings.operator.serve(superoffice.listAssociates, bounds, refuse);
      const answer = await settings.call('GET', '/associates');
      expect(answer.status).toBe(status);
      expect(answer.body).toMatchObject({ ...error, advice: expect.any(String) });
      expect(answer.headers.get('retry-after')).toBe(error.backOffMs === undefined ? null : '2');
      await serving.stop();
    }
  });

  it('reaches the owner of the mailbox: sync now, release deletes, rebuild, and explain', async () => {
    const tokens: unknown[] = [];
    const known = { epoch: 3, links: 2, openIntents: 0, heldDeletes: 0, firstLoadDone: true, parked: [] };
    const serving = [
      await settings.operator.serve(sync.syncNow, bounds, async (_, context) => {
        tokens.push(context.tokens);
        return success({});
      }),
      await settings.operator.serve(sync.explain, bounds, async () => success(known)),
      await settings.operator.serve(sync.releaseDeletes, bounds, async () => success({ released: 3, held: 0 })),
      await settings.operator.serve(sync.rebuild, bounds, async () => success({ damaged: 1 })),
    ];
    expect((await settings.call('POST', `/mailboxes/${mailbox}/sync-now`)).status).toBe(202);
    expect(tokens).toEqual([[String(partitionOf(mailbox)), mailbox]]);
    expect((await settings.call('GET', `/mailboxes/${mailbox}/explain`)).body).toEqual(known);
    const released = await settings.call('POST', `/mailboxes/${mailbox}/release-deletes`);
    expect(released).toMatchObject({ status: 200, body: { released: 3, held: 0 } });
    const rebuilt = await settings.call('POST', `/mailboxes/${mailbox}/rebuild`);
    expect(rebuilt).toMatchObject({ status: 202, body: { damaged: 1 } });
    const other = await settings.call('POST', `/mailboxes/${unknown}/sync-now`);
    expect(other.status).toBe(404);
    expect(other.body).toMatchObject({ code: 'mailbox-not-linked', field: 'mailbox' });
    expect(tokens).toHaveLength(1);
    for (const each of serving) await each.stop();
  });

  it('shows the history of a mailbox, newest first, with what lost', async () => {
    const record = (id: string) => ({
      v: 1,
      id,
      at: '2026-11-22T08:00:00.000Z',
      mailbox,
      correlationId: id,
      cause: { side: 'exchange', reason: 'changed' },
      decision: 'write to superoffice',
      conflicts: [{ group: 'title', rule: 'newer', winner: 'exchange', lost: 'Older' }],
    });
    for (const id of ['1', '2', '3']) {
      const options = { correlationId: id, deadlineMs: 5_000 };
      const subject = sync.historySubject(mailbox);
      const published = await settings.operator.publish(sync.historyMessage, subject, record(id), options);
      expect(published.ok).toBe(true);
    }
    const { body } = await settings.call('GET', `/mailboxes/${mailbox}/history?limit=2`);
    expect(body).toEqual({ records: [record('3'), record('2')] });
    const none = await settings.call('GET', `/mailboxes/${unknown}/history`);
    expect(none.body).toEqual({ records: [] });
  });

  it('shows what the governor said last, and says so when it never spoke', async () => {
    const silent = await settings.call('GET', '/governor');
    expect(silent.status).toBe(503);
    expect(silent.body).toMatchObject({ code: 'service-missing' });
    const state = { epoch: 1, phase: 'granting' as const, limit: 20, out: 3, streamsOut: 1, queued: 0, backOffs: [] };
    settings.operator.broadcast(governor.governorState, state, { correlationId: 'test' });
    const answer = await until(async () => {
      const heard = await settings.call('GET', '/governor');
      return heard.status === 200 && heard;
    }, 'the governor to be heard');
    expect(answer.body).toEqual({ heardAt: expect.stringMatching(/Z$/), state });
  });
});
