import {
  type AppointmentContent,
  type ConflictRule,
  type ItemKind,
  itemKinds,
  type TaskContent,
} from '@lockstep/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentHash, counterpart, groupHashes, groupsOf, kindOf, type Said } from './kinds.ts';
import { type MergePlan, type MergeRules, merge as mergeOf, type SideNow } from './merge.ts';

const rules: MergeRules = { ruleOf: () => 'newer', zone: 'Europe/Oslo' };
const base: AppointmentContent = {
  title: 'Contract review',
  time: { kind: 'timed', start: '2026-11-12T08:00:00.000Z', end: '2026-11-12T09:00:00.000Z', zone: 'America/New_York' },
  location: 'Room 3',
  text: { format: 'plain', content: 'Bring the draft' },
  busy: 'out-of-office',
  privacy: 'normal',
};
const merge = (...given: Parameters<typeof mergeOf> extends [ItemKind, ...infer R] ? R : never) =>
  mergeOf('appointment', ...given);
const appointment = (content: AppointmentContent): Said => ({ kind: 'appointment', content });
const agreed = groupHashes(appointment(base));
/** What release 0.1.0 made of `base`. */
const firstRelease = {
  groups: {
    title: '34Dt6VUMhjw',
    time: 'Gh3dXaqRa2Y',
    text: 'g1MTl2Vfa1E',
    place: 'g6o__0uoU4s',
    busy: '0OuiUUCdX5o',
    privacy: 'gvuxaeeYMkg',
  },
  content: '07M8YI259fI',
};
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
const texts = fc.oneof(
  fc.record({ format: fc.constant('plain' as const), content: short }),
  fc.record({
    format: fc.constant('html' as const),
    content: short.map((text) => `<p>${text.replace(/[<&]/g, '')}</p>`),
  }),
);
const dates = fc.option(fc.constantFrom('2026-11-12', '2026-11-13', '2026-11-14'), { nil: null });
const appointments: fc.Arbitrary<AppointmentContent> = fc.record({
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
  text: texts,
  busy: fc.constantFrom('free', 'tentative', 'busy', 'out-of-office', 'elsewhere', 'NoData'),
  privacy: fc.constantFrom('normal', 'personal', 'private', 'confidential'),
});
const tasks: fc.Arbitrary<TaskContent> = fc.record({
  title: short,
  startDate: dates,
  dueDate: dates,
  status: fc.constantFrom('not-started', 'in-progress', 'completed', 'waiting', 'deferred', 'Later'),
  priority: fc.constantFrom('low', 'normal', 'high', 'Urgent'),
  text: texts,
  privacy: fc.constantFrom('normal', 'personal', 'private', 'confidential'),
});
/** Three contents of one kind: what was agreed, and what each side says now. */
const threeOf = (kind: ItemKind, contents: fc.Arbitrary<Said['content']>) =>
  fc.tuple(contents, contents, contents).map((three) => ({ kind, three }));
const pairs = fc.oneof(threeOf('appointment', appointments), threeOf('task', tasks));
const someRules: fc.Arbitrary<MergeRules> = fc
  .func(fc.constantFrom<ConflictRule>('newer', 'exchange', 'superoffice'))
  .map((ruleOf) => ({ ruleOf: (group: string) => ruleOf(group), zone: 'Europe/Oslo' }));

interface Pair {
  readonly exchange: Said['content'];
  readonly superoffice: Said['content'];
}

function applied(plan: MergePlan, pair: Pair): Pair {
  return {
    exchange: { ...pair.exchange, ...plan.toExchange },
    superoffice: { ...pair.superoffice, ...plan.toSuperOffice },
  };
}

