// The stored state of a mailbox on a real server: chunks that split, owners that are refused, values that stay small.
import { connect } from '@lockstep/bus';
import { type NatsServerUnderTest, startNatsServer } from '@lockstep/bus/testing/nats-server';
import type { LinkId, MailboxKey } from '@lockstep/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Link, notAgreed } from '../src/state/link.ts';
import { MailboxState, type StateStore } from '../src/state/mailbox-state.ts';
import { NewerOwner, StateConflict } from '../src/state/state-error.ts';

const mailbox = 'aaaaaaaaaaaaaaaa' as MailboxKey;
const splitBytes = 700;
let server: NatsServerUnderTest;
let bus: Awaited<ReturnType<typeof connect>>;
let store: StateStore;
beforeEach(async () => {
  server = await startNatsServer();
  bus = await connect({ url: server.url, name: 'state' });
  await bus.ensure();
  store = { mailboxes: bus.bucket('mailboxes'), links: bus.bucket('links'), splitBytes };
});
afterEach(async () => {
  await bus.drain(1_000);
  await server.stop();
});

function link(index: number, title = 'a'): Link {
  const state = (side: string) => ({
    id: `${side}-${index}-${'x'.repeat(40)}`,
    version: `v${index}`,
    contentHash: `h${index}`,
  });
  return {
    ...{
      linkId: `link-${index}` as LinkId,
      kind: 'appointment',
      createdAt: '2026-11-22T12:00:00.000Z',
      start: '2026-11-23T12:00:00.000Z',
      writes: [],
    },
    ...{ exchange: state('exchange'), superoffice: state('superoffice'), agreed: { ...notAgreed, title } },
  };
}

describe('the links of a mailbox', () => {
  it('are all there after chunks were split, again and again, and no stored value is larger than its bound', async () => {
    const state = await MailboxState.takeOver(store, mailbox, 1);
    const count = 600;
    for (let index = 0; index < count; index++) await state.saveLink(link(index));
    for (let index = 0; index < count; index += 3) await state.saveLink(link(index, 'changed'));
    for (let index = 1; index < count; index += 3) await state.removeLink(`link-${index}` as LinkId);

    const next = await MailboxState.takeOver(store, mailbox, 2);
    expect(next.linkCount).toBe(400);
    expect(next.link('link-3' as LinkId)?.agreed.title).toBe('changed');
    expect(next.link('link-4' as LinkId)).toBe(undefined);
    expect(next.linkOf('superoffice', 'appointment', link(5).superoffice.id)?.linkId).toBe('link-5');
    const keys = await store.links.keys(`${mailbox}.>`);
    expect(keys.length).toBeGreaterThan(32);
    for (const key of keys) expect((await store.links.getBytes(key))?.value.byteLength).toBeLessThanOrEqual(splitBytes);
  });

  it('are not lost when a split broke off before its last write', async () => {
    let halves = 0;
    // The owner dies when one half is written.
    const createBytes: typeof store.links.createBytes = async (key, value) => {
      if (key.split('.').length > 2 && ++halves > 1) throw new Error('dead');
      return store.links.createBytes(key, value);
    };
    const state = await MailboxState.takeOver({ ...store, links: { ...store.links, createBytes } }, mailbox, 1);
    let stored = 0;
    while (halves === 0) {
      const saved = state.saveLink(link(stored));
      await saved.then(
        () => stored++,
        () => undefined,
      );
    }
    expect(halves).toBe(2);
    const next = await MailboxState.takeOver(store, mailbox, 2);
    expect(next.linkCount).toBe(stored);
    for (let index = stored; index < stored + 100; index++) await next.saveLink(link(index));
    expect((await MailboxState.takeOver(store, mailbox, 3)).linkCount).toBe(stored + 100);
  });
});

describe('an owner that was taken over from', () => {
  it('can begin nothing more, and cannot take the mailbox back with its old epoch', async () => {
    const former = await MailboxState.takeOver(store, mailbox, 1);
    const owner = await MailboxState.takeOver(store, mailbox, 2);
    await expect(former.saveRecord({ firstLoadDone: true })).rejects.toBeInstanceOf(StateConflict);
    await expect(MailboxState.takeOver(store, mailbox, 1)).rejects.toBeInstanceOf(NewerOwner);
    await owner.saveRecord({ firstLoadDone: true });
    expect(owner.record).toMatchObject({ epoch: 2, firstLoadDone: true });
  });

  it('makes the new owner read again where it still recorded what it did', async () => {
    const former = await MailboxState.takeOver(store, mailbox, 1);
    const owner = await MailboxState.takeOver(store, mailbox, 2);
    await former.saveLink(link(1));
    await expect(owner.saveLink(link(1, 'mine'))).rejects.toBeInstanceOf(StateConflict);
    expect((await MailboxState.takeOver(store, mailbox, 2)).link('link-1' as LinkId)?.agreed.title).toBe('a');
  });
});
