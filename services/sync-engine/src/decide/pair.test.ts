import {
  type AppointmentContent,
  codedError,
  defaultSyncSettings,
  type Item,
  type LinkId,
  type Side,
  type UserLink,
} from '@lockstep/contracts';
import { contentHash, groupHashes } from '@lockstep/items';
import { describe, expect, it } from 'vitest';
import { loopBreaker } from '../config.ts';
import type { Link } from '../state/link.ts';
import { decidePair, type Situation } from './pair.ts';
import { policyOf } from './policy.ts';
import type { Seen } from './seen.ts';

const now = '2026-11-22T12:00:00.000Z';
const user = { zone: 'Europe/Oslo', enabled: true } as UserLink;
const policy = policyOf('appointment', defaultSyncSettings, user, now);
const content: AppointmentContent = {
  title: 'Contract',
  time: { kind: 'timed', start: '2026-11-23T08:00:00.000Z', end: '2026-11-23T09:00:00.000Z' },
  location: 'Room 3',
  text: { format: 'plain', content: 'Draft' },
  busy: 'busy',
  privacy: 'normal',
};
const recorded = (side: Side) => ({
  id: `${side}-1`,
  version: 'v1',
  contentHash: contentHash({ kind: 'appointment', content }),
});
const link: Link = {
  linkId: 'link-1' as LinkId,
  kind: 'appointment',
  createdAt: now,
  exchange: recorded('exchange'),
  superoffice: recorded('superoffice'),
  agreed: groupHashes({ kind: 'appointment', content }),
  start: '2026-11-23T08:00:00.000Z',
  writes: [],
};

function item(side: Side, changes: Partial<AppointmentContent> = {}, more: Partial<Item> = {}): Item {
  const isSame = Object.keys(changes).length === 0;
  return {
    kind: 'appointment',
    id: `${side}-1`,
    version: isSame ? 'v1' : 'v2',
    shape: 'single',
    content: { ...content, ...changes },
    modifiedAt: now,
    ...more,
  };
}
const found = (side: Side, changes: Partial<AppointmentContent> = {}, more: Partial<Item> = {}): Seen => ({
  kind: 'found',
  item: item(side, changes, more),
});
const gone: Seen = { kind: 'gone' };

function decide(exchange: Seen, superoffice: Seen, more: Partial<Situation> = {}) {
  return decidePair({ link, exchange, superoffice, policy, mayDelete: true, released: false, now, ...more });
}

describe('the decision about a linked pair', () => {
  it('is that nothing happened when both versions and contents are those recorded', () => {
    expect(decide(found('exchange'), found('superoffice'))).toEqual({ kind: 'unchanged' });
  });

  it('records a version that moved without a change, and writes nothing', () => {
    const decision = decide(found('exchange', {}, { version: 'v7' }), found('superoffice'));
    expect(decision).toMatchObject({ kind: 'merge', writes: [], link: { exchange: { version: 'v7' } } });
  });

  it('looks at the content when the version is the recorded one but what it says is not', () => {
    const decision = decide(found('exchange', { title: 'Other' }, { version: 'v1' }), found('superoffice'));
    expect(decision).toMatchObject({ kind: 'merge', writes: [{ side: 'superoffice', groups: ['title'] }] });
  });

  it('writes what one side changed to the other, under the version that was read', () => {
    const decision = decide(found('exchange', { title: 'New' }), found('superoffice'));
    expect(decision).toMatchObject({
      kind: 'merge',
      rule: 'changed/same',
      writes: [{ side: 'superoffice', id: 'superoffice-1', version: 'v1', changes: { title: 'New' } }],
      conflicts: [],
    });
  });

  it('writes both ways when the sides changed different groups', () => {
    const decision = decide(found('exchange', { title: 'New' }), found('superoffice', { location: 'Room 4' }));
    expect(decision).toMatchObject({
      rule: 'changed/changed, other groups',
      writes: [
        { side: 'exchange', changes: { location: 'Room 4' } },
        { side: 'superoffice', changes: { title: 'New' } },
      ],
    });
  });

  it('records equal changes of both sides', () => {
    const decision = decide(found('exchange', { title: 'Same' }), found('superoffice', { title: 'Same' }));
    expect(decision).toMatchObject({ kind: 'merge', rule: 'equal, recorded', writes: [] });
  });

  it('reports the value that loses a conflict', () => {
    const decision = decide(
      found('exchange', { title: 'Theirs' }, { modifiedAt: '2026-11-22T11:00:00.000Z' }),
      found('superoffice', { title: 'Ours' }, { modifiedAt: '2026-11-22T11:30:00.000Z' }),
    );
    expect(decision).toMatchObject({
      rule: 'changed/changed, different',
      writes: [{ side: 'exchange', changes: { title: 'Ours' } }],
      conflicts: [{ group: 'title', rule: 'newer', winner: 'superoffice', lost: 'Theirs' }],
    });
  });

  it('deletes the unchanged item of the other side, under its version, once the delete is proved', () => {
    expect(decide(gone, found('superoffice'))).toMatchObject({
      kind: 'delete',
      rule: 'deleted/same',
      side: 'superoffice',
      id: 'superoffice-1',
      version: 'v1',
    });
  });

  it('makes the vanished item anew when the other side changed', () => {
    const decision = decide(found('exchange', { title: 'Still needed' }), gone);
    expect(decision).toMatchObject({ kind: 'recreate', side: 'superoffice', rule: 'deleted/changed' });
  });

  it('forgets the link when both are gone', () => {
    expect(decide(gone, gone)).toEqual({ kind: 'forget', rule: 'deleted/deleted' });
  });

  it.each([
    [{ kind: 'missing' } as Seen, 'prove'],
    [{ kind: 'suspected' } as Seen, 'suspect'],
    [{ kind: 'failed', error: codedError('exchange-timeout') } as Seen, 'failed'],
  ])('deletes nothing while the other side is only %o', (seen, kind) => {
    expect(decide(seen, found('superoffice')).kind).toBe(kind);
    expect(decide(seen, gone).kind).toBe(kind);
  });

  it('holds a delete that the brake does not allow, until an administrator lets it go', () => {
    expect(decide(gone, found('superoffice'), { mayDelete: false })).toMatchObject({ kind: 'hold', side: 'exchange' });
    const held = { ...link, held: { side: 'exchange' as const, since: now } };
    expect(decide(gone, found('superoffice'), { link: held }).kind).toBe('hold');
    expect(decide(gone, found('superoffice'), { link: held, released: true }).kind).toBe('delete');
  });

  it('parks what is not a single appointment', () => {
    const decision = decide(found('exchange', { title: 'New' }, { shape: 'series' }), found('superoffice'));
    expect(decision).toMatchObject({ kind: 'park', reason: 'shape-series' });
  });

  it('takes a parked link up again when it can be synchronized', () => {
    const parked = { ...link, parked: { reason: 'shape-series', since: now } };
    const decision = decide(found('exchange', { title: 'New' }), found('superoffice'), { link: parked });
    expect(decision).toMatchObject({ kind: 'merge', writes: [{ side: 'superoffice' }] });
    expect(decision.kind === 'merge' && decision.link.parked).toBe(undefined);
  });

  it('treats a cut text as unchanged, so that it can neither be written nor keep an item alive', () => {
    const cut = { text: { format: 'plain' as const, content: 'Dra', truncated: true } };
    expect(decide(found('exchange', cut), found('superoffice'))).toMatchObject({ kind: 'merge', writes: [] });
    expect(decide(found('exchange', cut), gone).kind).toBe('delete');
  });
});