/** The property that a merge must have, for every kind; the broken variants below must not. */
function converges(mergeWith: typeof mergeOf): void {
  fc.assert(
    fc.property(pairs, someRules, ({ kind, three: [before, exchange, superoffice] }, chosen) => {
      const hashes = (content: Said['content']) => groupHashes({ kind, content });
      const plan = mergeWith(kind, hashes(before), { content: exchange }, { content: superoffice }, chosen);
      const after = applied(plan, { exchange, superoffice });
      expect(hashes(after.exchange)).toEqual(hashes(after.superoffice));
      expect(hashes(after.exchange)).toEqual(plan.agreed);
      const second = mergeWith(kind, plan.agreed, { content: after.exchange }, { content: after.superoffice }, chosen);
      expect(second.toExchange).toBeUndefined();
      expect(second.toSuperOffice).toBeUndefined();
      for (const group of groupsOf(kind)) {
        const said = [exchange, superoffice].map((content) => hashes(content)[group]);
        const isConflict = new Set([hashes(before)[group], ...said]).size === 3;
        expect(plan.conflicts.some((conflict) => conflict.group === group)).toBe(isConflict);
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

  it('converges, is quiet afterwards, and loses no change', () => converges(mergeOf));

  it('is caught by that property when it forgets to report what lost', () => {
    expect(() => converges((...given) => ({ ...mergeOf(...given), conflicts: [] }))).toThrow();
  });

  it('is caught by that property when it writes only one way', () => {
    expect(() => converges((...given) => ({ ...mergeOf(...given), toExchange: undefined }))).toThrow();
  });
});

describe('a link of another release', () => {
  const { title: _new, ...older } = agreed;

  it('settles a group that it does not name without a conflict when both sides are equal', () => {
    const plan = merge(older, now({ title: 'Same' }, later), now({ title: 'Same' }), rules);
    expect(plan).toMatchObject({ toExchange: undefined, toSuperOffice: undefined, conflicts: [] });
    expect(plan.agreed.title).toBe(groupHashes(appointment({ ...base, title: 'Same' })).title);
  });

  it('decides a group that it does not name by the rule when the sides differ', () => {
    const plan = merge(older, now({ title: 'Theirs' }, later), now({ title: 'Ours' }, earlier), rules);
    expect(plan.conflicts).toEqual([{ group: 'title', rule: 'newer', winner: 'exchange', lost: 'Ours' }]);
  });

  it('keeps a group that this release does not know', () => {
    const plan = merge({ ...agreed, mood: 'x1' }, now({ title: 'New' }), now(), rules);
    expect(plan.agreed.mood).toBe('x1');
  });
});

describe('the common form', () => {
  it('of every kind is the same after a trip to the other side', () => {
    fc.assert(
      fc.property(pairs, fc.constantFrom('exchange', 'superoffice'), ({ kind, three: [content] }, side) => {
        const made = counterpart({ kind, content }, side, 'Europe/Oslo');
        expect(groupHashes({ kind, content: made })).toEqual(groupHashes({ kind, content }));
      }),
    );
  });

  it('sees the same text in HTML and in plain text', () => {
    const html = '<html><body><p>Ærø &amp; &lt;b&gt; 🙂</p>\r\n<p>Second<br>line</p></body></html>';
    const plain = 'Ærø & <b> 🙂\nSecond\nline';
    const hash = (format: 'html' | 'plain', content: string) =>
      groupHashes(appointment({ ...base, text: { format, content } })).text;
    expect(hash('html', html)).toBe(hash('plain', plain));
  });

  it('tells own writes by everything that was written', () => {
    expect(contentHash(appointment(base))).toBe(contentHash(appointment({ ...base })));
    expect(contentHash(appointment(base))).not.toBe(contentHash(appointment({ ...base, busy: 'busy' })));
  });

  it('of an appointment is hashed as the first release did, whose hashes are stored', () => {
    expect(groupHashes(appointment(base))).toEqual(firstRelease.groups);
    expect(contentHash(appointment(base))).toBe(firstRelease.content);
  });

  it('is there for every declared group of every kind', () => {
    for (const kind of itemKinds) expect(Object.keys(kindOf(kind).groups)).toEqual(groupsOf(kind));
  });
});
