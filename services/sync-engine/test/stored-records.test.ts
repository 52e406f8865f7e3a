// What is stored of a mailbox, as other releases wrote it or as a disk spoiled it: nothing is lost, doubled or forgotten.
import { deflateRawSync } from 'node:zlib';
import { until } from '@lockstep/bus/testing/until';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { linkChunk } from '../src/state/link-chunk.ts';
import { mailboxRecord } from '../src/state/mailbox-record.ts';
import { meeting, Setup } from './fakes/setup.ts';
import type { FakeMailbox } from './fakes/world.ts';

const count = 12;
let setup: Setup;
let mailbox: FakeMailbox;
beforeEach(async () => {
  setup = await Setup.create(2);
  mailbox = setup.mailbox;
});
afterEach(() => setup.close());

interface Stored {
  readonly key: string;
  readonly revision: number;
  readonly value: Uint8Array;
}

/** Items on both sides, linked by an engine that has ended in order. */
async function linkedByAFormerEngine(): Promise<void> {
  const engine = await setup.engine();
  for (let index = 0; index < count; index++) mailbox.exchange.userCreates(meeting(`Item ${index}`));
  await setup.inStep(count);
  await setup.quiet(engine);
  // The versions that the engine wrote are read once more: what is linked is agreed.
  await setup.world.reportAll(mailbox.key, 'verification');
  await setup.quiet(engine);
  await engine.stop();
}

async function chunks(): Promise<readonly Stored[]> {
  const bucket = setup.world.bus.bucket('links');
  const found = await Promise.all((await bucket.keys(`${mailbox.key}.>`)).map((key) => bucket.getBytes(key)));
  return found.filter((entry) => entry !== undefined);
}

const replaceChunk = (chunk: Stored, bytes: Uint8Array) =>
  setup.world.bus.bucket('links').updateBytes(chunk.key, bytes, chunk.revision);

async function storedRecord(): Promise<Stored> {
  const entry = await setup.world.bus.bucket('mailboxes').getBytes(mailbox.key);
  if (entry === undefined) throw new Error('the mailbox has a record');
  return entry;
}

const writes = () => [...mailbox.exchange.writes, ...mailbox.superoffice.writes].length;
const noise = () => new Uint8Array(Buffer.from('not what was written'));

/** Rewrites every stored link. */
async function rewriteLinks(change: (link: Record<string, unknown>) => Record<string, unknown>): Promise<void> {
  for (const chunk of await chunks()) {
    const value = linkChunk.valueOf(chunk.key, chunk.value);
    const links = value.links.map((link) => change({ ...link }));
    await replaceChunk(chunk, deflateRawSync(JSON.stringify({ ...value, links })));
  }
}

async function storedLinks(): Promise<readonly Record<string, unknown>[]> {
  return (await chunks()).flatMap(({ key, value }) => [...linkChunk.valueOf(key, value).links]);
}

describe('a stored record with fields and field groups of another release', () => {
  it('is read without those that this release added, and what both sides agree on is no conflict', async () => {
    await linkedByAFormerEngine();
    await rewriteLinks((link) => {
      const { place: _later, ...agreed } = link['agreed'] as Record<string, string>;
      return { ...link, agreed };
    });
    const before = writes();
    const engine = await setup.engine();
    await setup.world.reportAll(mailbox.key, 'verification');
    await until(
      async () =>
        (await storedLinks()).every(({ agreed }) => (agreed as Record<string, string>)['place'] !== undefined),
      'the group to be agreed on',
    );
    await setup.quiet(engine);
    expect(writes()).toBe(before);
    expect((await setup.world.history(mailbox.key)).flatMap(({ conflicts = [] }) => conflicts)).toEqual([]);
    const [item] = mailbox.exchange.all();
    mailbox.exchange.userChanges(item?.id ?? '', { location: 'Elsewhere' });
    await until(
      () => mailbox.superoffice.all().some(({ content }) => content['location'] === 'Elsewhere'),
      'the change',
    );
  });

  it('keeps those that this release does not know, through a change of the item', async () => {
    await linkedByAFormerEngine();
    const invented = { agreed: 'hash of a mood', image: 'image of a mood' };
    await rewriteLinks((link) => ({
      ...link,
      aura: 'blue',
      agreed: { ...(link['agreed'] as object), mood: invented.agreed },
      superoffice: { ...(link['superoffice'] as object), image: { mood: invented.image } },
    }));
    const record = await storedRecord();
    const value = { ...mailboxRecord.valueOf(record.key, record.value), aura: 'green' };
    await setup.world.bus.bucket('mailboxes').update(mailbox.key, value, record.revision);
    const engine = await setup.engine();
    for (const { id } of mailbox.exchange.all()) mailbox.exchange.userChanges(id, { location: `Elsewhere ${id}` });
    await setup.inStep(count);
    await setup.quiet(engine);
    const links = await storedLinks();
    expect(links).toHaveLength(count);
    for (const link of links)
      expect(link).toMatchObject({
        aura: 'blue',
        agreed: { mood: invented.agreed },
        superoffice: { image: { mood: invented.image } },
      });
    const kept = await storedRecord();
    expect(mailboxRecord.valueOf(kept.key, kept.value)).toMatchObject({ aura: 'green' });
  });
});

