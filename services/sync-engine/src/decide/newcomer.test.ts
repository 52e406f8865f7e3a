import {
  type AppointmentContent,
  defaultSyncSettings,
  type Item,
  type LinkId,
  type MailboxKey,
  type UserLink,
} from '@lockstep/contracts';
import { groupHashes } from '@lockstep/items';
import { describe, expect, it } from 'vitest';
import type { Link } from '../state/link.ts';
import type { Intent } from '../state/mailbox-record.ts';
import { decideNewcomer, type Newcomer } from './newcomer.ts';
import { policyOf } from './policy.ts';

const now = '2026-11-22T12:00:00.000Z';
const mailbox = 'aaaaaaaaaaaaaaaa' as MailboxKey;
const user = { zone: 'Europe/Oslo', enabled: true } as UserLink;
const content: AppointmentContent = {
  title: 'Contract',
  time: { kind: 'timed', start: '2026-11-23T08:00:00.000Z', end: '2026-11-23T09:00:00.000Z' },
  location: '',
  text: { format: 'plain', content: '' },
  busy: 'busy',
  privacy: 'normal',
};
const item: Item = {
  kind: 'appointment',
  id: 'new',
  version: 'v1',
  shape: 'single',
  content,
  createdAt: '2026-11-22T11:59:50.000Z',
};
const stamp = { linkId: 'link-1' as LinkId, mailbox };
const agreed = groupHashes({ kind: 'appointment', content });
const start = '2026-11-23T08:00:00.000Z';
const state = (id: string) => ({ id, version: 'v', contentHash: 'h' });
const link: Link = {
  ...{ linkId: 'link-1' as LinkId, kind: 'appointment', createdAt: now, agreed, start, writes: [] },
  ...{ exchange: state('old'), superoffice: state('7') },
};
const intent: Intent = {
  ...{
    linkId: 'link-1' as LinkId,
    target: 'exchange',
    source: { side: 'superoffice', id: '7' },
    agreed,
    start,
    owner: 'test',
  },
  ...{ at: '2026-11-22T11:59:45.000Z', settleAfter: '2026-11-22T12:00:30.000Z' },
};
const open = { settled: false, create: intent, until: intent.settleAfter };
const settled = { settled: true, create: intent, until: '2026-11-22T12:05:00.000Z' };

function decide(changes: Partial<Newcomer> = {}) {
  return decideNewcomer({
    ...{ side: 'exchange', item, mailbox, policy: policyOf('appointment', defaultSyncSettings, user, now), now },
    ...{ openCreates: [], stamped: undefined, linkedItem: undefined, counterpart: undefined },
    registeredByUs: undefined,
    ...changes,
  });
}
const stamped = { ...item, stamp };

