// Single polling turns with the clocks in hand: what happens during a turn that takes long, after one that died, and when NATS
// comes back without its end. SuperOffice, NATS and everything between are real; only time is moved.
import { type Bucket, BusError } from '@lockstep/bus';
import { codedError, itemKinds } from '@lockstep/contracts';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Publisher } from '../src/changes/publisher.ts';
import { Resolver } from '../src/changes/resolver.ts';
import { RowIndex } from '../src/changes/row-index.ts';
import { UserDirectory } from '../src/changes/user-directory.ts';
import { readPrivateKey } from '../src/client/credential.ts';
import { Tenant } from '../src/client/tenant.ts';
import { watcherConfig } from '../src/config.ts';
import { createMetrics } from '../src/metrics.ts';
import { pollingTurn, type TurnOptions } from '../src/polling/turn.ts';
import { World, whole } from './harness.ts';

const minuteMs = 60_000;
let world: World;
let tenant: Tenant;
let options: TurnOptions;
let aheadMs = 0;
let serverId = 'first';
/** Whether the write of the marks is lost, as when the process dies just before it. */
let diesBeforeMarks = false;
/** Called when a change is in the stream. */
let onPublished: () => Promise<void> = async () => undefined;

const now = () => Date.now() + aheadMs;

beforeEach(async () => {
  [aheadMs, serverId, diesBeforeMarks, onPublished] = [0, 'first', false, async () => undefined];
  world = await World.create(['alice', 'bob']);
  const settings = await world.settings({ webhooks: false });
  tenant = new Tenant({
    calls: watcherConfig.calls,
    settings: () => settings,
    key: await readPrivateKey(world.environment['LOCKSTEP_SUPEROFFICE_KEY_FILE'] ?? ''),
    now,
    monotonic: () => performance.now(),
    observe: () => {},
  });
  // Bob is not linked: his rows only make the lists long.
  const alice = world.link('alice');
  const directory = new UserDirectory({ userLinks: () => new Map([[alice.mailbox, alice]]) });
  const bus = world.operator;
  const publish: typeof bus.publish = async (...given) => {
    const published = await bus.publish(...given);
    await onPublished();
    return published;
  };
  const bucket = mortal(bus.bucket('superoffice-index'));
  const index = new RowIndex({
    ...watcherConfig.index,
    random: Math.random,
    bucket,
    now,
    onConflict: () => {},
    ...whole,
  });
  const publisher = new Publisher({
    bus: Object.assign(Object.create(bus) as typeof bus, { publish }),
    now,
    deadlineMs: 2_000,
    count: () => {},
  });
  const resolver = new Resolver({ tenant, index, directory, publisher, watched: () => itemKinds, now });
  options = {
    ...{ bucket, index, directory, publisher, resolver, watched: () => itemKinds, now, tenant },
    metrics: createMetrics(new Registry()),
    settings: () => settings,
    windowBackDays: () => 30,
    secretOf: () => ({ secret: '', fingerprint: '' }),
    serverId: () => serverId,
    correlationId: () => 'test',
    warn: () => {},
  };
});
afterEach(async () => {
  await tenant.close();
  await world.close();
});

function mortal(bucket: Bucket): Bucket {
  const writes = <W extends Bucket['create'] | Bucket['update']>(write: W) =>
    ((key: string, ...rest: never[]) => {
      if (key === 'polling' && diesBeforeMarks) throw new BusError(codedError('bus-unavailable'));
      return (write as (key: string, ...rest: never[]) => unknown)(key, ...rest);
    }) as W;
  return { ...bucket, create: writes(bucket.create), update: writes(bucket.update) };
}

async function pass(minutes: number): Promise<void> {
  aheadMs += minutes * minuteMs;
  await world.control('POST', '/clock', { advanceMs: minutes * minuteMs });
}

/** One turn; what then lies in the stream for Alice: ids of rows, reasons of listings. */
async function turn(): Promise<readonly string[]> {
  const outcome = await pollingTurn(options, AbortSignal.timeout(30_000));
  expect(outcome).toEqual({ ok: true, value: 'done' });
  return published();
}

/** Takes what lies in the stream for Alice. */
async function published(): Promise<readonly string[]> {
  const changes = await world.takeChanges('alice');
  return changes.map((change) => (change.kind === 'item' ? change.id : change.reason));
}

describe('a turn of polling', () => {
  it('that takes half an hour does not leave out what changed behind its back', async () => {
    const early = await world.add('alice');
    await pass(60);
    const fillers = Array.from({ length: 1_000 }, () => ({ ...filler, associate: 'bob' }));
    const { appointments } = await world.control<{ appointments: { id: number }[] }>('POST', '/seed', {
      appointments: fillers,
    });
    const late = await world.add('alice');
    await pass(60);
    await turn();
    for (const { id } of [early, ...appointments, late]) await world.change(id, { title: 'Changed' });
    onPublished = async () => {
      onPublished = async () => undefined;
      // The page with this row has been read; the next one is read half an hour later.
      await world.change(early.id, { title: 'Changed behind its back' });
      await pass(30);
      await world.change(late.id, { title: 'Changed before it was listed' });
    };
    expect(await turn()).toEqual(expect.arrayContaining([String(early.id), String(late.id)]));
    expect(await turn()).toContain(String(early.id));
  });

  it('whose first marks were lost lists again, since nothing says what changed meanwhile', async () => {
    const row = await world.add('alice');
    diesBeforeMarks = true;
    await expect(turn()).rejects.toThrow(BusError);
    expect(await published()).toContain('first-load');
    await pass(60);
    await world.change(row.id, { title: 'Changed while nobody polled' });
    await pass(60);
    const recent = await world.add('alice');
    await world.change(recent.id, { title: 'Changed' });
    diesBeforeMarks = false;
    expect(await turn()).toContain('first-load');
    expect(await turn()).toEqual([]);
  });

  it('publishes again what an earlier one made up for late, when NATS came back without its end', async () => {
    const row = await world.add('alice');
    await turn();
    await pass(60);
    await world.change(row.id, { title: 'Changed while nobody polled' });
    await pass(180);
    const recent = await world.add('alice');
    await world.change(recent.id, { title: 'Changed' });
    expect(await turn()).toEqual(expect.arrayContaining([String(row.id), String(recent.id)]));
    serverId = 'second';
    expect(await turn()).toEqual(expect.arrayContaining([String(row.id), String(recent.id)]));
    await pass(1);
    expect(await turn()).toEqual([]);
  });
});
const filler = { title: 'Filler', start: '2026-12-01T09:00:00.000Z', end: '2026-12-01T10:00:00.000Z' };
