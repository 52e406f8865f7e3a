import type { AppointmentContent, ConflictRule, FieldGroup } from '@lockstep/contracts';
import { defaultSyncSettings, fieldGroups } from '@lockstep/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commonForm, contentHash, counterpart, groupHashes } from './common-form.ts';
import { type MergePlan, type MergeRules, merge, type SideNow } from './merge.ts';

const rules: MergeRules = { conflictRules: defaultSyncSettings.conflictRules, zone: 'Europe/Oslo' };
const base: AppointmentContent = {
  title: 'Contract review',
  time: { kind: 'timed', start: '2026-11-12T08:00:00.000Z', end: '2026-11-12T09:00:00.000Z', zone: 'America/New_York' },
  location: 'Room 3',
  text: { format: 'plain', content: 'Bring the draft' },
  busy: 'out-of-office',
  privacy: 'normal',
};
const agreed = groupHashes(base);
const now = (changes: Partial<AppointmentContent> = {}, modifiedAt?: string): SideNow => ({
  content: { ...base, ...changes },
  modifiedAt,
});
const later = '2026-11-01T10:00:06.000Z';
const earlier = '2026-11-01T10:00:00.000Z';

const short = fc.string({ unit: fc.constantFrom('a', 'ø', '🙂', '&', '<', ' ', '\n', 'é'), maxLength: 8 });
const instants = fc
  .integer({ min: 0, max: 1_000_000 })
  .map((second) => new Date(1_790_000_000_000 + second * 1000).toISOString());
const contents: fc.Arbitrary<AppointmentContent> = fc.record({
  title: short,
  location: short,
  time: fc.oneof(
    fc.record({ kind: fc.constant('timed' as const), start: instants, end: instants }),
    fc.record({
      kind: fc.constant('all-day' as const),
      firstDate: fc.constantFrom('2026-11-12', '2026-11-13'),
      lastDate: fc.constantFrom('2026-11-14', '2026-11-15'),
    }),
  ),
  text: fc.oneof(
    fc.record({ format: fc.constant('plain' as const), content: short }),
    fc.record({
      format: fc.constant('html' as const),
      content: short.map((text) => `<p>${text.replace(/[<&]/g, '')}</p>`),
    }),
  ),
  busy: fc.constantFrom('free', 'tentative', 'busy', 'out-of-office', 'elsewhere', 'NoData'),
  privacy: fc.constantFrom('normal', 'personal', 'private', 'confidential'),
});
const ruleSets: fc.Arbitrary<MergeRules> = fc
  .record(
    Object.fromEntries(
      fieldGroups.map((group) => [group, fc.constantFrom<ConflictRule>('newer', 'exchange', 'superoffice')]),
    ) as Record<FieldGroup, fc.Arbitrary<ConflictRule>>,
  )
  .map((conflictRules) => ({ conflictRules, zone: 'Europe/Oslo' }));

interface Pair {
  readonly exchange: AppointmentContent;
  readonly superoffice: AppointmentContent;
}

function applied(plan: MergePlan, pair: Pair): Pair {
  return {
    exchange: { ...pair.exchange, ...plan.toExchange },
    superoffice: { ...pair.superoffice, ...plan.toSuperOffice },
  };
}

/** The property that a merge must have; the broken variants below must not. */
function converges(mergeWith: typeof merge): void {
  fc.assert(
    fc.property(contents, contents, contents, ruleSets, (before, exchange, superoffice, someRules) => {
      const plan = mergeWith(groupHashes(before), { content: exchange }, { content: superoffice }, someRules);
      const after = applied(plan, { exchange, superoffice });
      expect(groupHashes(after.exchange)).toEqual(groupHashes(after.superoffice));
      expect(groupHashes(after.exchange)).toEqual(plan.agreed);
      const second = mergeWith(plan.agreed, { content: after.exchange }, { content: after.superoffice }, someRules);
      expect(second.toExchange).toBeUndefined();
      expect(second.toSuperOffice).toBeUndefined();
      for (const group of fieldGroups) {
        const values = [exchange, superoffice].map((content) => JSON.stringify(commonForm(content, group)));
        const kept = JSON.stringify(commonForm(after.exchange, group));
        const changed = values.filter((value) => value !== JSON.stringify(commonForm(before, group)));
        const lost = plan.conflicts
          .filter((conflict) => conflict.group === group)
          .map((conflict) => JSON.stringify(conflict.lost));
        for (const value of changed) expect([kept, ...lost]).toContain(value);
      }
    }),
    { numRuns: 500 },
  );
}

