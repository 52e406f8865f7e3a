// The resolver against a bus that fails before or after the effect: whatever is cut off is published the next time.
import type { Bus } from '@lockstep/bus';
import { failure, itemKinds } from '@lockstep/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Publisher } from '../src/changes/publisher.ts';
import { Resolver } from '../src/changes/resolver.ts';
import { RowIndex } from '../src/changes/row-index.ts';
import { UserDirectory } from '../src/changes/user-directory.ts';
import { readPrivateKey } from '../src/client/credential.ts';
import { Tenant } from '../src/client/tenant.ts';
import { watcherConfig } from '../src/config.ts';
import { World, whole } from './harness.ts';

type Fault = 'none' | 'before' | 'after';

let world: World;
let fault: Fault = 'none';
let resolver: Resolver;
let index: RowIndex;
let tenant: Tenant;
beforeAll(async () => {
  world = await World.create(['alice', 'bob']);
  const bus = failing(world.operator);
  const settings = await world.settings({ webhooks: false });
  tenant = new Tenant({
    calls: watcherConfig.calls,
    settings: () => settings,
    key: await readPrivateKey(world.environment['LOCKSTEP_SUPEROFFICE_KEY_FILE'] ?? ''),
    now: Date.now,
    monotonic: () => performance.now(),
    observe: () => {},
  });
  const links = new Map([...world.links.values()].map((link) => [link.mailbox, link]));
  const directory = new UserDirectory({ userLinks: () => links });
  const bucket = bus.bucket('superoffice-index');
  index = new RowIndex({
    ...watcherConfig.index,
    random: Math.random,
    bucket,
    now: Date.now,
    onConflict: () => {},
    ...whole,
  });
  const publisher = new Publisher({ bus, now: Date.now, deadlineMs: 2_000, count: () => {} });
  resolver = new Resolver({ tenant, index, directory, publisher, watched: () => itemKinds, now: Date.now });
});
afterAll(async () => {
  await tenant.close();
  await world.close();
});

/** A bus whose publish fails on request. */
function failing(bus: Bus): Bus {
  const publish: Bus['publish'] = async (...given) => {
    if (fault === 'before') return failure('bus-unavailable');
    const published = await bus.publish(...given);
    return fault === 'after' ? failure('bus-unavailable') : published;
  };
  return Object.assign(Object.create(bus) as Bus, { publish });
}

async function resolve(id: number, now: Fault = 'none', { force = false, isNamedDelete = false } = {}) {
  fault = now;
  const signal = AbortSignal.timeout(20_000);
  const context = { correlationId: 'test', changeClass: 'now', force, isNamedDelete, signal } as const;
  const outcome = await resolver.resolve(id, context);
  fault = 'none';
  return outcome.ok ? outcome.value : outcome.error.code;
}

async function taken(login: string): Promise<readonly (readonly [string, boolean])[]> {
  const changes = await world.takeChanges(login);
  return changes.flatMap((change) => (change.kind === 'item' ? [[change.id, change.vanished] as const] : []));
}

describe('the resolver', () => {
  it.each(['before', 'after'] as const)('publishes again what failed %s the effect', async (when) => {
    const row = await world.add('alice');
    expect(await resolve(row.id, when)).toBe('bus-unavailable');
    await taken('alice');
    expect(await resolve(row.id)).toBe('published');
    expect(await taken('alice')).toEqual([[String(row.id), false]]);
    expect(await resolve(row.id)).toBe('unchanged');
    expect(await taken('alice')).toEqual([]);
  });

  it('knows whose a deleted row was even if its creation was never published', async () => {
    const row = await world.add('alice');
    expect(await resolve(row.id, 'before')).toBe('bus-unavailable');
    await world.remove(row.id);
    const named = { isNamedDelete: true };
    expect(await resolve(row.id, 'before', named)).toBe('bus-unavailable');
    expect(await resolve(row.id, 'none', named)).toBe('published');
    expect(await taken('alice')).toEqual([[String(row.id), true]]);
    expect(await resolve(row.id, 'none', named)).toBe('unchanged');
    expect(await resolve(row.id, 'none', { ...named, force: true })).toBe('published');
  });

  it('does not forget a row that SuperOffice did not show once: its delete is told when it comes', async () => {
    const row = await world.add('alice');
    await resolve(row.id);
    await taken('alice');
    await world.control('POST', '/faults', { path: `*/Appointment/${row.id}`, status: 404, count: 1 });
    expect(await resolve(row.id)).toBe('published');
    await world.control('DELETE', '/faults');
    await taken('alice');
    await world.remove(row.id);
    expect(await resolve(row.id, 'none', { isNamedDelete: true })).toBe('published');
    expect(await taken('alice')).toEqual([[String(row.id), true]]);
  });

  it('tells the old owner first, and forgets that only after it was told', async () => {
    const row = await world.add('alice');
    await resolve(row.id);
    await taken('alice');
    await world.change(row.id, { associate: 'bob' });
    expect(await resolve(row.id, 'before')).toBe('bus-unavailable');
    expect((await index.get(row.id))?.mailbox).toBe(world.mailbox('alice'));
    expect(await resolve(row.id)).toBe('published');
    expect(await taken('alice')).toEqual([[String(row.id), true]]);
    expect(await taken('bob')).toEqual([[String(row.id), false]]);
  });

  it('publishes a second change within the same second', async () => {
    const row = await world.add('alice');
    const versions = new Set<unknown>();
    for (const title of ['First', 'Second', 'Third']) {
      await world.change(row.id, { title });
      expect(await resolve(row.id)).toBe('published');
      for (const change of await world.takeChanges('alice')) if (change.kind === 'item') versions.add(change.version);
    }
    expect(versions.size).toBe(3);
  });

  it('says nothing of a row that it does not know and that is not there', async () => {
    expect(await resolve(123_456)).toBe('not-ours');
    expect(await index.get(123_456)).toBeUndefined();
  });

  it('proves no vanishing by an answer that is none', async () => {
    const row = await world.add('alice');
    await resolve(row.id);
    await taken('alice');
    for (const status of [401, 403, 500, 503]) {
      await world.control('POST', '/faults', { path: `*/Appointment/${row.id}`, status, count: 1 });
      expect(await resolve(row.id)).toMatch(/^superoffice-/);
      await world.control('DELETE', '/faults');
      if (status === 503) break;
    }
    expect(await taken('alice')).toEqual([]);
    expect((await index.get(row.id))?.state).not.toBe('gone');
  });
});
