// One id follows a change from its detection to its write, to the release of every token it cost, and into the history. Each
// direction meets a fault on its way, so that repeats and log lines are followed too.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { call } from '../../scripts/system/provision.ts';
import { eventually } from './support/eventually.ts';
import { type Heard, MessageTap } from './support/message-tap.ts';
import { type Person, type RunningSystem, startSystem } from './support/running-system.ts';

const withinMs = 30_000;

let running: RunningSystem;
let tap: MessageTap;

beforeAll(async () => {
  running = await startSystem();
  tap = await MessageTap.start(running.system);
});
afterAll(async () => {
  await tap?.stop();
  await running?.stop();
});
beforeEach(() => tap.mark());

/** The key of somebody whose first load and compares are behind him: they take what appears meanwhile under their own ids. */
async function mailboxOf({ address }: Person): Promise<string> {
  const { userLinks } = await running.api<{ userLinks: { address: string; mailbox: string }[] }>('GET', '/user-links');
  const mailbox = userLinks.find((link) => link.address === address)?.mailbox ?? '';
  await eventually(withinMs, async () => {
    expect(await running.api('GET', `/mailboxes/${mailbox}/explain`)).toMatchObject({ firstLoadDone: true });
    expect(await tap.waiting()).toBe(0);
  });
  tap.mark();
  return mailbox;
}

/** Exchange answers the next such call of a mailbox so. */
async function meetsOnce({ address }: Person, operation: string, action: object): Promise<void> {
  const script = { match: { mailbox: address, operation, count: 1 }, when: 'before', action };
  await call('POST', `${running.system.simulatorUrl('exchange')}/control/faults`, script);
}

const idsOf = (heard: readonly Heard[]) => [...new Set(heard.map(({ id }) => id))];
const tokenOf = ({ body }: Heard) => body['token'] as string;
const named = (mailbox: string, what: string) => tap.about(mailbox).filter((heard) => heard.what === what);

/** The id under which the history tells of a create on this side; waits for it. */
function created(mailbox: string, side: string): Promise<string> {
  return eventually(withinMs, () => {
    const records = named(mailbox, 'history').filter(({ body }) => {
      const write = body['write'] as { side: string; action: string; result: string } | undefined;
      return write?.side === side && write.action === 'create' && write.result === 'created';
    });
    expect(records).toHaveLength(1);
    const [{ id, body } = { id: '', body: {} }] = records;
    expect(body).toMatchObject({ correlationId: id });
    return id;
  });
}

/** What has to be true of every change, whichever way it goes: it was detected first, and one id is all that it has. */
async function isFollowed(mailbox: string, id: string, stages: readonly string[]): Promise<void> {
  const mine = () => tap.heard.filter((heard) => heard.id === id);
  const told = (event: string) =>
    mine().filter(({ what, body }) => what === 'governor.grant' && body['event'] === event);
  // A token is released after its call was answered, and told of after that.
  await eventually(withinMs, () => {
    for (const stage of stages) expect(mine().map(({ what }) => what)).toContain(stage);
    expect(told('released').map(tokenOf).sort()).toEqual(told('granted').map(tokenOf).sort());
  });
  expect(mine()[0]?.what).toBe(stages[0]);
  const tokens = told('granted').map(tokenOf);
  expect(tokens.length).toBeGreaterThan(0);
  const ofTokens = tap.heard.filter((heard) => heard.what.startsWith('governor.') && tokens.includes(tokenOf(heard)));
  expect(idsOf(ofTokens)).toEqual([id]);
  for (const stage of stages.filter((what) => /create$/.test(what))) expect(idsOf(named(mailbox, stage))).toEqual([id]);
  // What we write ourselves is detected again, under an id of its own: no id begins anywhere but with a detection.
  for (const other of idsOf(tap.about(mailbox))) {
    const first = tap.heard.find((heard) => heard.id === other);
    expect(['notified', 'change'], `${other} begins with ${first?.subject}`).toContain(first?.what);
  }
  for (const line of tap.linesAbout(mailbox)) expect(idsOf(tap.heard), line.msg).toContain(line.correlationId);
}

describe('one id', () => {
  it('follows an appointment from Outlook into SuperOffice', async () => {
    const { alice } = running.people;
    const mailbox = await mailboxOf(alice);
    await meetsOnce(alice, 'SyncFolderItems', { kind: 'http', status: 503 });
    await alice.exchange.create({ subject: 'Followed', start: '2026-12-01T09:00:00Z', end: '2026-12-01T10:00:00Z' });
    const id = await created(mailbox, 'superoffice');
    const calls = ['exchange.sync-folder-items', 'exchange.read', 'exchange.stamp', 'superoffice.create'];
    await isFollowed(mailbox, id, ['notified', 'change', ...calls, 'governor.acquire', 'governor.release', 'history']);
    const failed = tap.linesAbout(mailbox).filter(({ msg }) => msg === 'scan failed');
    expect(failed.map(({ correlationId }) => correlationId)).toEqual([id]);
  });

  it('follows an appointment from SuperOffice into Outlook', async () => {
    const { bob } = running.people;
    const mailbox = await mailboxOf(bob);
    await meetsOnce(bob, 'CreateItem', { kind: 'fault', code: 'ErrorServerBusy', backOffMs: 500 });
    await bob.superoffice.create({ title: 'Followed', start: '2026-12-01T09:00:00Z', end: '2026-12-01T10:00:00Z' });
    const id = await created(mailbox, 'exchange');
    const calls = ['superoffice.read', 'superoffice.stamp', 'exchange.create'];
    await isFollowed(mailbox, id, ['change', ...calls, 'governor.acquire', 'governor.release', 'history']);
  });
});