describe('merge', () => {
  it('writes nothing when nothing changed', () => {
    const plan = merge(
      agreed,
      now(),
      now({ time: { ...base.time, zone: undefined } as AppointmentContent['time'] }),
      rules,
    );
    expect(plan).toMatchObject({ toExchange: undefined, toSuperOffice: undefined, conflicts: [] });
  });

  it('keeps both changes when the two sides changed different groups', () => {
    const plan = merge(agreed, now({ title: 'New title' }), now({ location: 'Room 4' }), rules);
    expect(plan.toSuperOffice).toEqual({ title: 'New title' });
    expect(plan.toExchange).toEqual({ location: 'Room 4' });
    expect(plan.conflicts).toEqual([]);
  });

  it('lets the newer side win a conflict and reports what lost', () => {
    const plan = merge(agreed, now({ title: 'Theirs' }, later), now({ title: 'Ours' }, earlier), rules);
    expect(plan.toSuperOffice).toEqual({ title: 'Theirs' });
    expect(plan.toExchange).toBeUndefined();
    expect(plan.conflicts).toEqual([{ group: 'title', rule: 'newer', winner: 'exchange', lost: 'Ours' }]);
  });

  it('lets SuperOffice win when both changed within five seconds', () => {
    const plan = merge(
      agreed,
      now({ title: 'Theirs' }, '2026-11-01T10:00:05.000Z'),
      now({ title: 'Ours' }, earlier),
      rules,
    );
    expect(plan.toExchange).toEqual({ title: 'Ours' });
  });

  it('records equal changes without writing', () => {
    const plan = merge(agreed, now({ title: 'Same' }), now({ title: ' Same ' }), rules);
    expect(plan).toMatchObject({ toExchange: undefined, toSuperOffice: undefined, conflicts: [] });
    expect(plan.agreed.title).not.toBe(agreed.title);
  });

  it('leaves out of office alone when SuperOffice only says not free', () => {
    const plan = merge(agreed, now(), now({ busy: 'busy', title: 'New' }), rules);
    expect(plan.toExchange).toEqual({ title: 'New' });
  });

  it('moves an appointment in Exchange without changing its zone', () => {
    const moved = { kind: 'timed' as const, start: '2026-11-12T10:00:00.000Z', end: '2026-11-12T11:00:00.000Z' };
    const plan = merge(agreed, now(), now({ time: moved }), rules);
    expect(plan.toExchange).toEqual({ time: { ...moved, zone: 'America/New_York' } });
  });

  it('never writes a truncated text over the original', () => {
    const plan = merge(
      agreed,
      now({ text: { format: 'html', content: '<p>half', truncated: true } }, later),
      now(),
      rules,
    );
    expect(plan.toSuperOffice).toBeUndefined();
    expect(plan.skipped).toEqual(['text']);
    expect(plan.agreed.text).toBe(agreed.text);
  });

  it('converges, is quiet afterwards, and loses no change', () => converges(merge));

  it('is caught by that property when it forgets to report what lost', () => {
    expect(() => converges((...given) => ({ ...merge(...given), conflicts: [] }))).toThrow();
  });

  it('is caught by that property when it writes only one way', () => {
    expect(() => converges((...given) => ({ ...merge(...given), toExchange: undefined }))).toThrow();
  });
});

describe('the common form', () => {
  it('is the same after a trip to the other side', () => {
    fc.assert(
      fc.property(contents, (content) => {
        expect(groupHashes(counterpart(content, 'Europe/Oslo'))).toEqual(groupHashes(content));
      }),
    );
  });

  it('sees the same text in HTML and in plain text', () => {
    const html = '<html><body><p>Ærø &amp; &lt;b&gt; 🙂</p>\r\n<p>Second<br>line</p></body></html>';
    const plain = 'Ærø & <b> 🙂\nSecond\nline';
    const hash = (format: 'html' | 'plain', content: string) =>
      groupHashes({ ...base, text: { format, content } }).text;
    expect(hash('html', html)).toBe(hash('plain', plain));
  });

  it('tells own writes by everything that was written', () => {
    expect(contentHash(base)).toBe(contentHash({ ...base }));
    expect(contentHash(base)).not.toBe(contentHash({ ...base, busy: 'busy' }));
  });
});