describe('a record of a newer release', () => {
  it.each([
    ['the mailbox record', () => storedRecord(), 'mailboxes' as const, (bytes: Uint8Array) => bytes],
    [
      'a chunk of links',
      async () => (await chunks())[0],
      'links' as const,
      (bytes: Uint8Array) => deflateRawSync(bytes),
    ],
  ])('stops the engine and is left as it is: %s', async (_what, find, bucket, encode) => {
    await linkedByAFormerEngine();
    const stored = await find();
    if (stored === undefined) throw new Error('there is such a record');
    const newer = new Uint8Array(encode(new Uint8Array(Buffer.from(JSON.stringify({ v: 7, shape: 'unheard of' })))));
    await setup.world.bus.bucket(bucket).updateBytes(stored.key, newer, stored.revision);
    const engine = await setup.engine();
    const [item] = mailbox.exchange.all();
    mailbox.exchange.userChanges(item?.id ?? '', { title: 'Not carried over' });
    await until(() => engine.kit.gaveUp.length > 0, 'the engine to give up');
    expect(engine.kit.gaveUp[0]).toMatchObject({ error: { code: 'stored-record-newer', detail: stored.key } });
    expect(engine.kit.gaveUp[0]?.message).toMatch(/ is of version 7; this release reads up to 1\.$/);
    expect((await setup.world.bus.bucket(bucket).getBytes(stored.key))?.value).toEqual(newer);
  });
});

describe('a damaged record', () => {
  const spoilers: readonly (readonly [string, () => Promise<Stored>])[] = [
    [
      'the mailbox record',
      async () => {
        const record = await storedRecord();
        await setup.world.bus.bucket('mailboxes').updateBytes(record.key, noise(), record.revision);
        return record;
      },
    ],
    [
      'a chunk of links',
      async () => {
        const [chunk] = await chunks();
        if (chunk === undefined) throw new Error('there are links');
        await replaceChunk(chunk, noise());
        return chunk;
      },
    ],
  ];

  it.each(spoilers)('stops its mailbox alone, which says why and is rebuilt by command: %s', async (_what, spoil) => {
    await linkedByAFormerEngine();
    const whole = await spoil();
    const { key } = whole;
    const [items, before] = [mailbox.exchange.all().map(({ id }) => id), writes()];
    const engine = await setup.engine();
    // Of a link that can still be read: on one that is lost nothing is agreed, and its conflict rule would decide.
    const lost =
      key === mailbox.key ? [] : linkChunk.valueOf(key, whole.value).links.map(({ exchange }) => exchange.id);
    const changed = items.find((id) => !lost.includes(id));
    mailbox.exchange.userChanges(changed ?? '', { title: 'Waits' });
    await until(async () => (await setup.metric(engine.kit, 'damaged_mailboxes')) === 1, 'the mailbox to stop');
    expect(await setup.explain(engine)).toMatchObject({ damaged: { record: key, reason: expect.any(String) } });
    const [told] = (await setup.world.history(mailbox.key)).filter(({ decision }) => decision.startsWith('parked'));
    expect(told).toMatchObject({ decision: 'parked: stored-record-damaged', cause: { side: 'engine' } });

    const [, other] = setup.world.mailboxes;
    other?.exchange.userCreates(meeting('Another mailbox goes on'));
    await until(() => other?.superoffice.all().length === 1, 'the other mailbox');
    expect(writes()).toBe(before);

    expect((await setup.rebuild()).damaged).toBe(1);
    await until(() => mailbox.superoffice.all().some(({ content }) => content['title'] === 'Waits'), 'what waited');
    await setup.inStep(count);
    await setup.quiet(engine);
    await until(async () => (await setup.explain(engine)).links === count, 'all links');
    expect((await setup.explain(engine)).damaged).toBe(undefined);
    expect(await setup.metric(engine.kit, 'damaged_mailboxes')).toBe(0);
    expect(mailbox.exchange.all().map(({ id }) => id)).toEqual(items);
    const made = [...mailbox.exchange.writes, ...mailbox.superoffice.writes].slice(before);
    expect(made.filter(({ operation }) => operation === 'remove' || operation === 'create')).toEqual([]);
  });

  it.each(spoilers)('that is put back lets its mailbox go on by itself, with what waited: %s', async (_what, spoil) => {
    await linkedByAFormerEngine();
    const whole = await spoil();
    const engine = await setup.engine();
    const [first] = mailbox.exchange.all();
    mailbox.exchange.userChanges(first?.id ?? '', { title: 'Waits' });
    await until(async () => (await setup.metric(engine.kit, 'damaged_mailboxes')) === 1, 'the mailbox to stop');
    const bucket = setup.world.bus.bucket(whole.key === mailbox.key ? 'mailboxes' : 'links');
    const spoiled = await bucket.getBytes(whole.key);
    await bucket.updateBytes(whole.key, whole.value, spoiled?.revision ?? 0);
    await until(() => mailbox.superoffice.all().some(({ content }) => content['title'] === 'Waits'), 'what waited');
    await setup.inStep(count);
  });
});