describe('an item without a link', () => {
  it('gets a counterpart under a new link', () => {
    expect(decide()).toEqual({ kind: 'create', linkId: undefined, rule: 'new' });
  });

  it('gets one as well when its stamp came from another mailbox, and nothing else here bears it', () => {
    const foreign = { ...item, stamp: { ...stamp, mailbox: 'bbbbbbbbbbbbbbbb' } };
    expect(decide({ item: foreign })).toEqual({ kind: 'ask-counterpart', linkId: 'link-1' });
    const counterpart = { kind: 'none' as const };
    expect(decide({ item: foreign, counterpart })).toEqual({ kind: 'create', linkId: undefined, rule: 'new' });
  });

  it.each(['series', 'occurrence', 'meeting', 'other'] as const)('is parked when it is a %s', (shape) => {
    expect(decide({ item: { ...item, shape } })).toEqual({ kind: 'park', reason: `shape-${shape}` });
  });

  it('is left alone outside the window and where the direction forbids it', () => {
    const past = { kind: 'timed' as const, start: '2025-01-01T08:00:00.000Z', end: '2025-01-01T09:00:00.000Z' };
    expect(decide({ item: { ...item, content: { ...content, time: past } } })).toEqual({
      kind: 'leave',
      reason: 'window',
    });
    const toExchange = policyOf('appointment', { ...defaultSyncSettings, appointments: 'to-exchange' }, user, now);
    expect(decide({ policy: toExchange })).toEqual({ kind: 'leave', reason: 'direction' });
  });

  it('waits when it may be the row of our own create that is not stamped yet', () => {
    expect(decide({ openCreates: [open] })).toEqual({ kind: 'wait', until: intent.settleAfter });
  });

  it('waits as well when it is such a row and a person edited it: only its side knows who registered it', () => {
    const edited = { ...item, modifiedByUs: false, content: { ...content, title: 'Edited' } };
    const given = { openCreates: [open], item: edited };
    expect(decide(given)).toEqual({ kind: 'ask-registered', since: '2026-11-22T11:58:45.000Z' });
    expect(decide({ ...given, registeredByUs: true })).toEqual({ kind: 'wait', until: intent.settleAfter });
    expect(decide({ ...given, registeredByUs: false }).kind).toBe('create');
  });

  it('is left alone while its own counterpart is being made', () => {
    const source = {
      ...open,
      create: { ...intent, target: 'superoffice' as const, source: { side: 'exchange' as const, id: 'new' } },
    };
    expect(decide({ openCreates: [source] })).toEqual({ kind: 'leave', reason: 'being created' });
  });
});

describe('an item with the stamp of a link that we know', () => {
  it('is looked at only after the linked item was asked for', () => {
    expect(decide({ item: stamped, stamped: link })).toEqual({ kind: 'ask-linked-item', link });
  });

  it('is a copy when the linked item still exists: it gets a link of its own', () => {
    const linkedItem = { kind: 'found' as const, item };
    expect(decide({ item: stamped, stamped: link, linkedItem })).toEqual({
      kind: 'create',
      linkId: undefined,
      rule: 'copy',
    });
  });

  it('takes the link over when the linked item is no more', () => {
    expect(decide({ item: stamped, stamped: link, linkedItem: { kind: 'missing' } })).toEqual({
      kind: 'take-over',
      link,
    });
  });

  it('is removed as a late twin only while our create is open to doubt, and only when nobody changed it', () => {
    const given = { stamped: link, linkedItem: { kind: 'found' as const, item } };
    expect(decide({ ...given, item: stamped, openCreates: [settled] }).kind).toBe('remove-twin');
    const touched = { ...stamped, content: { ...content, title: 'Mine now' } };
    expect(decide({ ...given, item: touched, openCreates: [settled] }).kind).toBe('create');
    const copiedLater = { ...stamped, createdAt: '2026-11-22T12:04:00.000Z' };
    expect(decide({ ...given, item: copiedLater, openCreates: [settled] }).kind).toBe('create');
    expect(decide({ ...given, item: { ...stamped, modifiedByUs: false }, openCreates: [settled] }).kind).toBe('create');
  });

  it('is adopted when it is what an open create made anew', () => {
    const anew = { ...open, create: { ...intent, replaces: 'old' } };
    expect(decide({ item: stamped, stamped: link, openCreates: [anew] })).toEqual({
      kind: 'adopt',
      create: anew.create,
    });
  });
});

describe('an item with the stamp of a link that we do not know', () => {
  it('is adopted when an open create was to make it', () => {
    expect(decide({ item: stamped, openCreates: [open] })).toEqual({ kind: 'adopt', create: intent });
  });

  it('is linked with the item of the other side that bears the same stamp', () => {
    expect(decide({ item: stamped })).toEqual({ kind: 'ask-counterpart', linkId: 'link-1' });
    const counterpart = { kind: 'found' as const, id: '7' };
    expect(decide({ item: stamped, counterpart })).toEqual({ kind: 'rebuild', linkId: 'link-1', counterpartId: '7' });
  });

  it('keeps its stamp when there is none', () => {
    expect(decide({ item: stamped, counterpart: { kind: 'none' } })).toEqual({
      kind: 'create',
      linkId: 'link-1',
      rule: 'new',
    });
  });
});