describe('with one direction only', () => {
  const oneWay = policyOf('appointment', { ...defaultSyncSettings, appointments: 'to-superoffice' }, user, now);

  it('never writes to, deletes from or creates on the other side', () => {
    expect(decide(found('exchange'), found('superoffice', { title: 'Mine' }), { policy: oneWay })).toMatchObject({
      writes: [],
    });
    expect(decide(found('exchange'), gone, { policy: oneWay })).toMatchObject({ kind: 'park', reason: 'direction' });
    expect(decide(gone, found('superoffice', { title: 'Mine' }), { policy: oneWay })).toMatchObject({ kind: 'park' });
  });

  it('does not agree on what it may not write', () => {
    const decision = decide(found('exchange'), found('superoffice', { title: 'Mine' }), { policy: oneWay });
    expect(decision).toMatchObject({ link: { agreed: { title: link.agreed.title } } });
  });

  it('lets the source win every conflict', () => {
    const decision = decide(
      found('exchange', { title: 'Source' }),
      found('superoffice', { title: 'Mine' }, { modifiedAt: '2026-11-22T12:59:00.000Z' }),
      { policy: oneWay },
    );
    expect(decision).toMatchObject({ writes: [{ side: 'superoffice', changes: { title: 'Source' } }] });
  });
});

describe('the loop breaker', () => {
  const toAndFro = Array.from({ length: loopBreaker.maxAlternatingWrites }, (_, index) => ({
    side: index % 2 === 0 ? ('exchange' as const) : ('superoffice' as const),
    at: '2026-11-22T11:59:00.000Z',
  }));
  const looping = { ...link, writes: toAndFro };

  it('parks a link instead of the fifth write to and fro', () => {
    const decision = decide(found('exchange'), found('superoffice', { title: 'Again' }), { link: looping });
    expect(decision).toMatchObject({ kind: 'park', reason: 'loop' });
  });

  it('goes on when a person made the change', () => {
    const edited = found('superoffice', { title: 'Again' }, { modifiedByUs: false });
    expect(decide(found('exchange'), edited, { link: looping })).toMatchObject({
      kind: 'merge',
      link: { writes: [{}] },
    });
  });

  it('goes on when the writes are older than ten minutes', () => {
    const old = { ...link, writes: toAndFro.map((write) => ({ ...write, at: '2026-11-22T11:49:00.000Z' })) };
    expect(decide(found('exchange'), found('superoffice', { title: 'Again' }), { link: old }).kind).toBe('merge');
  });

  it('keeps a looping link parked until ten minutes have passed or a person changes it', () => {
    const parked = { ...looping, parked: { reason: 'loop', since: '2026-11-22T11:55:00.000Z' } };
    const again = found('superoffice', { title: 'Again' });
    expect(decide(found('exchange'), again, { link: parked }).kind).toBe('park');
    expect(decide(found('exchange'), again, { link: parked, now: '2026-11-22T12:06:00.000Z' }).kind).toBe('merge');
    const edited = found('superoffice', { title: 'Again' }, { modifiedByUs: false });
    expect(decide(found('exchange'), edited, { link: parked }).kind).toBe('merge');
  });
});
