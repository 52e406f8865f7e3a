import {
  type AppointmentContent,
  defaultSyncSettings,
  type Item,
  type LinkId,
  type Side,
  type UserLink,
} from '@lockstep/contracts';
import { contentHash, groupHashes } from '@lockstep/items';
import { describe, expect, it } from 'vitest';
import type { Link } from '../state/link.ts';
import { stateOf } from './own-image.ts';
import { decidePair } from './pair.ts';
import { policyOf } from './policy.ts';

const now = '2026-11-22T12:00:00.000Z';
const policy = policyOf('appointment', defaultSyncSettings, { zone: 'Europe/Oslo', enabled: true } as UserLink, now);
const whole: AppointmentContent = {
  title: 'A title that SuperOffice cuts',
  time: { kind: 'timed', start: '2026-11-23T08:00:00.000Z', end: '2026-11-23T09:00:00.000Z' },
  location: 'Room 3',
  text: { format: 'plain', content: 'Draft' },
  busy: 'busy',
  privacy: 'normal',
};
const cut = { ...whole, title: 'A title that' };
const exchange = (changes: Partial<AppointmentContent> = {}, version = 'e1'): Item =>
  item('exchange', { ...whole, ...changes }, version);
const superoffice = (changes: Partial<AppointmentContent> = {}, version = 's1'): Item =>
  item('superoffice', { ...cut, ...changes }, version);
function item(side: Side, content: AppointmentContent, version: string): Item {
  return { kind: 'appointment', id: side, version, shape: 'single', content, modifiedAt: now };
}
/** SuperOffice was written, and what it made of that was read once. */
const written: Link = {
  ...{
    linkId: 'link' as LinkId,
    kind: 'appointment',
    createdAt: now,
    agreed: groupHashes({ kind: 'appointment', content: whole }),
    start: now,
    writes: [],
  },
  exchange: { id: 'exchange', version: 'e1', contentHash: contentHash({ kind: 'appointment', content: whole }) },
  superoffice: {
    id: 'superoffice',
    version: 's1',
    contentHash: contentHash({ kind: 'appointment', content: whole }),
    unconfirmed: true,
  },
};
const confirmed: Link = { ...written, superoffice: stateOf(superoffice(), written.superoffice, written.agreed) };

function decide(link: Link, left: Item, right: Item | undefined) {
  const seen = right === undefined ? ({ kind: 'gone' } as const) : ({ kind: 'found', item: right } as const);
  const situation = { link, policy, mayDelete: true, released: false, now };
  return decidePair({ ...situation, exchange: { kind: 'found', item: left }, superoffice: seen });
}

describe('what a side made of our write', () => {
  it('is recorded and not carried back, when it is read under the version that the write returned', () => {
    const decision = decide(written, exchange(), superoffice());
    expect(decision).toMatchObject({ kind: 'merge', writes: [], conflicts: [], link: { agreed: written.agreed } });
    expect(decision.kind === 'merge' && decision.link.superoffice).toEqual(confirmed.superoffice);
    expect(decide(confirmed, exchange(), superoffice())).toEqual({ kind: 'unchanged' });
  });

  it('is still no change when a person changes something else on that side', () => {
    const decision = decide(confirmed, exchange(), superoffice({ location: 'Room 4' }, 's2'));
    expect(decision).toMatchObject({ writes: [{ side: 'exchange', changes: { location: 'Room 4' } }], conflicts: [] });
    expect(decision.kind === 'merge' && Object.keys(decision.writes[0]?.changes ?? {})).toEqual(['location']);
    expect(decision.kind === 'merge' && decision.link.agreed.title).toBe(written.agreed.title);
  });

  it('is overwritten without a conflict when the other side changes that group', () => {
    const decision = decide(confirmed, exchange({ title: 'Short' }, 'e2'), superoffice());
    expect(decision).toMatchObject({ writes: [{ side: 'superoffice', changes: { title: 'Short' } }], conflicts: [] });
  });

  it('is a change as soon as a person changes that very group', () => {
    const decision = decide(confirmed, exchange(), superoffice({ title: 'By hand' }, 's2'));
    expect(decision).toMatchObject({ writes: [{ side: 'exchange', changes: { title: 'By hand' } }] });
    expect(decision.kind === 'merge' && decision.link.superoffice.image).toBe(undefined);
  });

  it('does not keep an item alive that was deleted on the other side', () => {
    const situation = { link: confirmed, policy, mayDelete: true, released: false, now };
    const decision = decidePair({
      ...situation,
      exchange: { kind: 'gone' },
      superoffice: { kind: 'found', item: superoffice() },
    });
    expect(decision).toMatchObject({ kind: 'delete', side: 'superoffice' });
  });
});
