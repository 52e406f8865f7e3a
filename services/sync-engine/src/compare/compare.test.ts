import type { ItemRow, LinkId, MailboxKey, Side } from '@lockstep/contracts';
import { groupHashes } from '@lockstep/items';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairEqual } from '../decide/equal-items.ts';
import type { Link } from '../state/link.ts';
import { type Listings, planSegment } from './plan-segment.ts';
import { segmentsOf } from './segments.ts';

const mailbox = 'aaaaaaaaaaaaaaaa' as MailboxKey;
const formerKey = 'bbbbbbbbbbbbbbbb' as MailboxKey;
const instant = (day: number) => new Date(Date.parse('2026-11-22T12:00:00.000Z') + day * 86_400_000).toISOString();

describe('the parts of the window', () => {
  it('cover it without gap or overlap, nearest first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 400 }), (back, forward) => {
        const segments = segmentsOf({ from: instant(-back), to: instant(forward) }, instant(0));
        const sorted = [...segments].sort((a, b) => (a.from < b.from ? -1 : 1));
        expect(sorted[0]?.from).toBe(instant(-back));
        expect(sorted.at(-1)?.to).toBe(instant(forward));
        for (const [index, { to }] of sorted.entries())
          if (index + 1 < sorted.length) expect(sorted[index + 1]?.from).toBe(to);
        expect(segments[0]?.from).toBe(instant(0));
      }),
    );
  });
});

const agreed = groupHashes({
  kind: 'appointment',
  content: {
    title: '',
    time: { kind: 'timed', start: instant(1), end: instant(1) },
    location: '',
    text: { format: 'plain', content: '' },
    busy: 'busy',
    privacy: 'normal',
  },
});
const link = (name: string, changes: Partial<Link> = {}): Link => ({
  linkId: name as LinkId,
  kind: 'appointment',
  createdAt: instant(0),
  exchange: { id: `e-${name}`, version: 'v1', contentHash: 'h' },
  superoffice: { id: `s-${name}`, version: 'v1', contentHash: 'h' },
  agreed,
  start: instant(1),
  writes: [],
  ...changes,
});
const row = (id: string, changes: Partial<ItemRow> = {}): ItemRow => ({
  id,
  version: 'v1',
  shape: 'single',
  start: instant(1),
  ...changes,
});

function plan(
  links: readonly Link[],
  exchange: readonly ItemRow[],
  superoffice: readonly ItemRow[],
  more: Partial<Listings> = {},
) {
  const linkOf = (side: Side, id: string) => links.find((one) => one[side].id === id);
  return planSegment({
    part: { kind: 'appointment', segment: { from: instant(0), to: instant(7) } },
    ...{ exchange, superoffice, linkOf, links, mailbox, thorough: false },
    isLinked: (linkId) => links.some((one) => one.linkId === linkId),
    ...more,
  });
}

describe('a part of a full compare', () => {
  it('leaves a pair alone that both listings show as it is recorded, unless it is to be thorough', () => {
    expect(plan([link('a')], [row('e-a')], [row('s-a')]).items).toEqual([]);
    expect(plan([link('a')], [row('e-a')], [row('s-a')], { thorough: true }).items).toEqual([
      { kind: 'pair', linkId: 'a' },
    ]);
  });

  it.each([
    ['another version is listed', [row('e-a', { version: 'v2' })], [row('s-a')]],
    ['one listing does not show it', [row('e-a')], []],
    ['neither listing shows it', [], []],
  ])('looks at a pair when %s', (_, exchange, superoffice) => {
    expect(plan([link('a')], exchange, superoffice).items).toEqual([{ kind: 'pair', linkId: 'a' }]);
  });

  it('does not miss a link that begins in another part of the window', () => {
    expect(plan([link('a', { start: instant(30) })], [], []).items).toEqual([]);
  });

  it('takes up every item without a link, and parks what it cannot synchronize', () => {
    expect(plan([], [row('e-1')], [row('s-2', { shape: 'series', start: instant(5) })])).toEqual({
      items: [
        { kind: 'newcomer', side: 'exchange', id: 'e-1' },
        { kind: 'park', side: 'superoffice', id: 's-2', version: 'v1', reason: 'shape-series' },
      ],
      stamped: [],
      candidates: { exchange: [], superoffice: [] },
    });
  });

  it('takes items at about the same time for possibly the same, unless their stamp names a link that we know', () => {
    const exchange = [
      row('e-1'),
      row('e-2', { start: instant(3) }),
      row('e-3', { stamp: { linkId: 'x' as LinkId, mailbox } }),
      row('e-4', { stamp: { linkId: 'lost' as LinkId, mailbox } }),
    ];
    const { candidates } = plan([link('x')], exchange, [row('s-1', { start: instant(1.2) })]);
    expect(candidates).toEqual({ exchange: ['e-1', 'e-4'], superoffice: ['s-1'] });
  });

  it('takes what bears one unknown link id on both sides for a pair, rather the items of this mailbox than copies', () => {
    const bearing = (linkId: string, key = mailbox) => ({ stamp: { linkId: linkId as LinkId, mailbox: key } });
    const exchange = [
      row('e-1', bearing('lost', formerKey)),
      row('e-2', bearing('lost')),
      row('e-3', bearing('x')),
      row('e-4', bearing('alone')),
    ];
    const superoffice = [row('s-1', { ...bearing('lost', formerKey), start: instant(9) }), row('s-2', bearing('x'))];
    const { stamped, candidates } = plan([link('x')], exchange, superoffice);
    expect(stamped).toEqual([{ linkId: 'lost', exchange: 'e-2', superoffice: 's-1' }]);
    expect(candidates).toEqual({ exchange: [], superoffice: [] });
  });
});

describe('equal items', () => {
  it('are paired one to one and in the same way each time', () => {
    const exchange = [
      { id: 'e2', key: 'k' },
      { id: 'e1', key: 'k' },
      { id: 'e3', key: 'other' },
    ];
    const superoffice = [
      { id: 's9', key: 'k' },
      { id: 's1', key: 'k' },
      { id: 's5', key: 'k' },
    ];
    expect(pairEqual(exchange, superoffice)).toEqual([
      { exchange: 'e1', superoffice: 's1' },
      { exchange: 'e2', superoffice: 's5' },
    ]);
  });
});
